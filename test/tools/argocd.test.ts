import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/build.ts';
import { isReason } from '../../src/api/reasons/index.ts';
import { at, isMap, readCrds } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import { recordedStates, type Recorded } from '../gitops/recorded.ts';
import { runLua } from './lua.ts';

const data = at(parse(readFileSync(join(ROOT, 'deploy/argocd/argocd-cm.yaml'), 'utf8')), 'data');

function healthScript(kind: string): string {
  const script = at(data, `resource.customizations.health.dr.maestro.io_${kind}`);
  assert.equal(typeof script, 'string', kind);
  return String(script);
}

interface Actions {
  readonly discovery: string;
  readonly scripts: Readonly<Record<string, string>>;
}

function actionsOf(kind: string): Actions | undefined {
  const text = at(data, `resource.customizations.actions.dr.maestro.io_${kind}`);
  if (typeof text !== 'string') return undefined;
  const read: unknown = parse(text);
  const definitions = at(read, 'definitions');
  const named = (Array.isArray(definitions) ? definitions.filter(isMap) : []).map((definition) => [
    String(definition['name']),
    String(definition['action.lua']),
  ]);
  return {
    discovery: String(at(read, 'discovery.lua')),
    scripts: Object.fromEntries(named) as Readonly<Record<string, string>>,
  };
}

const kindOf = (object: Wire): string => String(object['kind']);

describe('Argo CD', () => {
  let states: readonly Recorded[] = [];
  before(async () => {
    states = await recordedStates();
    assert.ok(states.length > 30);
  });

  it('has a health for each kind', () => {
    for (const kind of readCrds().keys()) assert.notEqual(healthScript(kind), '');
  });

  it('shows each object in each of its states as it is', () => {
    const told = runLua(states.map(({ object }) => ({ script: healthScript(kindOf(object)), obj: object })));
    assert.deepEqual(
      states.map(({ name }, index) => [name, at(told[index], 'status')]),
      states.map(({ name, health }) => [name, health]),
    );
    for (const [index, { name, says }] of states.entries()) {
      assert.match(String(at(told[index], 'message')), says, name);
    }
  });

  it('knows the reasons by which it tells one state from another', () => {
    const script = healthScript('DisasterRecoveryPlan');
    const named = [...script.matchAll(/\b(\w+) = true|reason == "(\w+)"/g)].map(([, one, other]) => one ?? other ?? '');
    assert.ok(named.length > 8);
    assert.deepEqual(
      named.filter((reason) => !isReason(reason)),
      [],
    );
  });

  it('says something of an object without a status, and of one whose version was not looked at', () => {
    for (const { name, object } of states) {
      const { status: _gone, ...bare } = object;
      const metadata = object['metadata'] as Wire;
      const newer = { ...object, metadata: { ...metadata, generation: Number(metadata['generation']) + 1 } };
      const script = healthScript(kindOf(object));
      for (const told of runLua([bare, newer].map((obj) => ({ script, obj })))) {
        assert.equal(at(told, 'status'), 'Progressing', name);
        assert.match(String(at(told, 'message')), /has not looked at this version/);
      }
    }
  });

  it('offers what can be done in each state, and nothing that takes a person’s word', () => {
    for (const { name, object, actions } of states) {
      const known = actionsOf(kindOf(object));
      if (known === undefined) {
        assert.deepEqual(actions, [], name);
        continue;
      }
      const [offered] = runLua([{ script: known.discovery, obj: object }]);
      const open = Object.entries(isMap(offered) ? offered : {}).filter(([, one]) => at(one, 'disabled') === false);
      assert.deepEqual(open.map(([action]) => action).sort(), [...actions].sort(), name);
      assert.deepEqual(Object.keys(isMap(offered) ? offered : {}).sort(), Object.keys(known.scripts).sort());
      const words = Object.keys(known.scripts).join(' ');
      assert.doesNotMatch(words, /approve|attest|accept|skip|takeover/);
    }
  });

  it('changes with each action the one field that it is for', () => {
    const changed = (name: string, action: string): readonly (readonly [string, unknown])[] => {
      const state = states.find((one) => one.name === name);
      assert.ok(state !== undefined, name);
      const script = actionsOf(kindOf(state.object))?.scripts[action];
      assert.ok(script !== undefined, action);
      const [after] = runLua([{ script, obj: state.object }]);
      return differences(state.object, after);
    };
    assert.deepEqual(changed('plan, at rest', 'failover'), [['spec.activeRegion', 'us-west-2']]);
    assert.deepEqual(changed('plan, moved', 'failover'), [['spec.activeRegion', 'us-east-1']]);
    assert.deepEqual(changed('run, looking', 'pause'), [['spec.desiredState', 'Paused']]);
    assert.deepEqual(changed('run, paused', 'resume'), [['spec.desiredState', 'Running']]);
    assert.deepEqual(changed('run, waiting for approval', 'abort'), [['spec.desiredState', 'Aborted']]);
  });
});

/** An empty table is an empty list: Argo CD puts back what it was (`cleanReturnedObj`). */
function differences(before: unknown, after: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (Array.isArray(after) && after.length === 0 && isMap(before)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item: unknown, index) => differences(item, after[index], `${path}[${String(index)}]`));
  }
  if (isMap(before) && isMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  return before === after ? [] : [[path, after]];
}
