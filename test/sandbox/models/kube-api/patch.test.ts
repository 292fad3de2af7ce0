import assert from 'node:assert/strict';
import { ApiError } from '../../../../src/sandbox/models/kube-api/api-error.ts';
import { jsonPatch } from '../../../../src/sandbox/models/kube-api/json-patch.ts';
import { mergePatch } from '../../../../src/sandbox/models/kube-api/merge-patch.ts';
import { strategicMergePatch } from '../../../../src/sandbox/models/kube-api/strategic-merge-patch.ts';
import { at } from '../../../../src/sandbox/models/kube-api/json.ts';
import { DEPLOYMENTS, deployment, fixture, widget, WIDGETS, withWidgets } from './fixture.ts';

describe('kube-api: merge patch', () => {
  // RFC 7396, appendix A.
  const table = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ] as const;
  for (const [target, patch, expected] of table) {
    it(`${JSON.stringify(target)} + ${JSON.stringify(patch)}`, () => {
      assert.deepEqual(mergePatch(target, patch), expected);
    });
  }

  it('shares what it leaves alone', () => {
    const target = { a: { b: 1 }, c: { d: 2 } };
    assert.equal(at(mergePatch(target, { a: { b: 2 } }), 'c'), target.c);
  });
});

describe('kube-api: JSON patch', () => {
  it('adds, replaces, removes, moves, copies and tests', () => {
    const patched = jsonPatch({ list: [1, 2], a: { b: 1 }, 'x/y': 1 }, [
      { op: 'test', path: '/a/b', value: 1 },
      { op: 'add', path: '/list/1', value: 9 },
      { op: 'add', path: '/list/-', value: 3 },
      { op: 'replace', path: '/a/b', value: 2 },
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'move', from: '/list', path: '/moved' },
      { op: 'remove', path: '/x~1y' },
    ]);
    assert.deepEqual(patched, { a: { b: 2 }, c: { b: 2 }, moved: [1, 9, 2, 3] });
  });

  it('refuses a failed test and a missing path with 422, nonsense with 400', () => {
    const code = (patch: Parameters<typeof jsonPatch>[1]): number => {
      try {
        jsonPatch({ a: 1 }, patch);
      } catch (error) {
        assert.ok(error instanceof ApiError);
        return error.code;
      }
      return 200;
    };
    assert.equal(code([{ op: 'test', path: '/a', value: 2 }]), 422);
    assert.equal(code([{ op: 'remove', path: '/b' }]), 422);
    assert.equal(code([{ op: 'replace', path: '/b/c', value: 1 }]), 422);
    assert.equal(code([{ op: 'frobnicate', path: '/a' }]), 400);
    assert.equal(code({ a: 1 }), 400);
  });

  it('guards a write by its test', () => {
    const { ok, call } = withWidgets();
    ok('POST', WIDGETS, widget('one'));
    const media = { 'content-type': 'application/json-patch+json' };
    const guarded = (size: number) => [
      { op: 'test', path: '/spec/size', value: size },
      { op: 'replace', path: '/spec/size', value: size + 1 },
    ];
    ok('PATCH', `${WIDGETS}/one`, guarded(3), media);
    assert.equal(call('PATCH', `${WIDGETS}/one`, guarded(3), media).status, 422);
    assert.equal(at(ok('GET', `${WIDGETS}/one`), 'spec', 'size'), 4);
  });
});

describe('kube-api: strategic merge patch', () => {
  it('merges lists by their keys', () => {
    const target = {
      containers: [
        { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'b:1' },
      ],
    };
    const patched = strategicMergePatch(target, {
      containers: [
        { name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }] },
        { name: 'c', image: 'c:1' },
      ],
    });
    assert.deepEqual(patched, {
      containers: [
        {
          name: 'a',
          image: 'a:2',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
        { name: 'b', image: 'b:1' },
        { name: 'c', image: 'c:1' },
      ],
    });
  });

  it('obeys its directives', () => {
    const target = {
      env: [{ name: 'X' }, { name: 'Y' }],
      args: ['a', 'b'],
      finalizers: ['f', 'g'],
      strategy: { type: 'A', rollingUpdate: {} },
    };
    const patched = strategicMergePatch(target, {
      env: [{ $patch: 'delete', name: 'X' }, { name: 'Z' }],
      '$setElementOrder/env': [{ name: 'Z' }, { name: 'Y' }],
      args: ['c'],
      '$deleteFromPrimitiveList/finalizers': ['f'],
      strategy: { $retainKeys: ['type'], type: 'Recreate' },
    });
    assert.deepEqual(patched, {
      env: [{ name: 'Z' }, { name: 'Y' }],
      args: ['c'],
      finalizers: ['g'],
      strategy: { type: 'Recreate' },
    });
    assert.deepEqual(strategicMergePatch({ a: { b: 1 } }, { a: { $patch: 'replace', c: 2 } }), { a: { c: 2 } });
    assert.deepEqual(strategicMergePatch({ a: { b: 1 } }, { a: null }), {});
  });

  it('serves Deployments, and refuses custom resources with 415', () => {
    const { ok, call } = withWidgets();
    ok('POST', DEPLOYMENTS, deployment('api', 1));
    ok('POST', WIDGETS, widget('one'));
    const media = { 'content-type': 'application/strategic-merge-patch+json' };
    const template = { spec: { containers: [{ name: 'main', env: [{ name: 'A', value: 'b' }] }] } };
    const patched = ok('PATCH', `${DEPLOYMENTS}/api`, { spec: { template } }, media);
    assert.equal(at(patched, 'spec', 'template', 'spec', 'containers', 0, 'image'), 'shop:1');
    assert.equal(at(patched, 'spec', 'template', 'spec', 'containers', 0, 'env', 0, 'value'), 'b');
    assert.equal(call('PATCH', `${WIDGETS}/one`, { spec: { size: 4 } }, media).status, 415);
    assert.equal(call('PATCH', `${WIDGETS}/one`, {}, { 'content-type': 'application/apply-patch+yaml' }).status, 415);
  });

  it('refuses an item without its key', () => {
    const { ok, call } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 1));
    const media = { 'content-type': 'application/strategic-merge-patch+json' };
    const template = { spec: { containers: [{ image: 'x' }] } };
    assert.equal(call('PATCH', `${DEPLOYMENTS}/api`, { spec: { template } }, media).status, 400);
  });
});
