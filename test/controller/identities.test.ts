import assert from 'node:assert/strict';
import { createIdentities, type Identities } from '../../src/controller/identities.ts';
import { createCache, type Cache, type Change } from '../../src/kube/cache.ts';
import type { KubeObject } from '../../src/kube/object.ts';

interface Given {
  readonly at?: string;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly deleting?: boolean;
}

function plan(
  key: string,
  { at = '2026-03-01T03:00:00Z', spec = {}, status, deleting = false }: Given = {},
): KubeObject {
  const [namespace = '', name = ''] = key.split('/');
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryPlan',
    metadata: {
      namespace,
      name,
      uid: `uid of ${key} ${at}`,
      resourceVersion: '1',
      creationTimestamp: at,
      ...(deleting ? { deletionTimestamp: at } : {}),
    },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

const later = '2026-03-01T04:00:00Z';
const same = { identity: 'payments/checkout' };
const first = plan('payments/checkout');
const copy = plan('shop/copy', { at: later, spec: same });

/** What is kept of them, and whom each change wakes. */
function keeping(...plans: readonly KubeObject[]): {
  readonly cache: Cache;
  readonly identities: Identities;
  readonly note: (changes: readonly Change[]) => readonly string[];
} {
  const cache = createCache();
  const identities = createIdentities((key) => cache.get(key));
  const note = (changes: readonly Change[]) => changes.flatMap((change) => identities.note(change));
  for (const one of plans) note(cache.put(one));
  return { cache, identities, note };
}

describe('the identities of the cluster’s plans', () => {
  it('are kept by their plan where no other has the same', () => {
    const { identities } = keeping(first, plan('shop/checkout'), plan('payments/other', { spec: { identity: 'o' } }));
    assert.equal(identities.keptBy(first), undefined);
  });

  it('tell an explicit one from another plan’s default, in whichever order the two are seen', () => {
    for (const plans of [
      [first, copy],
      [copy, first],
    ]) {
      const { identities } = keeping(...plans);
      assert.equal(identities.keptBy(first), undefined);
      assert.equal(identities.keptBy(copy), 'payments/checkout');
    }
  });

  it('leave it to a copy that works where the older one does not, and to the older one where both do', () => {
    const working = { activeRegion: 'us-east-1' };
    const worn = plan('shop/copy', { at: later, spec: same, status: working });
    const started = plan('shop/copy', { at: later, spec: same, status: { currentRun: { name: 'copy-1', epoch: 1 } } });
    for (const one of [worn, started]) {
      assert.equal(keeping(first, one).identities.keptBy(first), 'shop/copy');
      assert.equal(keeping(first, one).identities.keptBy(one), undefined);
    }
    const both = plan('payments/checkout', { status: working });
    assert.equal(keeping(both, worn).identities.keptBy(worn), 'payments/checkout');
  });

  it('are a plan’s also while it is being deleted, or cannot be read', () => {
    for (const given of [{ deleting: true }, { spec: { databases: 'all of them' } }, { spec: { identity: 7 } }]) {
      const { identities } = keeping(plan('payments/checkout', given), copy);
      assert.equal(identities.keptBy(copy), 'payments/checkout');
    }
  });

  it('judge one that was read past the cache, and by its own version', () => {
    assert.equal(keeping(first).identities.keptBy(copy), 'payments/checkout');
    const old = plan('shop/copy', { at: '2026-01-01T00:00:00Z', spec: same });
    const { identities } = keeping(first, old);
    assert.equal(identities.keptBy(old), undefined);
    assert.equal(identities.keptBy(copy), 'payments/checkout');
  });

  it('wake the others when one comes or is gone, and nobody else, nor when only a status was written', () => {
    const { cache, identities, note } = keeping(first, plan('shop/other'));
    assert.deepEqual(note(cache.put(copy)), ['payments/checkout']);
    const written: KubeObject = { ...first, metadata: { ...first.metadata, resourceVersion: '2' }, status: {} };
    assert.deepEqual(note(cache.put(written)), []);
    assert.deepEqual(note(cache.drop(written)), ['shop/copy']);
    assert.equal(identities.keptBy(copy), undefined);
    assert.deepEqual(note(cache.drop(copy)), []);
    assert.deepEqual(note(cache.put(first)), []);
  });

  it('follow a plan that was made anew under its name with another identity', () => {
    const { cache, identities, note } = keeping(first, copy);
    const anew = plan('payments/checkout', { at: '2026-03-01T05:00:00Z', spec: { identity: 'payments/anew' } });
    assert.deepEqual(note(cache.put(anew)), ['shop/copy']);
    assert.equal(identities.keptBy(copy), undefined);
  });
});
