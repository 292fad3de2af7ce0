import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { numberAt, recordAt } from '../../src/kube/json.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { compareLsn } from '../../src/drivers/databases/lsn.ts';
import {
  endSessionsStatement,
  fenceStatement,
  openStatement,
  promoteStatement,
  serverStatement,
  sessionsStatement,
} from '../../src/drivers/databases/postgresql/statements.ts';
import type { Ports } from '../../src/ports/index.ts';
import type { SqlStatement, SqlTarget, SqlRow } from '../../src/ports/sql.ts';
import {
  east,
  host,
  nameServers,
  operatorToken,
  recordName,
  serverName,
  west,
  zoneId,
  type RegionName,
} from '../scenarios/names.ts';
import { ttlSeconds } from './waits.ts';

/**
 * The same planned move, as a team would write it into its runbook as a shell script: one command after the other, each
 * waited for with what the tool at hand waits with. Where that tool polls, its interval is the tool's own default:
 */
const intervals = {
  /**
   * `aws route53 wait resource-record-sets-changed`: "Polls Route53.Client.get_change() every 30 seconds".
   * https://docs.aws.amazon.com/botocore/latest/reference/services/route53/waiter/ResourceRecordSetsChanged.html
   */
  route53WaitMs: 30_000,
  /**
   * `watch -g psql …` and `watch -g dig …` for what has no waiter of its own (sessions gone, position replayed, name
   * servers): "By default, command is run every 2 seconds". https://www.linux.org/docs/man1/watch.html
   */
  watchMs: 2_000,
  /**
   * `psql -c 'SELECT pg_promote()'` returns when the server is promoted; it looks ten times a second
   * (WAITS_PER_SECOND in PostgreSQL's src/backend/access/transam/xlogfuncs.c).
   */
  promoteMs: 100,
  /**
   * `kubectl rollout status` and `kubectl wait` follow a watch: no interval of their own. As quick as that, here.
   * https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/
   */
  kubectlMs: 50,
  /** `curl --retry`: "first wait one second". https://curl.se/docs/manpage.html#--retry */
  curlMs: 1_000,
} as const;

const mark = { hash: 'runbook-script', epoch: 1, token: 'runbook' } as const;

/** Runs to its end. Returns nothing: what it did is for the world to show. */
export async function runbookScript(ports: Ports, databases: readonly string[]): Promise<void> {
  const clusters = { [east]: clientOf(ports, east), [west]: clientOf(ports, west) };
  // 1. Stop what writes by itself, and wait until it is gone.
  await scale(clusters[east], 'worker', 0);
  await settled(ports, clusters[east], 'worker', 0);
  for (const database of databases) {
    // 2. Nobody may write to the old primary any more; its sessions are ended.
    await sql(ports, database, east, fenceStatement(mark, ['shop']));
    await sql(ports, database, east, endSessionsStatement(['shop'], []));
    await until(
      ports,
      intervals.watchMs,
      async () => (await sql(ports, database, east, sessionsStatement(['shop']))).length === 0,
    );
    // 3. The standby has everything.
    const last = textAt(await sql(ports, database, east, serverStatement()), 'position');
    await until(
      ports,
      intervals.watchMs,
      async () => compareLsn(textAt(await sql(ports, database, west, serverStatement()), 'position'), last) >= 0,
    );
  }
  for (const database of databases) {
    // 4. Promote, and open it for the application.
    await sql(ports, database, west, promoteStatement());
    await until(
      ports,
      intervals.promoteMs,
      async () => !isInRecovery(await sql(ports, database, west, serverStatement())),
    );
    await sql(ports, database, west, openStatement(mark));
  }
  // 5. Bring the application up, wave by wave.
  await scale(clusters[west], 'api', 3);
  await settled(ports, clusters[west], 'api', 3);
  await scale(clusters[west], 'worker', 2);
  await settled(ports, clusters[west], 'worker', 2);
  // 6. Does it work? Only then move the traffic.
  await curl(ports, `https://lb.${west}.example.net/order`);
  await moveTraffic(ports);
  await curl(ports, `https://${recordName}/order`);
}

