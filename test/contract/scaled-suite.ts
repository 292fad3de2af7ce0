import assert from 'node:assert/strict';
import type { WorkloadState } from '../../src/drivers/workloads/driver.ts';
import { POD_FAULT_ANNOTATION, type JsonObject, type PodFault } from '../../src/sandbox/models/kube-api/index.ts';
import { stringAt } from '../../src/sandbox/models/kube-api/json.ts';
import { NAMESPACE } from './workload-bench.ts';
import type { Stand } from './workload-suite.ts';

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const QUOTAS = `/api/v1/namespaces/${NAMESPACE}/resourcequotas`;

type Seen = Extract<WorkloadState, { exists: true }>;
const kindsOf = (seen: Seen): readonly string[] => seen.obstacles.map(({ kind }) => kind);

function assertSettled({ ready, settled, obstacles }: Seen, replicas: number): void {
  assert.deepEqual({ ready, settled, obstacles }, { ready: replicas, settled: true, obstacles: [] });
}

/** What holds of Deployments and StatefulSets alone: they have pods, and trouble with them. */
export function withPods(s: Stand): void {
  counting(s);
  obstacles(s);
}

function counting(s: Stand): void {
  const { b } = s;
  describe('counting pods', () => {
    it('a status that lags its spec counts as zero', async () => {
      await s.make(2);
      const isSettled = async (): Promise<void> => assert.equal((await s.state()).settled, true);
      await b.world.within(10_000, isSettled);
      const release = await b.world.controllersRest();
      try {
        await b.world.put('PATCH', `${s.collection}/api`, s.resize(4));
        const { wanted, ready, settled } = await s.state();
        assert.deepEqual({ wanted, ready, settled }, { wanted: 4, ready: 0, settled: false });
      } finally {
        await release();
      }
      await b.world.within(10_000, isSettled);
    });

    it('terminating ones count until they are gone: zero means quiesced', async () => {
      await s.make(1);
      await b.world.within(5_000, async () => assert.equal((await s.state()).ready, 1));
      const release = await b.world.podsLinger();
      await b.world.put('PATCH', `${s.collection}/api`, s.resize(0));
      assert.equal((await s.state()).pods, 1);
      await b.world.within(50, async () => {
        const [pod] = await b.world.list(PODS);
        assert.ok(stringAt(pod, 'metadata', 'deletionTimestamp') !== undefined, 'it is going');
        const going = await s.state();
        assert.deepEqual([going.wanted, going.pods], [0, 1]);
      });
      await release();
      await b.world.within(5_000, async () => assert.equal((await s.state()).pods, 0));
    });

    it('those that have ended, and those of others, do not count', async () => {
      await s.make(0);
      const pod = (name: string, labels: JsonObject): JsonObject => ({
        apiVersion: 'v1',
        kind: 'Pod',
        // Nobody but the test says how they are.
        metadata: { name, labels, annotations: { [POD_FAULT_ANNOTATION]: 'NeverReady' } },
        spec: { containers: [{ name: 'main', image: 'x' }] },
      });
      await b.world.put('POST', PODS, pod('evicted', { app: 'api', tier: 'web' }));
      await b.world.put('POST', PODS, pod('batch', { app: 'api', tier: 'batch' }));
      await b.world.within(5_000, async () => assert.equal((await s.state()).pods, 1));
      await b.world.put('PATCH', `${PODS}/evicted/status`, { status: { phase: 'Failed', reason: 'Evicted' } });
      assert.equal((await s.state()).pods, 0);
    });
  });
}

function obstacles(s: Stand): void {
  const { b } = s;
  describe('what is more than "not yet"', () => {
    const faulty = async (fault: PodFault, holds: (seen: Seen) => void): Promise<void> => {
      await s.make(2, { [POD_FAULT_ANNOTATION]: fault });
      await b.world.within(20_000, async () => holds(await s.state()));
    };
    const cases = [
      ['ImagePullBackOff', 'ImagePull', /ImagePull.*registry\.example\/shop:1/],
      ['CrashLoopBackOff', 'CrashLoop', /CrashLoopBackOff: back-off .* restarting failed container/],
      ['Unschedulable', 'Unschedulable', /^Unschedulable: .*nodes are available/],
    ] as const;
    for (const [fault, kind, words] of cases) {
      it(`${fault} is quoted`, async () => {
        await faulty(fault, (seen) => {
          assert.deepEqual([seen.ready, seen.settled], [0, false]);
          assert.deepEqual([...new Set(seen.obstacles.map((one) => one.kind))], [kind]);
          assert.match(seen.obstacles[0]?.message ?? '', words);
        });
      });
    }

    it('a quota is quoted', async () => {
      await b.world.put('POST', QUOTAS, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'small' },
        spec: { hard: { pods: '1' } },
      });
      await b.world.quotaCounts(`${QUOTAS}/small`);
      await s.make(3);
      await b.world.within(5_000, async () => {
        const seen = await s.state();
        assert.equal(seen.settled, false);
        assert.deepEqual(kindsOf(seen), ['Quota']);
        assert.match(seen.obstacles[0]?.message ?? '', /exceeded quota: small/);
      });
    });

    it('a pod that merely takes its time is none', async () => {
      await faulty('NeverReady', (seen) => {
        assert.deepEqual([seen.ready, seen.settled, seen.obstacles], [0, false, []]);
        assert.ok(seen.pods > 0);
      });
    });
  });
}

