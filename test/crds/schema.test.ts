import assert from 'node:assert/strict';
import { durationMaxLength, durationPattern } from '../../src/api/duration.ts';
import { bounds } from '../../src/api/bounds.ts';
import { rtoMilestones } from '../../src/api/rto-segments.ts';
import * as words from '../../src/api/vocabulary.ts';
import { at, isMap, readCrds, visit, type CrdFile } from './crds.ts';
import type { Wire } from './objects.ts';

const crds = readCrds();

/** Each schema of a CRD with its path, the metadata aside: that is Kubernetes' own. */
function schemas(crd: CrdFile): readonly { readonly path: string; readonly schema: Wire }[] {
  const found: { path: string; schema: Wire }[] = [];
  visit(crd.schema, '', (schema, path) => {
    if (!/^(metadata|apiVersion|kind)\b/.test(path)) found.push({ path, schema });
  });
  return found;
}

function schemaAt(kind: string, path: string): Wire {
  const crd = crds.get(kind);
  assert.ok(crd !== undefined, kind);
  const found = schemas(crd).find((one) => one.path === path);
  assert.ok(found !== undefined, `${kind} has no ${path}`);
  return found.schema;
}

const keywords = new Set([
  ...['type', 'description', 'properties', 'additionalProperties', 'items', 'required', 'default', 'enum', 'format'],
  ...[
    'pattern',
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
    'minimum',
    'maximum',
  ],
  ...['list-type', 'list-map-keys', 'validations', 'preserve-unknown-fields'].map((key) => `x-kubernetes-${key}`),
]);

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

for (const [kind, crd] of crds) {
  describe(`the schema of ${kind}`, () => {
    it('bounds every list, map and text: CEL’s cost is estimated from them, and etcd’s limit is near', () => {
      const unbounded = schemas(crd).filter(({ schema }) => {
        if (schema['type'] === 'array') return typeof schema['maxItems'] !== 'number';
        if (isMap(schema['additionalProperties'])) return typeof schema['maxProperties'] !== 'number';
        if (schema['type'] !== 'string') return false;
        return (
          typeof schema['maxLength'] !== 'number' && schema['enum'] === undefined && schema['format'] === undefined
        );
      });
      assert.deepEqual(
        unbounded.map(({ path }) => path),
        [],
      );
    });

    it('says of every list how its entries are told apart, by keys that each entry has', () => {
      for (const { path, schema } of schemas(crd)) {
        if (schema['type'] !== 'array') continue;
        const type = schema['x-kubernetes-list-type'];
        assert.ok(type === 'map' || type === 'set' || type === 'atomic', `${path} has no list type`);
        if (type !== 'map') continue;
        const required = strings(at(schema, 'items', 'required'));
        for (const key of strings(schema['x-kubernetes-list-map-keys'])) {
          assert.ok(required.includes(key), `${path}: ${key} is a key and not required`);
        }
      }
    });

    it('uses the keywords of a structural schema alone: a comma in a description makes a new one', () => {
      for (const { path, schema } of schemas(crd)) {
        const strange = Object.keys(schema).filter((key) => !keywords.has(key));
        assert.deepEqual(strange, [], path);
      }
    });

    it('requires only fields that it has, and has no field without a type', () => {
      for (const { path, schema } of schemas(crd)) {
        assert.equal(typeof schema['type'], 'string', `${path} has no type`);
        for (const key of strings(schema['required'])) {
          assert.ok(isMap(at(schema, 'properties', key)), `${path} requires ${key}, and does not have it`);
        }
      }
    });

    it('gives every rule a message, and a path that exists and indexes no list', () => {
      for (const { path, schema } of schemas(crd)) {
        const rules: readonly unknown[] = Array.isArray(schema['x-kubernetes-validations'])
          ? schema['x-kubernetes-validations']
          : [];
        for (const rule of rules) {
          const text = String(at(rule, 'rule'));
          const messages = [at(rule, 'message'), at(rule, 'messageExpression')].filter((one) => one !== undefined);
          assert.equal(messages.length, 1, `${path}: ${text}`);
          const fieldPath = at(rule, 'fieldPath');
          if (fieldPath === undefined) continue;
          assert.ok(typeof fieldPath === 'string');
          assert.match(fieldPath, /^(\.[a-zA-Z]+)+$/);
          const target = at(
            schema,
            ...fieldPath
              .split('.')
              .slice(1)
              .flatMap((key) => ['properties', key]),
          );
          assert.ok(isMap(target), `${path} has no ${fieldPath}`);
        }
      }
    });

    it('has one notion of a duration, that every default of one meets', () => {
      const durations = schemas(crd).filter(({ schema }) => String(schema['pattern']).includes('(h|m|s|ms)'));
      for (const { path, schema } of durations) {
        assert.equal(schema['pattern'], durationPattern, path);
        assert.equal(schema['maxLength'], durationMaxLength, path);
        const standard = schema['default'];
        if (typeof standard === 'string') assert.match(standard, new RegExp(durationPattern), path);
      }
    });

    it('has a status of its own, and nothing that scales it', () => {
      assert.deepEqual(crd.version['subresources'], { status: {} });
      assert.deepEqual(at(crd.object, 'spec', 'names', 'categories'), ['dr']);
      assert.equal(at(crd.schema, 'properties', 'status', 'default', 'observedGeneration'), -1);
    });
  });
}