async function moveTraffic(ports: Ports): Promise<void> {
  const set = {
    Name: recordName,
    Type: 'CNAME',
    TTL: ttlSeconds,
    ResourceRecords: [{ Value: `lb.${west}.example.net` }],
  };
  const changed = await aws(ports, 'ChangeResourceRecordSets', {
    HostedZoneId: zoneId,
    ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: set }] },
  });
  const { Id } = changed.ChangeInfo as { readonly Id: string };
  await until(ports, intervals.route53WaitMs, async () => {
    const { ChangeInfo } = await aws(ports, 'GetChange', { Id });
    return (ChangeInfo as { readonly Status: string }).Status === 'INSYNC';
  });
  for (const [index] of nameServers.entries()) {
    await until(ports, intervals.watchMs, async () => {
      const query = { server: `10.0.0.${String(index + 1)}`, port: 53, name: recordName, type: 'CNAME' } as const;
      const { answers } = await ports.dns.query(query, signal());
      return answers.some(({ value }) => value.includes(west));
    });
  }
}

/** Asks at once, and then once in `ms`, as each of those tools does. */
async function until(ports: Ports, ms: number, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await ports.clock.sleep(ms);
}

/** A script waits for ever: whoever runs it presses Ctrl-C. */
function signal(): AbortSignal {
  return new AbortController().signal;
}

async function sql(
  ports: Ports,
  database: string,
  region: RegionName,
  statement: SqlStatement,
): Promise<readonly SqlRow[]> {
  const target: SqlTarget = {
    host: host(serverName(database, region)),
    port: 5432,
    database: 'shop',
    user: 'maestro',
    password: 'operator-password',
  };
  const [rows = []] = await ports.sql.run(target, [statement], signal());
  return rows;
}

function textAt([row]: readonly SqlRow[], key: string): string {
  return String(row?.[key]);
}

function isInRecovery([row]: readonly SqlRow[]): boolean {
  return row?.['recovering'] === true;
}

async function aws(
  ports: Ports,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  return await ports.aws.send({ service: 'route53', operation, input, region: west }, signal());
}

async function curl(ports: Ports, url: string): Promise<void> {
  await until(ports, intervals.curlMs, async () => {
    const { status } = await ports.http.send({ method: 'GET', url, headers: {}, label: 'curl' }, signal());
    return status === 200;
  });
}

function clientOf(ports: Ports, region: RegionName): KubeClient {
  const access = { server: `https://api.${region}.sandbox:6443`, tls: {}, token: operatorToken };
  const limiter = createLimiter(ports.clock, { ratePerSecond: 1_000, burst: 1_000, maxInFlight: 10 });
  return createKubeClient({ ports, access: () => access, cluster: region, limiter });
}

const refOf = (name: string) => ({
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  namespace: 'payments',
  name,
});

async function scale(client: KubeClient, name: string, replicas: number): Promise<void> {
  await client.patch(refOf(name), { spec: { replicas } }, { type: 'merge', deadlineMs: 60_000 });
}

/** `kubectl rollout status`; for zero `kubectl wait --for=delete pod`. */
async function settled(ports: Ports, client: KubeClient, name: string, replicas: number): Promise<void> {
  await until(ports, intervals.kubectlMs, async () => {
    if (replicas === 0) return (await podsOf(client, name)).length === 0;
    const status = recordAt(await client.get(refOf(name), { deadlineMs: 60_000 }), 'status');
    return numberAt(status, 'readyReplicas') === replicas && numberAt(status, 'updatedReplicas') === replicas;
  });
}

async function podsOf(client: KubeClient, name: string): Promise<readonly KubeObject[]> {
  const pods = { group: '', version: 'v1', resource: 'pods', namespace: 'payments' };
  const { items } = await client.list(pods, { labelSelector: `app=${name}` }, { deadlineMs: 60_000 });
  return items;
}
