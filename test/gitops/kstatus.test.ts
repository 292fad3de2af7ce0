import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import type { UnknownWhy } from '../../src/api/fact.ts';
import { runPhases } from '../../src/api/vocabulary.ts';
import { at, isMap } from '../crds/crds.ts';
import { kstatusOf } from './kstatus.ts';
import { recordedStates, type Recorded } from './recorded.ts';

const unknownReasons = Object.keys({
  Unreachable: true,
  Forbidden: true,
  Throttled: true,
  Timeout: true,
  Malformed: true,
  NotAsked: true,
} satisfies Readonly<Record<UnknownWhy, true>>);

describe('what kubectl, Flux and Argo CD wait for', function () {
  this.timeout(120_000);
  let states: readonly Recorded[] = [];
  before(async () => {
    states = await recordedStates();
  });

  it('is told by each object in each of its states, as kstatus reads it', () => {
    const told = states.map(({ name, object }) => [name, kstatusOf(object)]);
    assert.deepEqual(
      told,
      states.map(({ name, kstatus }) => [name, kstatus]),
    );
  });

  it('covers the phases of a Run that the program gives one', () => {
    const seen = new Set(states.map(({ object }) => at(object, 'status', 'phase')));
    // Nothing in this version ends a Run as Failed.
    const unreached = ['Failed'];
    assert.deepEqual(
      runPhases.filter((phase) => !seen.has(phase) && !unreached.includes(phase)),
      [],
    );
  });

  it('covers every reason that a plan gives for being Ready or not', () => {
    const seen = reasonsOf(states, 'DisasterRecoveryPlan', 'Ready');
    const given = wordsIn('src/decide/plan', /(?:\bno\(|reason: |\b(?:elsewhere|unseen) = )'([A-Z]\w+)'/g);
    assert.ok(given.size > 20, [...given].join());
    // Those of the plan's other conditions, and of the Events.
    const others = [
      'Accepted',
      'FenceNotProven',
      'Halted',
      'IdentityInUse',
      'LagAboveObjective',
      'LagUnknown',
      'LiveTTLAbovePlan',
      'NotStreaming',
      'OperatorColocated',
      'RegionRefused',
      'ReplicasUnknown',
      'RightsMissing',
      'RunStarted',
      'StandbyUnknown',
      'Streaming',
      'WithinObjective',
    ];
    assert.deepEqual(
      [...seen].filter((reason) => others.includes(reason)),
      [],
    );
    assert.deepEqual([...given].filter((reason) => !seen.has(reason) && !others.includes(reason)).sort(), []);
  });

  it('covers every reason that a Region gives for being reachable or not, and for being refused', () => {
    const seen = new Set([
      ...reasonsOf(states, 'DisasterRecoveryRegion', 'Reachable'),
      ...reasonsOf(states, 'DisasterRecoveryRegion', 'Accepted'),
    ]);
    const wanted = [...unknownReasons, ...wordsIn('src/decide/region-status.ts', /'([A-Z]\w+)'/g)];
    // Types and states, which that file names too.
    const others = ['Reachable', 'Stalled', 'Reconciling', 'True', 'False', 'Unknown'];
    assert.deepEqual(
      wanted.filter((reason) => !seen.has(reason) && !others.includes(reason)),
      [],
    );
  });
});

function reasonsOf(states: readonly Recorded[], kind: string, type: string): Set<string> {
  return new Set(
    states.flatMap(({ object }) => {
      const conditions = object['kind'] === kind ? at(object, 'status', 'conditions') : undefined;
      return (Array.isArray(conditions) ? conditions.filter(isMap) : []).flatMap((one) =>
        one['type'] === type ? [String(one['reason'])] : [],
      );
    }),
  );
}

function wordsIn(path: string, pattern: RegExp): Set<string> {
  const whole = join(ROOT, path);
  const files = path.endsWith('.ts') ? [whole] : readdirSync(whole).map((name) => join(whole, name));
  return new Set(
    files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, word = '']) => word)),
  );
}
