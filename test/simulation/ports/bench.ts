/**
 * How fast histories are: `node test/simulation/ports/bench.ts [seconds]`. One history is an operator-like process that
 * looks at everything all the time (lists and watches of three clusters, a lease, polls of Route 53, DNS and SQL), until
 * 5,000 events. Nothing is asserted: the machine's speed is not the program's.
 */
import { createKubeClient } from '../../../src/kube/client.ts';
import { createLease } from '../../../src/kube/lease.ts';
import { createLimiter } from '../../../src/kube/limiter.ts';
import { createReflector } from '../../../src/kube/reflector.ts';
import { withDeadline } from '../../../src/ports/deadline.ts';
import type { Ports } from '../../../src/ports/index.ts';
import { createDnsServer } from '../../../src/sandbox/models/dns-server.ts';
import { createDelayRuntime, createKubeApi } from '../../../src/sandbox/models/kube-api/index.ts';
import { createRoute53, route53Aws } from '../../../src/sandbox/models/route53/index.ts';
import { createKernel } from '../kernel/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { kubeEndpoint, withPorts } from './index.ts';
import type { World } from './index.ts';

const eventsPerHistory = 5000;
const clusters = ['mgmt', 'east', 'west'];
const never = new AbortController().signal;

function worldOf({ time }: Kernel): World {
  const model = createRoute53({
    time,
    insyncDelayMs: 500,
    zones: [{ id: 'Z1', name: 'example.com', nameServers: [{ name: 'ns1.example.net', delayMs: 200 }] }],
  });
  const server = createDnsServer(model, 'ns1.example.net');
  const pods = createDelayRuntime({ time });
  const apis = clusters.map(
    (name) =>
      [
        `${name}.example:6443`,
        kubeEndpoint(createKubeApi({ name, time, clusterUid: name, pods }), { region: name }),
      ] as const,
  );
  return {
    http: Object.fromEntries(apis),
    aws: { route53: { handle: route53Aws(model) } },
    dns: { '10.0.0.53:53': { handle: (question) => server.answer(question) } },
    sql: {
      'pg.east:5432': {
        mutates: () => false,
        handle: () => ({ run: ({ name }) => [{ name }], close: () => undefined }),
      },
    },
  };
}

function operate(ports: Ports): void {
  const { clock, random, log } = ports;
  const call = { deadlineMs: 5000 };
  const clients = clusters.map((cluster) => {
    const limiter = createLimiter(clock, { ratePerSecond: 100, burst: 100, maxInFlight: 10 });
    const access = { server: `https://${cluster}.example:6443`, tls: {} };
    return createKubeClient({ ports, access: () => access, cluster, limiter });
  });
  const collection = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
  for (const client of clients) {
    void createReflector({ client, clock, random, log, collection }).run(never);
    void repeat(1000, async (turn) => {
      const name = `c${String(turn)}`;
      await client.create(collection, { metadata: { name }, data: { turn: String(turn) } }, call);
      await client.patch({ ...collection, name }, { data: { more: 'x' } }, { ...call, type: 'merge' });
      await client.remove({ ...collection, name }, call);
    });
  }
  const [client] = clients;
  if (client !== undefined) {
    void createLease({ client, clock, random, log, namespace: 'default', name: 'operator', identity: 'one' }).run(
      never,
    );
  }
  const bounded = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(clock, 5000, undefined, work);
  void repeat(500, () =>
    bounded((signal) => ports.dns.query({ server: '10.0.0.53', port: 53, name: 'example.com', type: 'SOA' }, signal)),
  );
  void repeat(2000, () =>
    bounded((signal) =>
      ports.aws.send(
        { service: 'route53', operation: 'ListResourceRecordSets', input: { HostedZoneId: 'Z1' }, region: 'x' },
        signal,
      ),
    ),
  );
  const target = { host: 'pg.east', port: 5432, database: 'shop', user: 'maestro', password: 'x' };
  const statements = ['server', 'roles', 'slots'].map((name) => ({
    name,
    text: `select '${name}'`,
    parameters: [],
    bound: true,
  }));
  void repeat(1000, () => bounded((signal) => ports.sql.run(target, statements, signal)));

  async function repeat(ms: number, work: (turn: number) => Promise<unknown>): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      await work(turn);
      await clock.sleep(ms * (0.5 + random.next('pause')));
    }
  }
}

async function history(seed: number, isolation: boolean): Promise<Kernel> {
  const kernel = createKernel({ seed, startWall: Date.UTC(2030, 0, 1), isolation });
  const world = worldOf(kernel);
  kernel.spawn('operator', withPorts(world, operate));
  const { why } = await kernel.run({ maxEvents: eventsPerHistory });
  if (why !== 'events') throw new Error(`the history ended early: ${why}`);
  return kernel;
}

async function measure(seconds: number, isolation: boolean): Promise<void> {
  const startedAt = cpuSeconds();
  let histories = 0;
  let entries = 0;
  while (cpuSeconds() - startedAt < seconds) {
    histories += 1;
    entries = (await history(histories, isolation)).trace.length;
  }
  const rate = histories / (cpuSeconds() - startedAt);
  process.stdout.write(
    `isolation ${isolation ? 'on ' : 'off'}: ${rate.toFixed(1)} histories/s and core, ${(rate * eventsPerHistory).toFixed(0)} events/s, ${String(entries)} trace entries each\n`,
  );
}

const seconds = Number(process.argv[2] ?? '5');
await history(0, true);
await measure(seconds, true);
await measure(seconds, false);

/** Of this process, so that a busy machine measures the same. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
