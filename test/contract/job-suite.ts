import assert from 'node:assert/strict';
import type { ApplyResult, EffectToken } from '../../src/drivers/outcome.ts';
import type { JobState } from '../../src/drivers/workloads/driver.ts';
import { createJobActuator } from '../../src/drivers/workloads/job/act.ts';
import { createJobObserver } from '../../src/drivers/workloads/job/observe.ts';
import type { JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { createClock } from '../../src/system/clock.ts';
import {
  ACCOUNT,
  bench,
  callMs,
  NAMESPACE,
  refuses,
  REGION,
  signal,
  token,
  valueOf,
  type Bench,
} from './workload-bench.ts';
import type { KubeSubject } from './workload-world.ts';

const JOB = { namespace: NAMESPACE, region: REGION, name: 'checkout-2-orders-rebuild' };
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const TEMPLATE = {
  metadata: { labels: { team: 'shop' } },
  spec: {
    backoffLimit: 4,
    template: {
      spec: {
        initContainers: [{ name: 'wait', image: 'busybox:1' }],
        containers: [
          {
            name: 'rebuild',
            image: 'rebuild:1',
            env: [
              { name: 'MODE', value: 'fast' },
              { name: 'MAESTRO_RUN', value: 'forged' },
            ],
          },
        ],
      },
    },
  },
};
const ENV = { MAESTRO_RUN: 'checkout-2', MAESTRO_EPOCH: '2' };

/** The contract of the driver for rebuild Jobs. */
export function jobSuite(subject: KubeSubject): void {
  describe(`workloads by job, over ${subject.name}`, () => {
    const b = bench(subject, 'job');
    jobCreation(b);
    jobObservation(b);
  });
}

async function create(b: Bench, by: Partial<EffectToken> = {}, template: JsonObject = TEMPLATE): Promise<ApplyResult> {
  const actuator = createJobActuator({ clusters: b.clusters, callMs });
  return await actuator.create(JOB, template, ENV, { ...token, ...by }, signal());
}

async function createAfter(b: Bench, ...after: readonly string[]): Promise<ApplyResult> {
  const actuator = createJobActuator({ clusters: b.clusters, callMs });
  return await actuator.create({ ...JOB, name: `${JOB.name}-1`, after }, TEMPLATE, ENV, token, signal());
}

async function job(b: Bench): Promise<JobState> {
  const observer = createJobObserver({ clusters: b.clusters, clock: createClock(), callMs });
  return valueOf(await observer.observe(JOB, signal()));
}

/** As the cluster has written it down; before that it is no time. */
/** Of its condition: `completionTime`, which a Job that failed has not, is read from the clock apart, and may be of the next second. */
async function endOf(b: Bench): Promise<number> {
  const jobs = JSON.parse(JSON.stringify(await b.world.list(JOBS))) as readonly {
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly conditions?: readonly { readonly type: string; readonly lastTransitionTime: string }[];
    };
  }[];
  const { conditions = [] } = jobs.find(({ metadata }) => metadata.name === JOB.name)?.status ?? {};
  return Date.parse(conditions.find(({ type }) => type === 'Complete')?.lastTransitionTime ?? '');
}

