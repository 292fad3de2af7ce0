import assert from 'node:assert/strict';
import { createKubeClient } from '../../../src/kube/client.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { createLease } from '../../../src/kube/lease.ts';
import type { Lease } from '../../../src/kube/lease.ts';
import { createLimiter } from '../../../src/kube/limiter.ts';
import { createReflector } from '../../../src/kube/reflector.ts';
import type { Ports } from '../../../src/ports/index.ts';
import { createDelayRuntime, createKubeApi } from '../../../src/sandbox/models/kube-api/index.ts';
import type { KubeApi } from '../../../src/sandbox/models/kube-api/index.ts';
import { createKubeconfigs } from '../../../src/system/kubeconfigs.ts';
import { firstDifference, formatEntry, KILL_MOMENTS, killAt } from '../kernel/index.ts';
import type { Fault, Kernel } from '../kernel/index.ts';
import { kubeEndpoint, withPorts } from './index.ts';
import type { World } from './index.ts';
import { forever, get, kernelOf, text } from './support.ts';

const kubeconfig = `
apiVersion: v1
kind: Config
current-context: mgmt
contexts: [{ name: mgmt, context: { cluster: mgmt, user: operator } }]
clusters: [{ name: mgmt, cluster: { server: 'https://mgmt.example:6443' } }]
users: [{ name: operator, user: { token: secret } }]
`;

interface Management {
  readonly kernel: Kernel;
  readonly api: KubeApi;
  readonly world: World;
}

function management(faults: readonly Fault[] = []): Management {
  const kernel = kernelOf({ faults });
  const { time } = kernel;
  const api = createKubeApi({
    name: 'mgmt',
    time,
    clusterUid: 'uid-mgmt',
    pods: createDelayRuntime({ time }),
    tokens: { secret: 'operator' },
  });
  const world: World = {
    http: { 'mgmt.example:6443': kubeEndpoint(api, { region: 'mgmt' }) },
    files: new Map([['/kubeconfig', kubeconfig]]),
    kubeconfigs: (given) => createKubeconfigs().parse(given),
  };
  return { kernel, api, world };
}

async function clientOf(ports: Ports): Promise<KubeClient> {
  const access = ports.kubeconfigs.parse(await ports.files.read('/kubeconfig'));
  const limiter = createLimiter(ports.clock, { ratePerSecond: 100, burst: 100, maxInFlight: 10 });
  return createKubeClient({ ports, access: () => access, cluster: 'mgmt', limiter });
}

const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };

describe('simulated Http over the Kubernetes API’s model', () => {
  it('serves the operator’s own client and reflector: a watch hears what another process writes', async () => {
    const { kernel, api, world } = management();
    const heard: string[] = [];
    kernel.spawn(
      'reader',
      withPorts(world, async (ports) => {
        const { clock, random, log } = ports;
        const client = await clientOf(ports);
        const reflector = createReflector({ client, clock, random, log, collection: configMaps });
        reflector.subscribe(({ type, key }) => heard.push(`${type} ${key}`));
        await reflector.run(forever());
      }),
    );
    kernel.spawn(
      'writer',
      withPorts(world, async (ports) => {
        const client = await clientOf(ports);
        await ports.clock.sleep(500);
        const call = { deadlineMs: 1000 };
        await client.create(configMaps, { metadata: { name: 'a' }, data: { k: '1' } }, call);
        await client.patch({ ...configMaps, name: 'a' }, { data: { k: '2' } }, { ...call, type: 'merge' });
        await client.create(configMaps, { metadata: { name: 'b' } }, { ...call, dryRun: true });
        await client.remove({ ...configMaps, name: 'a' }, call);
      }),
    );
    const stopped = await kernel.run({
      until: () => heard.some((what) => what.startsWith('delete')),
      maxVirtualMs: 60_000,
    });
    assert.equal(stopped.why, 'until', kernel.trace.slice(-20).map(formatEntry).join('\n'));
    assert.deepEqual(heard, ['add default/a', 'update default/a', 'delete default/a']);
    assert.equal(api.hooks.watches(), 1);
    const written = kernel
      .mutations()
      .map(({ process, label, detail }) => `${process} ${label} ${detail.split(' #')[0] ?? ''}`);
    const path = '/api/v1/namespaces/default/configmaps';
    assert.deepEqual(written, [
      `writer kube.create POST ${path}`,
      `writer kube.patch PATCH ${path}/a`,
      `writer kube.delete DELETE ${path}/a`,
    ]);
    kernel.kill('reader');
    await kernel.run({ maxVirtualMs: 1000 });
    assert.equal(api.hooks.watches(), 0, 'the server noticed that its reader is gone');
  });

  it('refuses who shows no token, and asks reviews without mutating', async () => {
    const { kernel, world } = management();
    const seen: string[] = [];
    kernel.spawn(
      'operator',
      withPorts(world, async ({ http }) => {
        const url = 'https://mgmt.example:6443/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        const body = JSON.stringify({ spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } });
        for (const headers of [{}, { Authorization: 'Bearer secret' }]) {
          seen.push((await text(await http.send(get(url, { method: 'POST', body, headers }), forever()))).slice(0, 3));
        }
      }),
    );
    await kernel.run();
    assert.deepEqual(seen, ['401', '201']);
    assert.deepEqual(kernel.mutations(), []);
  });
});

