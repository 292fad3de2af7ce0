import assert from 'node:assert/strict';
import type { JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { NAMESPACE, token } from './workload-bench.ts';
import type { Stand } from './workload-suite.ts';

const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const MINUTE = 60_000;

/** What holds of CronJobs alone: suspended they make no Jobs, and what runs is waited for. */
export function withJobs(s: Stand): void {
  const { b } = s;
  const jobs = (): readonly JsonObject[] => b.world.api.hooks.list('batch/jobs', NAMESPACE);
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
        metadata: { annotations: { 'sandbox.maestro.io/fault': 'NeverReady' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] },
      },
    },
  });

  describe('its Jobs', () => {
    it('suspended makes no more, and lets what runs end: none left means quiesced', async () => {
      s.make(1);
      b.world.pass(MINUTE + 200);
      assert.equal((await s.state()).pods, 1);
      assert.equal((await s.scale(0)).kind, 'Accepted');
      const going = await s.state();
      assert.deepEqual([going.wanted, going.pods], [0, 1]);
      b.world.pass(5_000);
      assert.deepEqual([(await s.state()).wanted, (await s.state()).pods], [0, 0]);
      const made = jobs().length;
      b.world.pass(5 * MINUTE);
      assert.equal(jobs().length, made);
    });

    it('that a person made from it by hand count, those of others do not, nor one that is suspended itself', async () => {
      s.make(0);
      const uid = uidOf(b.world.api.hooks.read(s.storage, NAMESPACE, 'api'));
      b.world.put('POST', JOBS, job('of-others'));
      b.world.put('POST', JOBS, job('queued', uid, { suspend: true }));
      b.world.pass(2_000);
      assert.equal((await s.state()).pods, 0);
      b.world.put('POST', JOBS, job('by-hand', uid));
      assert.equal((await s.state()).pods, 1, 'before its first pod, too');
      b.world.pass(2_000);
      assert.equal((await s.state()).pods, 1);
    });

    it('are not asked for while its schedule runs', async () => {
      s.make(1);
      await s.look();
      assert.deepEqual(
        b.world.audit.filter(({ user, resource }) => user !== 'somebody' && resource === 'jobs'),
        [],
      );
    });

    it('says on the object itself which effect suspended it', async () => {
      s.make(1);
      await s.scale(0);
      const metadata = b.world.api.hooks.read(s.storage, NAMESPACE, 'api')?.['metadata'] as JsonObject;
      assert.equal((metadata['annotations'] as JsonObject)['dr.maestro.io/token'], token.token);
    });
  });
}
