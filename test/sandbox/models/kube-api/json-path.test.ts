import assert from 'node:assert/strict';
import { keysOf, parseJsonPath, selectByPath } from '../../../../src/sandbox/models/kube-api/json-path.ts';

const OBJECT = {
  spec: { size: 3, 'a.b': 'dotted', list: ['x', 'y'] },
  status: {
    conditions: [
      { type: 'Accepted', status: 'False' },
      { type: 'Ready', status: 'True', count: 2 },
    ],
  },
};

describe('kube-api: JSONPath of printer columns', () => {
  const table: readonly (readonly [string, readonly unknown[]])[] = [
    ['.spec.size', [3]],
    ['spec.size', [3]],
    ['.spec.nothing.at.all', []],
    [".spec['a.b']", ['dotted']],
    ['.spec.a\\.b', ['dotted']],
    ['.spec.list[1]', ['y']],
    ['.spec.list[-1]', ['y']],
    ['.spec.list[*]', ['x', 'y']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type == 'Ready')].status", ['True']],
    ['.status.conditions[?(@.type!="Ready")].type', ['Accepted']],
    ['.status.conditions[?(@.count==2)].type', ['Ready']],
    ['.status.conditions[*].type', ['Accepted', 'Ready']],
  ];
  for (const [path, expected] of table) {
    it(path, () => {
      assert.deepEqual(selectByPath(OBJECT, parseJsonPath(path)), expected);
    });
  }

  it('refuses what it cannot read, rather than showing nothing', () => {
    assert.throws(() => parseJsonPath('.a..b'), /unsupported JSONPath/);
    assert.throws(() => parseJsonPath('.a[?(@.b>3)]'), /unsupported JSONPath/);
  });

  it('gives the keys of a scale path', () => {
    assert.deepEqual(keysOf('.spec.replicas'), ['spec', 'replicas']);
  });
});
