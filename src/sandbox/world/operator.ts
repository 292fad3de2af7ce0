import { join } from 'node:path';
import { startProgram, type Program } from './program.ts';
import { OPERATOR_NAMESPACE } from './names.ts';
import { paths, type WorldFile } from './world-file.ts';

const PRELOAD = join(import.meta.dirname, '..', 'programs', 'end-with-parent-preload.ts');

/** The operator's times in a world where everything is near. The rest of its configuration is the default. */
const TIMES: Readonly<Record<string, string>> = Object.freeze({
  MAESTRO_LEASE: '4s',
  MAESTRO_EFFECT_TIMEOUT: '2s',
  MAESTRO_LOOK_TIMEOUT: '2s',
  MAESTRO_REST_INTERVAL: '1s',
  MAESTRO_REGION_INTERVAL: '2s',
});

/** Where the operator's log lines go, JSON. */
export function operatorLog(folder: string): string {
  return join(paths(folder).operator, 'operator.log');
}

/**
 * The operator as a cluster would run it: its bundle, an environment, and no knowledge of the sandbox. `preload` makes
 * it end with us, as a container ends with its node.
 */
export async function startOperator(file: WorldFile, bundle: string): Promise<Program> {
  const folder = paths(file.folder).operator;
  return await startProgram({
    args: ['--import', PRELOAD, bundle],
    cwd: folder,
    log: operatorLog(file.folder),
    ready: 'started',
    env: {
      ...TIMES,
      HOME: folder,
      KUBECONFIG: file.kubeconfigs.operator,
      MAESTRO_NAMESPACE: OPERATOR_NAMESPACE,
      MAESTRO_POD_NAME: 'maestro-dr-0',
      MAESTRO_ALLOW_LOCAL_CHECKS: 'true',
      // Drawn by the system, so that worlds side by side do not meet; the log says which.
      MAESTRO_METRICS_ADDRESS: '127.0.0.1:0',
      MAESTRO_DNS_SERVERS: file.nameServers.map(({ name, port }) => `${name}=127.0.0.1:${String(port)}`).join(','),
      AWS_ENDPOINT_URL_ROUTE_53: file.route53Url,
      AWS_ACCESS_KEY_ID: 'AKIASANDBOX00000000',
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_REGION: 'us-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
}
