import assert from 'node:assert/strict';
import type { WorkloadState } from '../../src/drivers/workloads/driver.ts';
import type { JsonObject, PodFault } from '../../src/sandbox/models/kube-api/index.ts';
import { NAMESPACE } from './workload-bench.ts';
import type { Stand } from './workload-suite.ts';

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;

/** What holds of Deployments and StatefulSets alone: they have pods, and trouble with them. */
export function withPods(s: Stand): void {
  counting(s);
  obstacles(s);
}

function counting(s: Stand): void {
  const { b } = s;
  describe('counting pods', () => {
    it('a status that lags its spec counts as zero', async () => {
      s.make(2);
      b.world.pass(10_000);
      b.world.put('PATCH', `${s.collection}/api`, s.resize(4));
      const { wanted, ready, settled } = await s.state();
      assert.deepEqual({ wanted, ready, settled }, { wanted: 4, ready: 0, settled: false });
      b.world.pass(10_000);
      assert.equal((await s.state()).settled, true);
    });

    it('terminating ones count until they are gone: zero means quiesced', async () => {
      s.make(1);
      b.world.pass(5_000);
      b.world.put('PATCH', `${s.collection}/api`, s.resize(0));
      assert.equal((await s.state()).pods, 1);
      b.world.pass(50);
      const going = await s.state();
      assert.deepEqual([going.wanted, going.pods], [0, 1]);
      b.world.pass(5_000);
      assert.equal((await s.state()).pods, 0);
    });

    it('those that have ended, and those of others, do not count', async () => {
      s.make(0);
      const pod = (name: string, labels: JsonObject): JsonObject => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels },
        spec: { containers: [{ name: 'main', image: 'x' }] },
      });
      b.world.put('POST', PODS, pod('evicted', { app: 'api', tier: 'web' }));
      b.world.put('POST', PODS, pod('batch', { app: 'api', tier: 'batch' }));
      b.world.pass(5_000);
      assert.equal((await s.state()).pods, 1);
      b.world.put('PATCH', `${PODS}/evicted/status`, { status: { phase: 'Failed', reason: 'Evicted' } });
      assert.equal((await s.state()).pods, 0);
    });
  });
}

function obstacles(s: Stand): void {
  const { b } = s;
  describe('what is more than "not yet"', () => {
    const faulty = async (fault: PodFault): Promise<Extract<WorkloadState, { exists: true }>> => {
      s.make(2, { 'sandbox.maestro.io/fault': fault });
      b.world.pass(20_000);
      return await s.state();
    };
    const cases = [
      ['ImagePullBackOff', 'ImagePull', /ImagePull.*registry\.example\/shop:1/],
      ['CrashLoopBackOff', 'CrashLoop', /CrashLoopBackOff: back-off .* restarting failed container/],
      ['Unschedulable', 'Unschedulable', /^Unschedulable: .*nodes are available/],
    ] as const;
    for (const [fault, kind, words] of cases) {
      it(`${fault} is quoted`, async () => {
        const seen = await faulty(fault);
        assert.deepEqual([seen.ready, seen.settled], [0, false]);
        assert.deepEqual([...new Set(seen.obstacles.map((one) => one.kind))], [kind]);
        assert.match(seen.obstacles[0]?.message ?? '', words);
      });
    }

    it('a quota is quoted', async () => {
      b.world.put('POST', `/api/v1/namespaces/${NAMESPACE}/resourcequotas`, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'small' },
        spec: { hard: { pods: '1' } },
      });
      s.make(3);
      b.world.pass(5_000);
      const seen = await s.state();
      assert.equal(seen.settled, false);
      assert.deepEqual(
        seen.obstacles.map(({ kind }) => kind),
        ['Quota'],
      );
      assert.match(seen.obstacles[0]?.message ?? '', /exceeded quota: small/);
    });

    it('a pod that merely takes its time is none', async () => {
      const seen = await faulty('NeverReady');
      assert.deepEqual([seen.ready, seen.settled, seen.obstacles], [0, false, []]);
      assert.ok(seen.pods > 0);
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
      s.make(3);
      b.world.pass(1_500);
      const going = await s.state();
      assert.deepEqual([going.wanted, going.settled], [3, false]);
      assert.ok(going.pods < 3, 'the next is made when the one before is ready');
      assert.deepEqual(going.obstacles, [], 'and that is no obstacle');
      b.world.pass(10_000);
      assert.deepEqual([(await s.state()).ready, (await s.state()).settled], [3, true]);
    });

    it('a volume that cannot be made is quoted, with why', async () => {
      b.world.put('POST', s.collection, withVolume('fast'));
      b.world.pass(5_000);
      const seen = await s.state();
      assert.deepEqual([seen.ready, seen.settled], [0, false]);
      assert.deepEqual(
        seen.obstacles.map(({ kind }) => kind),
        ['Unschedulable', 'Volume'],
      );
      assert.match(seen.obstacles[0]?.message ?? '', /unbound immediate PersistentVolumeClaims/);
      assert.match(
        seen.obstacles[1]?.message ?? '',
        /^ProvisioningFailed: data-api-0: storageclass.storage.k8s.io "fast" not found/,
      );
    });

    it('volumes that are there are no obstacle', async () => {
      b.world.put('POST', s.collection, withVolume('standard'));
      b.world.pass(10_000);
      assert.deepEqual([(await s.state()).ready, (await s.state()).obstacles], [2, []]);
    });

    it('without the right to read events it is seen all the same, without the words', async () => {
      await b.restart(({ resource }) => (resource === 'events' ? 'no such right' : undefined));
      b.world.put('POST', s.collection, withVolume('fast'));
      b.world.pass(5_000);
      const seen = await s.state();
      assert.deepEqual(
        seen.obstacles.map(({ kind }) => kind),
        ['Unschedulable'],
      );
    });

    it('a refusal that was overcome is not told again', async () => {
      const quota = `/api/v1/namespaces/${NAMESPACE}/resourcequotas`;
      const hard = (pods: string): JsonObject => ({ spec: { hard: { pods } } });
      b.world.put('POST', quota, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'small' },
        ...hard('0'),
      });
      s.make(2, { 'sandbox.maestro.io/fault': 'NeverReady' });
      b.world.pass(5_000);
      assert.deepEqual(
        (await s.state()).obstacles.map(({ kind }) => kind),
        ['Quota'],
      );
      b.world.put('PATCH', `${quota}/small`, hard('5'));
      b.world.pass(5_000);
      const seen = await s.state();
      assert.deepEqual([seen.pods, seen.obstacles], [1, []], 'one was made, and takes its time');
    });

    it('an update that is held back by a person does not unsettle it', async () => {
      const object = s.object(2);
      const held = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
      const spec = object['spec'] as JsonObject;
      b.world.put('POST', s.collection, { ...object, spec: { ...spec, updateStrategy: held } });
      b.world.pass(10_000);
      const containers = [{ name: 'main', image: 'registry.example/shop:2' }];
      b.world.put('PATCH', `${s.collection}/api`, { spec: { template: { spec: { containers } } } });
      b.world.pass(10_000);
      assert.deepEqual([(await s.state()).ready, (await s.state()).settled], [2, true]);
    });
  });
}
