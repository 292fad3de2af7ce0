import { KubeConfig } from '@kubernetes/client-node';
import { parse as parseYaml } from 'yaml';
import type { TlsOptions } from '../ports/http.ts';
import type { ClusterAccess, Kubeconfigs } from '../ports/kubeconfigs.ts';
import { PortError } from '../ports/port-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** Why a field of a kubeconfig from a Secret is not accepted: what follows "user.exec ". */
const refusedUserFields: Readonly<Record<string, string>> = {
  exec: 'would run a program in the operator; put a ServiceAccount token or a client certificate there',
  'auth-provider': 'is not supported; put a ServiceAccount token or a client certificate there',
  tokenFile: "names a file of the operator's machine; put the token itself into user.token",
  'token-file': "names a file of the operator's machine; put the token itself into user.token",
  'client-certificate': "names a file of the operator's machine; use client-certificate-data",
  'client-key': "names a file of the operator's machine; use client-key-data",
  username: 'is basic authentication, which Kubernetes no longer has; use a token or a client certificate',
  password: 'is basic authentication, which Kubernetes no longer has; use a token or a client certificate',
  as: 'asks for impersonation, which is the operator’s own to choose; remove it',
  'as-uid': 'asks for impersonation, which is the operator’s own to choose; remove it',
  'as-groups': 'asks for impersonation, which is the operator’s own to choose; remove it',
  'as-user-extra': 'asks for impersonation, which is the operator’s own to choose; remove it',
};
const refusedClusterFields: Readonly<Record<string, string>> = {
  'certificate-authority': "names a file of the operator's machine; use certificate-authority-data",
  'insecure-skip-tls-verify': 'would trust whoever answers; put the CA into certificate-authority-data',
  'proxy-url': 'is not supported; the API server must be reachable directly',
};

/**
 * Only the current context counts. It is checked as it stands in the file and handed on reduced to what was checked,
 * because client-node reads the file behind `token-file` of any user while it parses.
 */
export function createKubeconfigs(): Kubeconfigs {
  return {
    parse: (text) => {
      const { cluster, user } = currentEntries(text);
      refuse('cluster', cluster, refusedClusterFields);
      refuse('user', user, refusedUserFields);
      return accessOf(cluster, user);
    },
  };
}

function accessOf(cluster: Json, user: Json): ClusterAccess {
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      'current-context': 'current',
      contexts: [{ name: 'current', context: { cluster: 'current', user: 'current' } }],
      clusters: [{ name: 'current', cluster: { ...cluster, server: serverOf(cluster) } }],
      users: [{ name: 'current', user }],
    }),
  );
  const parsed = { cluster: config.getCurrentCluster(), user: config.getCurrentUser() };
  if (parsed.cluster === null || parsed.user === null) throw malformed('the current context is incomplete');
  const { server, caData, tlsServerName } = parsed.cluster;
  const { certData, keyData, token } = parsed.user;
  if ((certData === undefined) !== (keyData === undefined)) {
    throw malformed('user needs client-certificate-data and client-key-data together');
  }
  if (token === undefined && certData === undefined) {
    throw malformed('user has no credentials; set token, or client-certificate-data and client-key-data');
  }
  const tls: TlsOptions = {
    ...pem('ca', 'cluster.certificate-authority-data', caData),
    ...pem('cert', 'user.client-certificate-data', certData),
    ...pem('key', 'user.client-key-data', keyData),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  };
  return token === undefined ? { server, tls } : { server, tls, token };
}

function currentEntries(text: string): { readonly cluster: Json; readonly user: Json } {
  const config = parsed(text);
  const current = config['current-context'];
  if (typeof current !== 'string' || current === '') throw malformed('current-context is not set');
  const context = entry(config, 'contexts', 'context', current, 'current-context');
  const named = (field: 'cluster' | 'user'): string => {
    const name = context[field];
    if (typeof name !== 'string' || name === '') throw malformed(`context.${field} is not set`);
    return name;
  };
  return {
    cluster: strings('cluster', entry(config, 'clusters', 'cluster', named('cluster'), 'context.cluster')),
    user: strings('user', entry(config, 'users', 'user', named('user'), 'context.user')),
  };
}

function parsed(text: string): Json {
  let value: unknown;
  try {
    value = parseYaml(text, { prettyErrors: false, logLevel: 'error' });
  } catch {
    // The parser's message may quote the line, and with it a credential.
    throw malformed('it is not valid YAML');
  }
  if (!isJson(value)) throw malformed('it is not a YAML mapping');
  return value;
}

function entry(config: Json, list: string, field: string, name: string, referrer: string): Json {
  const entries = config[list];
  const found: unknown = Array.isArray(entries)
    ? entries.find((item: unknown) => isJson(item) && item.name === name)
    : undefined;
  const value = isJson(found) ? found[field] : undefined;
  if (!isJson(value)) throw malformed(`${referrer} names "${name.slice(0, 80)}", which is not among ${list}`);
  return value;
}

/** Fields that client-node takes as text must be text. */
function strings(where: string, fields: Json): Json {
  const textual = /^(server|token|tls-server-name|.*-data)$/;
  const wrong = Object.entries(fields).find(([name, value]) => textual.test(name) && typeof value !== 'string');
  if (wrong !== undefined) throw malformed(`${where}.${wrong[0]} must be a string`);
  return fields;
}

function refuse(where: string, fields: Json, refused: Readonly<Record<string, string>>): void {
  for (const [name, why] of Object.entries(refused)) {
    const value = fields[name];
    const unset = value === undefined || value === null || value === false || value === '';
    if (!unset) throw malformed(`${where}.${name} ${why}`);
  }
}

function serverOf(cluster: Json): string {
  const server = cluster.server;
  const url = typeof server === 'string' && URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined) throw malformed('cluster.server is not a URL; use https://host:port');
  if (url.protocol !== 'https:') throw malformed('cluster.server must begin with https://');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw malformed('cluster.server must be https://host:port without credentials or query');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function pem(key: 'ca' | 'cert' | 'key', field: string, data: string | undefined): Partial<Record<typeof key, string>> {
  if (data === undefined) return {};
  const text = Buffer.from(data, 'base64').toString('utf8');
  if (!text.includes('-----BEGIN ')) throw malformed(`${field} is not base64 of PEM`);
  return { [key]: text };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): PortError {
  return new PortError('Malformed', `kubeconfig: ${why}`);
}
