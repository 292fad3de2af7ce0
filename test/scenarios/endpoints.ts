import type { SqlTarget } from '../../src/ports/sql.ts';
import type { KubeApi } from '../../src/sandbox/models/kube-api/index.ts';
import { ACTING } from '../../src/sandbox/models/postgresql/acting.ts';
import { route53Aws } from '../../src/sandbox/models/route53/index.ts';
import { createKubeconfigs } from '../../src/system/kubeconfigs.ts';
import { SILENCE, type Latency } from '../simulation/kernel/index.ts';
import { SqlError } from '../../src/ports/sql.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { HttpEndpoint, HttpHandler, LogLine, SqlEndpoint, World as SimWorld } from '../simulation/ports/world.ts';
import { order, readyReplicas } from './clients.ts';
import { hookAddresses, receiverEndpoints } from './receivers.ts';
import { host, nameServers, recordName, regionNames, serverName, type RegionName } from './names.ts';
import type { World } from './world.ts';

/** Where checks go: the address that a host's name resolves to. */
const addresses: Readonly<Record<string, string>> = Object.freeze({
  'idp.example.net': '203.0.113.1',
  'edge.us-east-1.example.net': '203.0.113.11',
  'edge.us-west-2.example.net': '203.0.113.12',
  'lb.us-east-1.example.net': '203.0.113.21',
  'lb.us-west-2.example.net': '203.0.113.22',
  ...hookAddresses,
});

/** The world as processes reach it: the network in front of the models. */
export function endpointsOf(world: World, log: (line: LogLine) => void, latency?: Partial<Latency>): SimWorld {
  const parse = createKubeconfigs();
  return {
    http: { ...apiEndpoints(world), ...checkEndpoints(world), ...receiverEndpoints(world.receivers) },
    aws: { route53: { handle: route53Aws(world.route53) } },
    dns: Object.fromEntries(
      world.dnsServers.map((server, index) => [
        `10.0.0.${String(index + 1)}:53`,
        { handle: (question) => server.answer(question) },
      ]),
    ),
    sql: Object.fromEntries(
      Object.keys(world.postgresql).flatMap((name) =>
        regionNames.map(
          (region) => [`${host(serverName(name, region))}:5432`, sqlEndpoint(world, name, region)] as const,
        ),
      ),
    ),
    resolve: (name) => resolveHost(world, name),
    kubeconfigs: (text) => parse.parse(text),
    ...(latency === undefined ? {} : { latency }),
    log,
  };
}

export const dnsServerSettings = Object.freeze(
  Object.fromEntries(nameServers.map((name, index) => [name, { address: `10.0.0.${String(index + 1)}`, port: 53 }])),
);

/** The front door follows the DNS, as every resolver would; the rest is where it always is. */
function resolveHost(world: World, name: string): readonly string[] | undefined {
  if (name !== recordName) return addresses[name] === undefined ? undefined : [addresses[name]];
  const [server] = world.dnsServers;
  const value = server
    ?.answer({ name: recordName, type: 'CNAME' })
    ?.answers.find((record) => record.type === 'CNAME')?.value;
  const address = value === undefined ? undefined : addresses[value];
  return address === undefined ? undefined : [address];
}

function apiEndpoints(world: World): Readonly<Record<string, HttpEndpoint>> {
  const of = (name: string, api: KubeApi, region?: RegionName): readonly [string, HttpEndpoint] => [
    `api.${name}.sandbox:6443`,
    { handle: reached(world, region, serve(api)), ...(region === undefined ? {} : { region }) },
  ];
  return Object.fromEntries([
    of('management', world.management),
    ...regionNames.map((region) => of(region, world.clusters[region], region)),
  ]);
}

function serve(api: KubeApi): HttpHandler {
  return ({ method, url, headers, body }) => {
    const { pathname, search } = new URL(url);
    return api.handle({ method, path: pathname + search, headers, ...(body === undefined ? {} : { body }) });
  };
}

function reached(world: World, region: RegionName | undefined, handle: HttpHandler): HttpHandler {
  return (request) => {
    const reach = region === undefined ? 'up' : world.reach[region];
    if (reach === 'silent') return SILENCE;
    if (reach === 'refused') throw new PortError('Unreachable', 'connection refused');
    return handle(request);
  };
}

function checkEndpoints(world: World): Readonly<Record<string, HttpEndpoint>> {
  const answers =
    (name: string, good: () => boolean): HttpHandler =>
    () =>
      world.red.has(name) || !good() ? { status: 503, body: 'no' } : { status: 200, body: 'ok' };
  const regional = regionNames.flatMap((region) => [
    [
      `${addresses[`edge.${region}.example.net`] ?? ''}:443`,
      {
        handle: reached(
          world,
          region,
          answers(`edge.${region}`, () => true),
        ),
        region,
      },
    ] as const,
    [
      `${addresses[`lb.${region}.example.net`] ?? ''}:443`,
      {
        handle: reached(
          world,
          region,
          answers(`lb.${region}`, () => serves(world, region)),
        ),
        region,
      },
    ] as const,
  ]);
  const idp: readonly [string, HttpEndpoint] = [
    `${addresses['idp.example.net'] ?? ''}:443`,
    { handle: answers('idp', () => true) },
  ];
  return Object.fromEntries<HttpEndpoint>([idp, ...regional]);
}

/** The shop's own test: a ready pod, and a database that takes an order. It leaves the order there, under its own name. */
function serves(world: World, region: RegionName): boolean {
  if (readyReplicas(world, region, 'api') === 0) return false;
  return order(world, region, `smoke-${String(world.time.now())}`) === undefined;
}

function sqlEndpoint(world: World, name: string, region: RegionName): SqlEndpoint {
  const model = world.postgresql[name];
  const names = Object.keys(ACTING);
  return {
    region,
    mutates: (statement) => names.includes(statement),
    handle: (target: SqlTarget) => {
      if (model === undefined) throw new SqlError('3D000', `database ${name} does not exist`, 'connect');
      const session = model.connect(target);
      if (session === 'Refused') throw new PortError('Unreachable', `${target.host}: connection refused`);
      if (session === undefined) return SILENCE;
      return {
        run: (statement) => session.answer(statement),
        close: () => {
          session.close();
        },
      };
    },
  };
}
