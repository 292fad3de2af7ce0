import { readSettings } from './settings.ts';
import { startOperator } from './operator.ts';
import { createAws } from './system/aws.ts';
import { createClock } from './system/clock.ts';
import { createDns } from './system/dns.ts';
import { createExit } from './system/exit.ts';
import { createFiles } from './system/files.ts';
import { createHttp } from './system/http.ts';
import { createKubeconfigs } from './system/kubeconfigs.ts';
import { createLog } from './system/log.ts';
import { serveMetrics } from './system/metrics-server.ts';
import { createRandom } from './system/random.ts';
import { createSql } from './system/sql.ts';
import type { ClusterAccess } from './ports/kubeconfigs.ts';
import type { Ports } from './ports/index.ts';
import { version } from './version.ts';

async function main(): Promise<void> {
  if (process.argv.includes('--version')) {
    process.stdout.write(`${version}\n`);
    return;
  }
  const settings = readSettings(process.env);
  if (!settings.ok) {
    process.stderr.write(`maestro-dr cannot start:\n${settings.problems.map((problem) => `  ${problem}\n`).join('')}`);
    process.exitCode = 2;
    return;
  }
  const { config, logLevel, kubeconfigPath, metrics } = settings.value;
  const log = createLog({ level: logLevel });
  const ports: Ports = {
    clock: createClock(),
    random: createRandom(),
    http: createHttp(),
    aws: createAws({ requestTimeoutMs: config.effectMs }),
    sql: createSql(),
    dns: createDns(),
    files: createFiles(),
    kubeconfigs: createKubeconfigs(),
    log,
    exit: createExit(log),
  };
  const access = await managementAccess(ports, kubeconfigPath);
  const operator = startOperator(ports, config, () => access);
  ports.log.log('info', 'maestro-dr started', {
    version,
    identity: config.identity,
    incarnation: ports.clock.incarnation,
  });
  const stop = (signal: string): void => {
    ports.log.log('info', 'stopping', { signal });
    void operator.stop();
  };
  process.once('SIGTERM', () => {
    stop('SIGTERM');
  });
  process.once('SIGINT', () => {
    stop('SIGINT');
  });
  const server = metrics === undefined ? undefined : await serveMetrics(metrics, operator, ports);
  if (server !== undefined) log.log('info', 'metrics are served', { url: server.url });
  await operator.done;
  await server?.close();
  process.exit(0);
}

/** Outside a cluster a kubeconfig says where the plans live; inside one, the pod's ServiceAccount. */
async function managementAccess(ports: Ports, kubeconfigPath: string | undefined): Promise<ClusterAccess> {
  if (kubeconfigPath !== undefined) return ports.kubeconfigs.parse(await ports.files.read(kubeconfigPath));
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const host = process.env.KUBERNETES_SERVICE_HOST ?? 'kubernetes.default.svc';
  const port = process.env.KUBERNETES_SERVICE_PORT ?? '443';
  const ca = await ports.files.read(`${folder}/ca.crt`);
  const address = host.includes(':') ? `[${host}]` : host;
  return { server: `https://${address}:${port}`, tls: { ca }, tokenFile: `${folder}/token` };
}

main().catch((error: unknown) => {
  process.stderr.write(`maestro-dr stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