describe('the columns', () => {
  const names = (kind: string): readonly unknown[] => {
    const columns = crds.get(kind)?.version['additionalPrinterColumns'];
    const shown: readonly unknown[] = Array.isArray(columns) ? columns : [];
    return shown.filter((column) => at(column, 'priority') === undefined).map((column) => at(column, 'name'));
  };

  it('are what a person needs first', () => {
    const run = ['From', 'To', 'Mode', 'Phase', 'Step', 'Waits-For', 'Since', 'RTO-Left'];
    assert.deepEqual(names('DisasterRecoveryRun'), run);
    assert.deepEqual(names('DisasterRecoveryPlan'), ['Active', 'Wanted', 'Ready', 'Protected', 'Lag', 'Run', 'Age']);
  });
});

describe('the words of the CRDs', () => {
  const run = 'DisasterRecoveryRun';
  const plan = 'DisasterRecoveryPlan';
  const step = 'status.steps[]';
  const enums: readonly (readonly [kind: string, path: string, words: readonly string[]])[] = [
    [plan, 'spec.objectives.clockStart', words.clockStarts],
    [plan, 'spec.failover.mode', words.modePolicies],
    [plan, 'spec.failover.approval', words.approvalPolicies],
    [plan, 'spec.failover.fencing', words.fencingPolicies],
    [plan, 'spec.databases[].postgresql.servers{}.sslMode', words.sslModes],
    [plan, 'spec.dependencyChecks[].http.method', words.httpMethods],
    [plan, 'spec.smokeTests[].http.method', words.httpMethods],
    [plan, 'status.lastRun.mode', words.modes],
    [plan, 'status.lastRun.phase', words.runPhases],
    [plan, 'status.lastRun.rpo.grade', words.rpoGrades],
    [plan, 'status.lastRun.segments[].milestone', rtoMilestones],
    [run, 'spec.type', words.runTypes],
    [run, 'spec.mode', words.modes],
    [run, 'spec.origin', words.origins],
    [run, 'spec.desiredState', words.desiredStates],
    [run, 'status.mode', words.modes],
    [run, 'status.phase', words.runPhases],
    [run, `${step}.kind`, words.stepKinds],
    [run, `${step}.phase`, words.stepPhases],
    [run, `${step}.state`, words.stepStates],
    [run, `${step}.effect`, words.effects],
    [run, `${step}.pretend`, words.pretences],
    [run, `${step}.intent.action`, words.intentActions],
    [run, `${step}.outcome.state`, words.outcomeStates],
    [run, 'status.recovery[].grade', words.rpoGrades],
  ];
  for (const [kind, path, known] of enums) {
    it(`are the program's at ${path} of ${kind}`, () => {
      assert.deepEqual(schemaAt(kind, path)['enum'], known);
    });
  }

  it('name the milestones that the program measures', () => {
    const properties = schemaAt(run, 'status.milestones')['properties'];
    assert.deepEqual(isMap(properties) ? Object.keys(properties) : [], words.milestoneNames);
  });

  it('bound a status where the program cuts it', () => {
    const limits: readonly (readonly [path: string, key: string, limit: number])[] = [
      ['status.message', 'maxLength', bounds.text],
      ['status.abort.message', 'maxLength', bounds.text],
      ['status.abort.reason', 'maxLength', bounds.reason],
      ['status.waitsFor', 'maxLength', bounds.reason],
      ['status.snapshot', 'maxLength', bounds.snapshot],
      ['status.steps', 'maxItems', bounds.steps],
      ['status.samples', 'maxItems', bounds.samples],
      ['status.words', 'maxItems', bounds.words],
      ['status.refusals', 'maxItems', bounds.refusals],
      ['status.refusals[].request', 'maxLength', bounds.request],
      ['status.refusals[].reason', 'maxLength', bounds.reason],
      ['status.refusals[].message', 'maxLength', bounds.text],
      ['status.recovery[].preservedAt', 'maxLength', bounds.text],
      ['status.recovery[].basis', 'maxLength', bounds.reason],
      [`${step}.waitsFor.reason`, 'maxLength', bounds.reason],
      [`${step}.waitsFor.message`, 'maxLength', bounds.text],
      [`${step}.waitsFor.next`, 'maxLength', bounds.next],
      [`${step}.waitsFor.evidence`, 'maxItems', bounds.evidence],
      [`${step}.waitsFor.evidence[].what`, 'maxLength', bounds.text],
      [`${step}.waitsFor.evidence[].value`, 'maxLength', bounds.evidenceValue],
      [`${step}.outcome.evidence`, 'maxItems', bounds.evidence],
      [`${step}.outcome.evidence[].what`, 'maxLength', bounds.text],
      [`${step}.outcome.evidence[].value`, 'maxLength', bounds.evidenceValue],
      [`${step}.intent.holder`, 'maxLength', bounds.holder],
      [`${step}.intent.token`, 'maxLength', bounds.token],
    ];
    for (const [path, key, limit] of limits) assert.equal(schemaAt(run, path)[key], limit, path);
  });
});