describe('the operator’s Lease in the simulation', () => {
  interface Contest extends Management {
    readonly leaders: () => readonly string[];
    /** `name acquired|lost`, in order. */
    readonly told: readonly string[];
  }
  const contest = (faults: readonly Fault[] = []): Contest => {
    const made = management(faults);
    const { kernel, world } = made;
    const leases = new Map<string, { readonly id: string; readonly lease: Lease }>();
    const told: string[] = [];
    for (const name of ['one', 'two']) {
      const contend = withPorts(world, async (ports, { id }) => {
        const { clock, random, log } = ports;
        const client = await clientOf(ports);
        const lease = createLease({
          client,
          clock,
          random,
          log,
          namespace: 'default',
          name: 'operator',
          identity: id,
          onAcquired: () => void told.push(`${id} acquired`),
          onLost: () => void told.push(`${id} lost`),
        });
        leases.set(name, { id, lease });
        await lease.run(forever());
      });
      kernel.spawn(name, contend, { restartAfterMs: 2000 });
    }
    const leaders = (): readonly string[] =>
      [...leases]
        .filter(([name, { lease }]) => kernel.process(name).state === 'running' && lease.held())
        .map(([, { id }]) => id);
    return { ...made, leaders, told };
  };
  /** Lets it run, and asserts after every event that there are never two. */
  const settle = async ({ kernel, leaders, told }: Contest, ms: number): Promise<void> => {
    const stopped = await kernel.run({
      maxVirtualMs: ms,
      until: () => {
        assert.ok(
          leaders().length < 2,
          `two leaders at ${String(kernel.now())}: ${leaders().join()} after ${told.join()}`,
        );
        return false;
      },
    });
    assert.equal(stopped.why, 'time');
  };

  it('has one holder, and another one once the first is dead for good', async () => {
    const made = contest();
    await settle(made, 20_000);
    const [first = ''] = made.leaders();
    assert.match(first, /^(one|two)#1$/);
    made.kernel.kill(first.slice(0, 3));
    await settle(made, 60_000);
    assert.deepEqual(made.leaders(), [first === 'one#1' ? 'two#1' : 'one#1']);
  });

  it('never has two, wherever its holder is killed, and has one again', async () => {
    const faultless = contest();
    await settle(faultless, 20_000);
    const hashes = new Set<string>();
    const calls = faultless.kernel.mutations();
    assert.ok(calls.length >= 3, String(calls.length));
    for (const call of calls.slice(0, 4)) {
      for (const moment of KILL_MOMENTS) {
        const made = contest([killAt(call, moment)]);
        await settle(made, 90_000);
        assert.deepEqual(made.kernel.unmet(), [], `${moment} ${call.detail}`);
        assert.equal(made.leaders().length, 1, `${moment} ${call.detail}`);
        hashes.add(made.kernel.traceHash());
      }
    }
    assert.ok(hashes.size >= 10, String(hashes.size));
  });

  it('never has two when its holder stands still, and the histories are identical twice', async () => {
    for (const how of ['process', 'machine'] as const) {
      const fault: Fault = { label: 'kube.patch', occurrence: 2, do: 'suspend', ms: 60_000, how };
      const [made, again] = [contest([fault]), contest([fault])];
      await settle(made, 120_000);
      assert.equal(made.leaders().length, 1);
      assert.ok(made.told.length >= 2, made.told.join());
      await settle(again, 120_000);
      assert.equal(firstDifference(made.kernel.trace, again.kernel.trace), undefined);
      assert.equal(made.kernel.traceHash(), again.kernel.traceHash());
    }
  });
});
