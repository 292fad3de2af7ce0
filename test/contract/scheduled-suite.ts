import assert from 'node:assert/strict';
import { POD_FAULT_ANNOTATION, type JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { NAMESPACE, token } from './workload-bench.ts';
import type { Stand } from './workload-suite.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;

/** What holds of CronJobs alone: suspended they make no Jobs, and what runs is waited for. */
export function withJobs(s: Stand): void {
  const { b } = s;
  const jobs = async (): Promise<readonly JsonObject[]> => await b.world.list(JOBS);
  const itself = `${s.collection}/api`;
  const uidOf = (object: JsonObject | undefined): string => {
    const metadata = object?.['metadata'] as JsonObject | undefined;
    return typeof metadata?.['uid'] === 'string' ? metadata['uid'] : '';
  };
  const job = (name: string, owner?: string, spec: JsonObject = {}): JsonObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'api', uid: owner }] }),
    },
    spec: {
      ...spec,
      template: {
        metadata: { annotations: { [POD_FAULT_ANNOTATION]: 'NeverReady' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] },
      },
    },
  });

  describe('its Jobs', () => {
    it('suspended makes no more, and lets what runs end: none left means quiesced', async () => {
      await s.make(1);
      await b.world.due(itself, 1);
      await b.world.within(0, async () => assert.equal((await s.state()).pods, 1));
      assert.equal((await s.scale(0)).kind, 'Accepted');
      const going = await s.state();
      assert.deepEqual([going.wanted, going.pods], [0, 1]);
      await b.world.within(5_000, async () => {
        const { wanted, pods } = await s.state();
        assert.deepEqual({ wanted, pods }, { wanted: 0, pods: 0 });
      });
      const made = (await jobs()).length;
      await b.world.due(itself, 5);
      await b.world.pass(1_000);
      assert.equal((await jobs()).length, made);
    });

    it('that a person made from it by hand count, those of others do not, nor one that is suspended itself', async () => {
      await s.make(0);
      const uid = uidOf(await b.world.read(itself));
      await b.world.put('POST', JOBS, job('of-others'));
      await b.world.put('POST', JOBS, job('queued', uid, { suspend: true }));
      await b.world.pass(2_000);
      assert.equal((await s.state()).pods, 0);
      await b.world.put('POST', JOBS, job('by-hand', uid));
      assert.equal((await s.state()).pods, 1, 'before its first pod, too');
      await b.world.pass(2_000);
      assert.equal((await s.state()).pods, 1);
    });

    it('are not asked for while its schedule runs', async () => {
      await s.make(1);
      await s.look();
      const asked = await b.world.asked();
      assert.deepEqual(
        asked.filter(({ resource }) => resource === 'jobs'),
        [],
      );
    });

    it('says on the object itself which effect suspended it', async () => {
      await s.make(1);
      await s.scale(0);
      const metadata = (await b.world.read(itself))?.['metadata'] as JsonObject;
      assert.equal((metadata['annotations'] as JsonObject)['dr.maestro.io/token'], token.token);
    });
  });
}
