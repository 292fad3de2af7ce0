import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../../scripts/build.ts';
import { stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { OPERATOR_NAMESPACE } from '../../../src/sandbox/world/names.ts';
import { kubectl } from '../../support/kubectl.ts';
import type { Api } from './kube-api.ts';

const SCRIPT = join(ROOT, 'deploy', 'target', 'kubeconfig.sh');
const ACCOUNT = 'maestro-dr';
const FILLED_MS = 60_000;
const EVERY_MS = 200;

/** A token of the operator's ServiceAccount as its Pod would have one: its groups are the API server's to say. */
export async function podToken(api: Api): Promise<string> {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 7_200 },
  };
  const path = `/api/v1/namespaces/${OPERATOR_NAMESPACE}/serviceaccounts/${ACCOUNT}/token`;
  const token = stringAt(await api.create(path, request), 'status', 'token');
  if (token === undefined) throw new Error(`no token for ${ACCOUNT}`);
  return token;
}

/**
 * The kubeconfig of a region, printed by the script that people use. It asks to be tried again until the controller
 * has filled the token's Secret.
 */
export async function regionKubeconfig(personsFile: string): Promise<string> {
  const path = `${dirname(await kubectl())}:${process.env.PATH ?? ''}`;
  const late = Date.now() + FILLED_MS;
  for (;;) {
    try {
      // kubectl keeps what it has discovered below HOME.
      const env = { PATH: path, HOME: dirname(personsFile), KUBECONFIG: personsFile };
      const options = { env, timeout: FILLED_MS };
      return (await promisify(execFile)('sh', [SCRIPT], options)).stdout;
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
      if (!said.includes('has no token yet') || Date.now() > late) throw new Error(`${SCRIPT}: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
