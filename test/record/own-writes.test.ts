import assert from 'node:assert/strict';
import type { KubeObject } from '../../src/kube/object.ts';
import { createOwnWrites } from '../../src/record/own-writes.ts';

const key = 'run/payments/checkout-7';
const version = (resourceVersion: string, uid = 'u'): KubeObject => ({
  apiVersion: 'dr.maestro.io/v1alpha1',
  kind: 'DisasterRecoveryRun',
  metadata: { name: 'checkout-7', namespace: 'payments', uid, resourceVersion },
});

describe('the newest that is known of an object', () => {
  it('is our own write until the cache shows another', () => {
    const own = createOwnWrites();
    own.wrote(key, '1', version('2'));
    own.wrote(key, '2', version('3'));
    assert.deepEqual(
      ['1', '2'].map((seen) => own.newest(key, version(seen))),
      [version('3'), version('3')],
    );
    assert.deepEqual(own.newest(key, version('4')), version('4'));
    assert.deepEqual(own.newest(key, version('1')), version('1'), 'and is forgotten then');
  });

  it('is what was read past the cache, also where that shows nothing', () => {
    const own = createOwnWrites();
    own.read(key, undefined, version('2'));
    assert.deepEqual(own.newest(key, undefined), version('2'));
    own.wrote(key, '2', version('3'));
    assert.deepEqual(own.newest(key, undefined), version('3'));
    own.gone(key, version('3'));
    assert.equal(own.newest(key, undefined), undefined);
  });

  it('is none where the API server itself knows of none, until the cache has heard of it or shows another', () => {
    const own = createOwnWrites();
    own.wrote(key, '1', version('2'));
    own.gone(key, version('2'));
    assert.deepEqual(
      ['1', '2'].map((seen) => own.newest(key, version(seen))),
      [undefined, undefined],
    );
    assert.deepEqual(own.newest(key, version('3', 'another')), version('3', 'another'));
    own.gone(key, version('3', 'another'));
    assert.equal(own.newest(key, undefined), undefined);
    assert.deepEqual(own.newest(key, version('3', 'another')), version('3', 'another'), 'and is forgotten then');
  });

  it('is one made anew under its name, once that was read', () => {
    const own = createOwnWrites();
    own.wrote(key, '1', version('2'));
    own.read(key, version('2'), version('5', 'another'));
    assert.deepEqual(own.newest(key, version('1')), version('5', 'another'));
  });

  it('is no write of another life that had the same version, as after a restore', () => {
    const own = createOwnWrites();
    own.wrote(key, '1', version('2'));
    assert.deepEqual(own.newest(key, version('1', 'another')), version('1', 'another'));
  });

  it('is the cache’s that was deleted since', () => {
    const own = createOwnWrites();
    own.wrote(key, '1', version('2'));
    assert.equal(own.newest(key, undefined), undefined);
  });
});
