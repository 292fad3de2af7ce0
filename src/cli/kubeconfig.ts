import type { RequestOptions } from 'node:https';
import type { TlsOptions } from '../ports/http.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';
import { loadKubeconfig, unusable, type Environment } from './kubeconfig-files.ts';

export interface PersonsAccess {
  readonly access: ClusterAccess;
  readonly namespace: string;
  /** The context that was read: what to ask for when it is loaded anew, for another may have become the current one. */
  readonly context: string;
}

/**
 * A person's own kubeconfig, with whatever it holds: programs that give out tokens, files, certificates. The operator's
 * port (src/system/kubeconfigs.ts) refuses these, for there they come from a Secret that somebody else may write.
 * Each call reads all of it again, and runs the program.
 * @throws CliError with a sentence.
 */
export async function personsAccess(
  file: string | undefined,
  context: string | undefined,
  env: Environment,
): Promise<PersonsAccess> {
  const config = loadKubeconfig(file, env);
  if (context !== undefined) {
    if (config.getContextObject(context) === null) {
      const known = config.contexts.map(({ name }) => name).join(', ');
      throw unusable(`there is no context "${context}"; it knows ${known === '' ? 'none' : known}`);
    }
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null || user === null) {
    throw unusable('its current context names no cluster or no user; name another with --context');
  }
  // Left out, the word would be said with other rights than kubectl has, and under another name in the audit log.
  if (user.impersonateUser) {
    throw unusable(
      `impersonation (as: ${user.impersonateUser}) is not supported; name a context that has its own rights`,
    );
  }
  if (cluster.skipTLSVerify) {
    throw unusable('insecure-skip-tls-verify would trust whoever answers; put the CA into certificate-authority-data');
  }
  if (cluster.proxyUrl !== undefined) {
    throw unusable('proxy-url is not supported; the API server must be reachable directly');
  }
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw unusable(`its credentials cannot be had: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = config.getCurrentContext();
  const { namespace = '' } = config.getContextObject(read) ?? {};
  return {
    access: accessOf(cluster.server, options),
    namespace: namespace === '' ? 'default' : namespace,
    context: read,
  };
}

function accessOf(server: string, options: RequestOptions): ClusterAccess {
  const authorization = new Headers(headersOf(options)).get('authorization') ?? '';
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1];
  const tls: TlsOptions = {
    ...pem('ca', options.ca),
    ...pem('cert', options.cert),
    ...pem('key', options.key),
    ...(options.servername === undefined ? {} : { serverName: options.servername }),
  };
  return { server: server.replace(/\/+$/, ''), tls, ...(token === undefined ? {} : { token }) };
}

function headersOf({ headers }: RequestOptions): [string, string][] {
  if (headers === undefined || Array.isArray(headers)) return [];
  return Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
}

function pem(key: 'ca' | 'cert' | 'key', value: unknown): Partial<Record<typeof key, string>> {
  if (typeof value === 'string') return { [key]: value };
  return Buffer.isBuffer(value) ? { [key]: value.toString('utf8') } : {};
}
