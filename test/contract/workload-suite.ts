import assert from 'node:assert/strict';
import type { Fact } from '../../src/api/fact.ts';
import type { Workload } from '../../src/api/plan.ts';
import type { ApplyResult, EffectToken } from '../../src/drivers/outcome.ts';
import type { Clusters } from '../../src/drivers/workloads/clusters.ts';
import { createDeploymentActuator } from '../../src/drivers/workloads/deployment/act.ts';
import { createDeploymentObserver } from '../../src/drivers/workloads/deployment/observe.ts';
import type { JobState, WorkloadRef, WorkloadState } from '../../src/drivers/workloads/driver.ts';
import { createJobActuator } from '../../src/drivers/workloads/job/act.ts';
import { createJobObserver } from '../../src/drivers/workloads/job/observe.ts';
import type { Authorize, JsonObject, PodFault } from '../../src/sandbox/models/kube-api/index.ts';
import { createClock } from '../../src/system/clock.ts';
import { ran } from './matrix.ts';
import { workloadWorld } from './workload-world.ts';
import type { KubeSubject, WorkloadWorld } from './workload-world.ts';

const NAMESPACE = 'payments';
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:maestro-dr`;
/** Generous: a busy machine must not fail a test that is not about time. */
const callMs = 30_000;

const api: Workload = {
  name: 'api',
  wave: 1,
  uses: [],
  quiesce: false,
  target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
  active: { replicas: 3 },
  standby: { replicas: 1 },
};
const ref: WorkloadRef = { namespace: NAMESPACE, generation: 7, workload: api, region: 'us-west-2' };
const token: EffectToken = {
  identity: 'payments/checkout',
  epoch: 2,
  runUid: 'run-2',
  token: 'checkout-2/scale/api/1',
};
const signal = (): AbortSignal => new AbortController().signal;

function deployment(replicas: number, annotations: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'api' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }] },
      template: {
        metadata: { labels: { app: 'api', tier: 'web' }, annotations },
        spec: { containers: [{ name: 'main', image: 'registry.example/shop:1' }] },
      },
    },
  };
}

function valueOf<T>(fact: Fact<T>): T {
  assert.ok(fact.known, fact.known ? '' : `${fact.why}: ${fact.detail}`);
  return fact.value;
}

function refuses(result: ApplyResult, code: string, message: RegExp): void {
  assert.ok(result.kind === 'Refused', JSON.stringify(result));
  assert.equal(result.code, code);
  assert.match(result.message, message);
}

interface Bench {
  readonly world: WorkloadWorld;
  readonly restart: (authorize: Authorize) => Promise<void>;
  readonly clusters: Clusters;
}

function bench(subject: KubeSubject, driver: string): Bench {
  let world: WorkloadWorld | undefined;
  const current = (): WorkloadWorld => {
    assert.ok(world !== undefined, 'the world has not been started');
    return world;
  };
  beforeEach(async () => {
    world = await workloadWorld(subject);
  });
  afterEach(async function closed() {
    await world?.close();
    if (this.currentTest?.state === 'passed') ran('workloads', driver, subject.against);
  });
  return {
    get world() {
      return current();
    },
    restart: async (authorize) => {
      await current().close();
      world = undefined;
      world = await workloadWorld(subject, authorize);
    },
    clusters: (region) =>
      region === 'us-west-2' ? current().client : { unavailable: 'Unreachable', detail: `no Region ${region}` },
  };
}

/** The contract of a workload driver: observed as the operator, changed as the plan's own account. */
export function deploymentSuite(subject: KubeSubject): void {
  describe(`workloads by deployment, over ${subject.name}`, () => {
    const b = bench(subject, 'deployment');
    observing(b);
    obstacles(b);
    scaling(b);
  });
}

async function look(b: Bench, at = ref, ms = callMs): Promise<Fact<WorkloadState>> {
  return await createDeploymentObserver({ clusters: b.clusters, clock: createClock(), callMs: ms }).observe(
    at,
    signal(),
  );
}

async function state(b: Bench): Promise<Extract<WorkloadState, { exists: true }>> {
  const seen = valueOf(await look(b));
  assert.ok(seen.exists, 'it does not exist');
  return seen;
}

async function scale(b: Bench, replicas: number, at = ref): Promise<ApplyResult> {
  return await createDeploymentActuator({ clusters: b.clusters, callMs }).scale(at, replicas, token, signal());
}

function observing(b: Bench): void {
  describe('looking', () => {
    it('does not exist: neither it nor its namespace', async () => {
      assert.deepEqual(valueOf(await look(b)), { exists: false });
      assert.deepEqual(valueOf(await look(b, { ...ref, namespace: 'nowhere' })), { exists: false });
    });

    it('is ready when the current generation is, and settled when nothing else runs', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(2));
      b.world.pass(5_000);
      assert.deepEqual(await state(b), { exists: true, wanted: 2, ready: 2, pods: 2, settled: true, obstacles: [] });
    });

    it('a status that lags its spec counts as zero', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(2));
      b.world.pass(5_000);
      b.world.put('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: 4 } });
      const { wanted, ready, settled } = await state(b);
      assert.deepEqual({ wanted, ready, settled }, { wanted: 4, ready: 0, settled: false });
      b.world.pass(5_000);
      assert.equal((await state(b)).settled, true);
    });

    it('counts terminating pods until they are gone: zero means quiesced', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(2));
      b.world.pass(5_000);
      b.world.put('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: 0 } });
      assert.equal((await state(b)).pods, 2);
      b.world.pass(50);
      const going = await state(b);
      assert.deepEqual([going.wanted, going.ready, going.settled, going.pods], [0, 0, true, 2]);
      b.world.pass(5_000);
      assert.equal((await state(b)).pods, 0);
    });

    it('pods that have ended, and pods of others, do not count', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(0));
      const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
      const pod = (name: string, labels: JsonObject): JsonObject => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels },
        spec: { containers: [{ name: 'main', image: 'x' }] },
      });
      b.world.put('POST', pods, pod('evicted', { app: 'api', tier: 'web' }));
      b.world.put('POST', pods, pod('batch', { app: 'api', tier: 'batch' }));
      b.world.pass(5_000);
      assert.equal((await state(b)).pods, 1);
      b.world.put('PATCH', `${pods}/evicted/status`, { status: { phase: 'Failed', reason: 'Evicted' } });
      assert.equal((await state(b)).pods, 0);
    });

    it('is dated from before the request, with the plan generation it was asked for', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      const before = Date.now();
      const fact = await look(b);
      assert.ok(fact.known && fact.generation === 7 && fact.at.wall >= before && fact.at.wall <= Date.now());
    });

    it('says why it cannot tell', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      const why = async (ms = callMs): Promise<string> => {
        const fact = await look(b, ref, ms);
        return fact.known ? 'known' : fact.why;
      };
      b.world.fault('GET', 'reset');
      assert.equal(await why(), 'Unreachable');
      b.world.fault('GET', { status: 503, headers: {}, body: 'no leader' });
      assert.equal(await why(), 'Unreachable');
      b.world.fault('GET', 'hang');
      assert.equal(await why(300), 'Timeout');
      b.world.fault('GET', { status: 200, headers: {}, body: '<html>' });
      assert.equal(await why(), 'Malformed');
      const elsewhere = await look(b, { ...ref, region: 'us-east-1' });
      assert.deepEqual(elsewhere.known ? '' : [elsewhere.why, elsewhere.detail], [
        'Unreachable',
        'no Region us-east-1',
      ]);
      await b.restart(() => 'no such right');
      const denied = await look(b);
      assert.ok(!denied.known && denied.why === 'Forbidden', JSON.stringify(denied));
      assert.match(denied.detail, /cannot get resource "deployments"/);
    });
  });
}

function obstacles(b: Bench): void {
  describe('what is more than "not yet"', () => {
    const faulty = async (fault: PodFault): Promise<Extract<WorkloadState, { exists: true }>> => {
      b.world.put('POST', DEPLOYMENTS, deployment(2, { 'sandbox.maestro.io/fault': fault }));
      b.world.pass(20_000);
      return await state(b);
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
      b.world.put('POST', DEPLOYMENTS, deployment(3));
      b.world.pass(5_000);
      const seen = await state(b);
      assert.equal(seen.settled, false);
      assert.deepEqual(
        seen.obstacles.map(({ kind }) => kind),
        ['Quota'],
      );
      assert.match(seen.obstacles[0]?.message ?? '', /exceeded quota: small/);
    });

    it('a pod that merely takes its time is none', async () => {
      const seen = await faulty('NeverReady');
      assert.deepEqual([seen.ready, seen.settled, seen.pods, seen.obstacles], [0, false, 2, []]);
    });
  });
}

function scaling(b: Bench): void {
  describe('scaling', () => {
    const wanted = (): unknown => {
      const spec = b.world.api.hooks.read('apps/deployments', NAMESPACE, 'api')?.['spec'];
      return typeof spec === 'object' && spec !== null && 'replicas' in spec ? spec.replicas : undefined;
    };
    const patches = (): readonly unknown[] =>
      b.world.audit.filter(({ verb, user }) => verb === 'patch' && user !== 'somebody');

    it('goes through the scale subresource, as the account of the plan', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      assert.deepEqual(await scale(b, 3), { kind: 'Accepted', detail: 'from 1 to 3' });
      assert.equal(wanted(), 3);
      const asked = b.world.audit.filter(({ user }) => user !== 'somebody');
      assert.deepEqual(
        asked.map(({ verb, resource, subresource, impersonated }) => [verb, resource, subresource, impersonated]),
        ['get', 'patch'].map((verb) => [verb, 'deployments', 'scale', ACCOUNT]),
      );
      b.world.pass(5_000);
      assert.equal((await state(b)).settled, true);
    });

    it('what is there already is accepted without a write', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(3));
      assert.deepEqual(await scale(b, 3), { kind: 'Accepted', detail: 'already at 3' });
      assert.deepEqual(patches(), []);
    });

    it('to zero and back', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(2));
      b.world.pass(5_000);
      assert.equal((await scale(b, 0)).kind, 'Accepted');
      b.world.pass(5_000);
      assert.equal((await state(b)).pods, 0);
      assert.equal((await scale(b, 2)).kind, 'Accepted');
      b.world.pass(5_000);
      assert.equal((await state(b)).ready, 2);
    });

    it('a lost reply is an unknown outcome, which the next look resolves', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      b.world.fault('PATCH', 'drop-reply');
      assert.equal((await scale(b, 3)).kind, 'OutcomeUnknown');
      assert.equal((await state(b)).wanted, 3);
      assert.deepEqual(await scale(b, 3), { kind: 'Accepted', detail: 'already at 3' });
    });

    it('a request that may have been lost on its way is an unknown outcome too', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      b.world.fault('PATCH', 'reset');
      assert.equal((await scale(b, 3)).kind, 'OutcomeUnknown');
      assert.equal(wanted(), 1);
    });

    it('what failed before anything was written is refused', async () => {
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      b.world.fault('GET', 'reset');
      refuses(await scale(b, 3), 'Unreachable', /get .*deployments\/api\/scale/);
      refuses(await scale(b, 3, { ...ref, region: 'us-east-1' }), 'Unreachable', /no Region us-east-1/);
      refuses(await scale(b, 3, { ...ref, namespace: 'nowhere' }), 'NotFound', /./);
      assert.equal(wanted(), 1);
    });

    it('without the right in the target it is refused, though the operator itself may', async () => {
      await b.restart(({ user, subresource }) =>
        user === ACCOUNT && subresource === 'scale' ? 'not bound' : undefined,
      );
      b.world.put('POST', DEPLOYMENTS, deployment(1));
      refuses(await scale(b, 3), 'Forbidden', new RegExp(`User "${ACCOUNT}" cannot get resource "deployments/scale"`));
      assert.equal(wanted(), 1);
    });
  });
}

const JOB = { namespace: NAMESPACE, region: 'us-west-2', name: 'checkout-2-orders-rebuild' };
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

async function job(b: Bench): Promise<JobState> {
  const observer = createJobObserver({ clusters: b.clusters, clock: createClock(), callMs });
  return valueOf(await observer.observe(JOB, signal()));
}

function jobCreation(b: Bench): void {
  describe('creating', () => {
    const stored = (): JsonObject | undefined => b.world.api.hooks.read('batch/jobs', NAMESPACE, JOB.name);

    it('adds the environment to every container, the mark of the run, and never retries by itself', async () => {
      assert.equal((await create(b)).kind, 'Accepted');
      const made = JSON.parse(JSON.stringify(stored())) as {
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
      assert.equal(
        b.world.audit.find(({ verb, resource }) => verb === 'create' && resource === 'jobs')?.impersonated,
        ACCOUNT,
      );
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

    it('a Job of that name that somebody made by hand is refused', async () => {
      const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } } };
      const made = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: JOB.name }, spec };
      b.world.put('POST', `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, made);
      refuses(await create(b), 'AlreadyExists', /was made by somebody else/);
    });

    it('a lost reply is an unknown outcome, and asking again finds it', async () => {
      b.world.fault('POST', 'drop-reply');
      assert.equal((await create(b)).kind, 'OutcomeUnknown');
      assert.equal((await create(b)).kind, 'Accepted');
      assert.equal(b.world.api.hooks.list('batch/jobs', NAMESPACE).length, 1);
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
      b.world.pass(100);
      assert.deepEqual(await job(b), { exists: true, state: 'Running', message: '1 pods active, 0 failed' });
      b.world.pass(10_000);
      assert.deepEqual(await job(b), {
        exists: true,
        state: 'Succeeded',
        message: 'the standby has started',
        preservedAt: '/data.diverged-2',
      });
    });

    it('fails once, with the words of condition and container', async () => {
      b.world.jobEnds({ code: 1, message: 'pg_basebackup: no space left' });
      await create(b);
      b.world.pass(60_000);
      const seen = await job(b);
      assert.ok(seen.exists && seen.state === 'Failed', JSON.stringify(seen));
      assert.match(seen.message, /BackoffLimitExceeded: .*: pg_basebackup: no space left/);
      assert.equal(seen.preservedAt, undefined);
      assert.equal(b.world.api.hooks.list('/pods', NAMESPACE).length, 1);
    });

    it('an annotation serves images that cannot leave a message', async () => {
      await create(b);
      const annotations = { 'dr.maestro.io/preserved-at': 's3://kept/2' };
      b.world.put('PATCH', `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${JOB.name}`, { metadata: { annotations } });
      b.world.pass(10_000);
      assert.deepEqual(await job(b), {
        exists: true,
        state: 'Succeeded',
        message: 'complete',
        preservedAt: 's3://kept/2',
      });
    });

    it('a cluster that does not answer is unknown', async () => {
      b.world.fault('GET', 'reset');
      const observer = createJobObserver({ clusters: b.clusters, clock: createClock(), callMs });
      const fact = await observer.observe(JOB, signal());
      assert.ok(!fact.known && fact.why === 'Unreachable', JSON.stringify(fact));
    });
  });
}