/** What a StatefulSet has beyond a Deployment: an order, volumes of its own, and updates that a person may hold back. */
export function ordered(s: Stand): void {
  const { b } = s;
  const withVolume = (storageClassName: string): JsonObject => {
    const object = s.object(2);
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '1Gi' } } },
    };
    return { ...object, spec: { ...(object['spec'] as JsonObject), volumeClaimTemplates: [claim] } };
  };
  describe('pods in their order', () => {
    it('is ready when the last one is', async () => {
      await s.make(3);
      await b.world.within(10_000, async () => assertSettled(await s.state(), 3));
    });

    it('the next is made when the one before is ready, and that is no obstacle', async () => {
      // Only the test makes them ready: where nothing holds them back all three are before anybody looks.
      await s.make(3, { [POD_FAULT_ANNOTATION]: 'NeverReady' });
      const isGoing = async (pods: number, ready: number): Promise<void> =>
        await b.world.within(10_000, async () => {
          const going = await s.state();
          const seen = [going.wanted, going.pods, going.ready, going.settled, going.obstacles];
          assert.deepEqual(seen, [3, pods, ready, false, []]);
        });
      await isGoing(1, 0);
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
      await b.world.put('PATCH', `${PODS}/api-0/status`, { status: { phase: 'Running', conditions } });
      await isGoing(2, 1);
    });

    it('a volume that cannot be made is quoted, with why', async () => {
      await b.world.put('POST', s.collection, withVolume('fast'));
      await b.world.within(5_000, async () => {
        const seen = await s.state();
        assert.deepEqual([seen.ready, seen.settled], [0, false]);
        assert.deepEqual(kindsOf(seen), ['Unschedulable', 'Volume']);
        const [unschedulable, volume] = seen.obstacles;
        assert.match(unschedulable?.message ?? '', /unbound immediate PersistentVolumeClaims/);
        const missing = /^ProvisioningFailed: data-api-0: storageclass.storage.k8s.io "fast" not found/;
        assert.match(volume?.message ?? '', missing);
      });
    });

    it('volumes that are there are no obstacle', async () => {
      await b.world.put('POST', s.collection, withVolume('standard'));
      await b.world.within(10_000, async () => assertSettled(await s.state(), 2));
    });

    it('without the right to read events it is seen all the same, without the words', async () => {
      await b.restart(({ resource }) => (resource === 'events' ? 'no such right' : undefined));
      await b.world.put('POST', s.collection, withVolume('fast'));
      await b.world.within(5_000, async () => assert.deepEqual(kindsOf(await s.state()), ['Unschedulable']));
    });

    it('a refusal that was overcome is not told again', async () => {
      const hard = (pods: string): JsonObject => ({ spec: { hard: { pods } } });
      await b.world.put('POST', QUOTAS, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'small' },
        ...hard('0'),
      });
      await b.world.quotaCounts(`${QUOTAS}/small`);
      await s.make(2, { [POD_FAULT_ANNOTATION]: 'NeverReady' });
      await b.world.within(5_000, async () => assert.deepEqual(kindsOf(await s.state()), ['Quota']));
      await b.world.put('PATCH', `${QUOTAS}/small`, hard('5'));
      await b.world.within(5_000, async () => {
        const seen = await s.state();
        assert.deepEqual([seen.pods, seen.obstacles], [1, []], 'one was made, and takes its time');
      });
    });

    it('an update that is held back by a person does not unsettle it', async () => {
      const object = s.object(2);
      const held = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
      const spec = object['spec'] as JsonObject;
      await b.world.put('POST', s.collection, { ...object, spec: { ...spec, updateStrategy: held } });
      await b.world.within(10_000, async () => assertSettled(await s.state(), 2));
      const containers = [{ name: 'main', image: 'registry.example/shop:2' }];
      await b.world.put('PATCH', `${s.collection}/api`, { spec: { template: { spec: { containers } } } });
      await b.world.within(10_000, async () => assertSettled(await s.state(), 2));
    });
  });
}
