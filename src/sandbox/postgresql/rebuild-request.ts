import { readFile } from 'node:fs/promises';
import { layout } from './configuration.ts';
import type { RebuildRequest } from './rebuild.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of the Job's pod. From the plan's template: `MAESTRO_SANDBOX_SERVER`, the local server's folder;
 * `PGPASSFILE` and `PGSSLROOTCERT`, what the pod mounts (default: what the server's folder holds). The rest is the
 * operator's. @throws Error that names the variable.
 */
export async function readRebuildRequest(env: Environment): Promise<RebuildRequest> {
  const folder = required(env, 'MAESTRO_SANDBOX_SERVER');
  const files = layout(folder);
  const host = required(env, 'MAESTRO_PRIMARY_HOST');
  const port = whole(env, 'MAESTRO_PRIMARY_PORT');
  if (env['MAESTRO_PRIMARY_SSLMODE'] === 'disable') {
    throw new Error('MAESTRO_PRIMARY_SSLMODE: the sandbox replicates over TLS only; say verify-full in the plan.');
  }
  const passfile = env['PGPASSFILE'] ?? files.passfile;
  const password = passwordOf(await readFile(passfile, 'utf8'), { host, port: String(port) });
  if (password === undefined) {
    throw new Error(`PGPASSFILE: ${passfile} has no entry for replicator at ${host}:${String(port)}.`);
  }
  return {
    folder,
    run: named(env, 'MAESTRO_RUN'),
    epoch: whole(env, 'MAESTRO_EPOCH'),
    source: { host, port, password, ca: await readFile(env['PGSSLROOTCERT'] ?? files.ca, 'utf8') },
    systemIdentifier: required(env, 'MAESTRO_SYSTEM_IDENTIFIER'),
    timeline: whole(env, 'MAESTRO_TIMELINE'),
    switchpoint: env['MAESTRO_SWITCHPOINT'] ?? '',
    slot: required(env, 'MAESTRO_SLOT'),
  };
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set.`);
  return value;
}

function whole(env: Environment, name: string): number {
  const value = Number(required(env, name));
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1.`);
  return value;
}

/** It becomes part of a folder's name. */
function named(env: Environment, name: string): string {
  const value = required(env, name);
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(value)) throw new Error(`${name} must be a Kubernetes name, not ${value}.`);
  return value;
}

/** libpq's password file: `host:port:database:user:password`, `*` for any, backslashes escape; the first match counts. */
export function passwordOf(text: string, wanted: { readonly host: string; readonly port: string }): string | undefined {
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const [host, port, database, user, password] = [...line.matchAll(/((?:[^\\:]|\\.)*)(?::|$)/g)].map((match) =>
      (match[1] ?? '').replace(/\\(.)/g, '$1'),
    );
    const fits = (value: string | undefined, ...of: readonly string[]): boolean =>
      value === '*' || (value !== undefined && of.includes(value));
    if (
      fits(host, wanted.host) &&
      fits(port, wanted.port) &&
      fits(database, 'replication') &&
      fits(user, 'replicator')
    ) {
      return password;
    }
  }
  return undefined;
}
