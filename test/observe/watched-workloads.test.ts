import assert from 'node:assert/strict';
import { known, type Fact } from '../../src/api/fact.ts';
import type { WorkloadRef, WorkloadState } from '../../src/drivers/workloads/driver.ts';
import { watchedWorkloads } from '../../src/observe/watched-workloads.ts';
import { instant } from '../../src/ports/clock.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { createDelayRuntime, createKubeApi } from '../../src/sandbox/models/kube-api/index.ts';
import { ask } from '../scenarios/objects.ts';
import { createKernel, type Fault, type Kernel } from '../simulation/kernel/index.ts';
import { kubeEndpoint, withPorts } from '../simulation/ports/index.ts';

const personToken = 'person-token';
const settled = (wanted: number): WorkloadState => ({
  exists: true,
  wanted,
  ready: wanted,
  pods: wanted,
  settled: true,
  obstacles: [],
});

interface Fixture {
  readonly kernel: Kernel;
  /** Names that were looked at, in order. */
  readonly looks: string[];
  /** The next look brings this. */
  state: WorkloadState;
  readonly look: (name?: string) => Promise<Fact<WorkloadState>>;
  readonly scale: (name: string, replicas: number) => void;
  readonly pass: (ms: number) => Promise<void>;
  worthwhile: boolean;
}

/** Two Deployments in a cluster, watched through the simulated network. */
async function watching(faults: readonly Fault[] = []): Promise<Fixture> {
  const kernel = createKernel({ seed: 1, startWall: Date.UTC(2030, 0, 1), faults });
  const api = createKubeApi({
    name: 'east',
    time: kernel.time,
    clusterUid: 'east',
    pods: createDelayRuntime({ time: kernel.time }),
    tokens: { [personToken]: 'ana' },
  });
  const deployments = '/apis/apps/v1/namespaces/payments/deployments';
  ask(api, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } });
  for (const name of ['api', 'worker']) ask(api, 'POST', deployments, deployment(name));
  const asked: { readonly name: string; readonly answer: (fact: Fact<WorkloadState>) => void }[] = [];
  const wish = { come: (): void => undefined };
  const fixture: Fixture = {
    kernel,
    looks: [],
    state: settled(2),
    worthwhile: true,
    look: (name = 'api') => {
      const answered = new Promise<Fact<WorkloadState>>((answer) => asked.push({ name, answer }));
      kernel.at(kernel.now(), 'a look', () => {
        wish.come();
      });
      return kernel.run({ maxVirtualMs: 10 }).then(() => answered);
    },
    scale: (name, replicas) => {
      ask(api, 'PATCH', `${deployments}/${name}`, { spec: { replicas } });
    },
    pass: async (ms) => {
      await kernel.run({ maxVirtualMs: ms });
    },
  };
  const program = withPorts({ http: { 'east.example:6443': kubeEndpoint(api) } }, (ports) => {
    const limiter = createLimiter(ports.clock, { ratePerSecond: 100, burst: 100, maxInFlight: 10 });
    const access = { server: 'https://east.example:6443', tls: {}, token: personToken };
    const client = createKubeClient({ ports, access: () => access, cluster: 'east', limiter });
    const workloads = watchedWorkloads({
      observer: {
        observe: async (ref) => {
          fixture.looks.push(ref.workload.name);
          return known(fixture.state, instant(ports.clock), ref.generation);
        },
      },
      objectOf: ({ workload }) => ({
        group: 'apps',
        version: 'v1',
        resource: 'deployments',
        namespace: 'payments',
        name: workload.target.name,
      }),
      clusters: () => client,
      clock: ports.clock,
      random: ports.random,
      log: ports.log,
      callMs: 4_000,
      worthwhile: () => fixture.worthwhile,
      signal: new AbortController().signal,
    });
    wish.come = () => {
      const one = asked.shift();
      if (one === undefined) return;
      void workloads.observe(refTo(one.name), new AbortController().signal).then(one.answer);
    };
  });
  kernel.spawn('operator', program);
  await fixture.pass(3_000);
  await fixture.look();
  await fixture.pass(3_000);
  return fixture;
}

function refTo(name: string): WorkloadRef {
  return {
    namespace: 'payments',
    generation: 1,
    region: 'us-east-1',
    workload: {
      name,
      wave: 1,
      quiesce: false,
      uses: [],
      target: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      active: { replicas: 2 },
      standby: { replicas: 0 },
    },
  };
}

function deployment(name: string): unknown {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name, image: 'example/shop:1' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  };
}

describe('watched workloads', () => {
  it('are looked at once, and again when they changed', async () => {
    const fixture = await watching();
    const { look, looks } = fixture;
    const before = looks.length;
    await look();
    const first = looks.length;
    assert.ok(first - before <= 1);
    for (let turn = 0; turn < 20; turn += 1) {
      await fixture.pass(60_000);
      const fact = await look();
      assert.ok(fact.known && fact.value.exists && fact.value.wanted === 2);
    }
    assert.equal(looks.length, first, 'nothing changed in twenty minutes');
    fixture.scale('worker', 3);
    await fixture.pass(5_000);
    await look();
    assert.equal(looks.length, first, 'another one changed');
    fixture.scale('api', 3);
    fixture.state = settled(3);
    await fixture.pass(5_000);
    const fact = await look();
    assert.equal(looks.length, first + 1);
    assert.ok(fact.known && fact.value.exists && fact.value.wanted === 3);
  });

  it('are dated by what the watch last heard, never by now', async () => {
    const { look, pass, kernel } = await watching();
    await look();
    await pass(80_000);
    const asked = kernel.time.now();
    const fact = await look();
    assert.ok(fact.known && fact.at.wall < asked && asked - fact.at.wall <= 90_000, JSON.stringify(fact));
  });

  it('are looked at as ever while one is not settled', async () => {
    const fixture = await watching();
    fixture.scale('api', 4);
    fixture.state = { exists: true, wanted: 4, ready: 2, pods: 4, settled: false, obstacles: [] };
    await fixture.pass(5_000);
    const before = fixture.looks.length;
    await fixture.look();
    await fixture.look();
    assert.equal(fixture.looks.length, before + 2);
  });

  it('are looked at as ever when the watch fell silent', async () => {
    const { look, looks, pass, kernel } = await watching();
    await look();
    kernel.cut({ match: { id: 'east.example:6443' }, how: 'hang' });
    await pass(100_000);
    const before = looks.length;
    await look();
    await look();
    assert.equal(looks.length, before + 2);
  });

  it('are looked at as ever where a watch is not allowed, and it is not asked for again and again', async () => {
    const forbidden: Fault = { label: 'kube.list', do: 'error', error: { status: 403 } };
    const { look, looks, pass, kernel } = await watching([forbidden]);
    const before = looks.length;
    for (let turn = 0; turn < 10; turn += 1) {
      await look();
      await pass(60_000);
    }
    assert.equal(looks.length, before + 10);
    // Until the next look sees the refusal it is tried again, ever more seldom; ten minutes would hold eleven tries.
    assert.ok((kernel.callCounts()['kube.list'] ?? 0) <= 5, JSON.stringify(kernel.callCounts()));
  });

  it('are asked for, not watched, where there are few', async () => {
    const fixture = await watching();
    fixture.worthwhile = false;
    const before = fixture.looks.length;
    await fixture.look();
    await fixture.look();
    assert.equal(fixture.looks.length, before + 2);
  });
});