function jobCreation(b: Bench): void {
  describe('creating', () => {
    const stored = async (): Promise<JsonObject | undefined> => await b.world.read(`${JOBS}/${JOB.name}`);

    it('adds the environment to every container, the mark of the run, and never retries by itself', async () => {
      assert.equal((await create(b)).kind, 'Accepted');
      const made = JSON.parse(JSON.stringify(await stored())) as {
        metadata: { labels: JsonObject; annotations: JsonObject };
        spec: {
          backoffLimit: number;
          template: {
            metadata: { labels: JsonObject };
            spec: { restartPolicy: string; containers: { env: unknown }[]; initContainers: { env: unknown }[] };
          };
        };
      };
      assert.deepEqual(made.metadata.labels, {
        team: 'shop',
        'app.kubernetes.io/managed-by': 'maestro-dr',
        'dr.maestro.io/run': 'run-2',
      });
      assert.deepEqual(made.metadata.annotations, { 'dr.maestro.io/run': 'run-2', 'dr.maestro.io/token': token.token });
      const env = Object.entries(ENV).map(([name, value]) => ({ name, value }));
      assert.deepEqual(made.spec.template.spec.containers[0]?.env, [{ name: 'MODE', value: 'fast' }, ...env]);
      assert.deepEqual(made.spec.template.spec.initContainers[0]?.env, env);
      assert.deepEqual([made.spec.backoffLimit, made.spec.template.spec.restartPolicy], [0, 'Never']);
      assert.equal(made.spec.template.metadata.labels['dr.maestro.io/run'], 'run-2');
      const asked = await b.world.asked();
      assert.equal(asked.find(({ verb, resource }) => verb === 'create' && resource === 'jobs')?.impersonated, ACCOUNT);
    });

    it('takes a JobSpec without the wrapper as well, and refuses one that runs nothing', async () => {
      assert.equal((await create(b, {}, TEMPLATE.spec)).kind, 'Accepted');
      refuses(await create(b, {}, { spec: {} }), 'Invalid', /no spec\.template\.spec\.containers; add/);
    });

    it('is made once: the same run is accepted, another refused', async () => {
      assert.equal((await create(b)).kind, 'Accepted');
      assert.deepEqual(await create(b, { token: 'another attempt' }), {
        kind: 'Accepted',
        detail: `${JOB.name} exists, made by this run`,
      });
      refuses(await create(b, { runUid: 'run-3' }), 'AlreadyExists', /was made by run run-2/);
    });

    it('of a retry waits for the end of the Job before it, and not for one that is gone', async () => {
      b.world.jobEnds({ code: 1 });
      assert.equal((await create(b)).kind, 'Accepted');
      refuses(await createAfter(b, JOB.name), 'JobRunning', /Job checkout-2-orders-rebuild still runs/);
      refuses(await createAfter(b, JOB.name, 'swept-away'), 'JobRunning', /rebuild still runs/);
      const jobs = async (): Promise<number> => (await b.world.list(JOBS)).length;
      assert.equal(await jobs(), 1);
      await b.world.within(10_000, async () => {
        const seen = await job(b);
        assert.equal(seen.exists && seen.state, 'Failed');
      });
      assert.equal((await createAfter(b, JOB.name)).kind, 'Accepted');
      assert.equal((await createAfter(b, 'swept-away')).kind, 'Accepted', 'made by this run');
    });

    it('a Job of that name that somebody made by hand is refused', async () => {
      const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } } };
      const made = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: JOB.name }, spec };
      await b.world.put('POST', JOBS, made);
      refuses(await create(b), 'AlreadyExists', /was made by somebody else/);
    });

    it('a lost reply is an unknown outcome, and asking again finds it', async () => {
      b.world.fault('POST', 'drop-reply');
      assert.equal((await create(b)).kind, 'OutcomeUnknown');
      assert.equal((await create(b)).kind, 'Accepted');
      assert.equal((await b.world.list(JOBS)).length, 1);
    });

    it('what the server finds wrong is refused in its words', async () => {
      const broken = { template: { spec: { containers: [{ name: 'x' }] } } };
      refuses(await create(b, {}, broken), 'Invalid', /image/);
    });
  });
}

function jobObservation(b: Bench): void {
  describe('looking', () => {
    it('does not exist, runs, succeeds, and says where the diverged data are', async () => {
      assert.deepEqual(await job(b), { exists: false });
      b.world.jobEnds({ code: 0, message: '{"message":"the standby has started","preservedAt":"/data.diverged-2"}' });
      await create(b);
      const running = { exists: true, state: 'Running', message: '1 pods active, 0 failed' };
      await b.world.within(100, async () => assert.deepEqual(await job(b), running));
      const succeeded = {
        exists: true,
        state: 'Succeeded',
        message: 'the standby has started',
        preservedAt: '/data.diverged-2',
      };
      await b.world.within(10_000, async () =>
        assert.deepEqual(await job(b), { ...succeeded, endedAt: await endOf(b) }),
      );
    });

    it('fails once, with the words of condition and container', async () => {
      b.world.jobEnds({ code: 1, message: 'pg_basebackup: no space left' });
      await create(b);
      await b.world.within(60_000, async () => {
        const seen = await job(b);
        assert.ok(seen.exists && seen.state === 'Failed', JSON.stringify(seen));
        assert.match(seen.message, /BackoffLimitExceeded: .*: pg_basebackup: no space left/);
        assert.equal(seen.preservedAt, undefined);
      });
      assert.equal((await b.world.list(`/api/v1/namespaces/${NAMESPACE}/pods`)).length, 1);
    });

    it('an annotation serves images that cannot leave a message', async () => {
      await create(b);
      const annotations = { 'dr.maestro.io/preserved-at': 's3://kept/2' };
      await b.world.put('PATCH', `${JOBS}/${JOB.name}`, { metadata: { annotations } });
      const succeeded = { exists: true, state: 'Succeeded', message: 'complete', preservedAt: 's3://kept/2' };
      await b.world.within(10_000, async () =>
        assert.deepEqual(await job(b), { ...succeeded, endedAt: await endOf(b) }),
      );
    });

    it('a cluster that does not answer is unknown', async () => {
      b.world.fault('GET', 'reset');
      const observer = createJobObserver({ clusters: b.clusters, clock: createClock(), callMs });
      const fact = await observer.observe(JOB, signal());
      assert.ok(!fact.known && fact.why === 'Unreachable', JSON.stringify(fact));
    });
  });
}
