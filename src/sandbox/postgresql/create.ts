import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate } from '../certificates.ts';
import type { Address } from '../link.ts';
import { baseBackup, ensureSlot } from './base-backup.ts';
import type { Source } from './base-backup.ts';
import type { Credentials } from './configuration.ts';
import { layout, writeConfiguration, writePassfile, writeReplication, writeSecret } from './configuration.ts';
import type { Installation } from './installation.ts';
import { createRoles } from './roles.ts';
import { describeServer, freePort, openServer } from './server.ts';
import type { Server } from './server.ts';

export interface ServerOptions {
  readonly name: string;
  /** Made here; must not exist or be empty. */
  readonly folder: string;
  /** Default 127.0.0.1 and a free port. */
  readonly host?: string;
  readonly port?: number;
  readonly ca: string;
  /** Must name the host, and the host of any link that leads to it. */
  readonly certificate: Certificate;
  readonly credentials: Credentials;
  readonly installation: Installation;
}

export function createCredentials(): Credentials {
  const password = (): string => randomBytes(18).toString('base64url');
  return { postgres: password(), maestro: password(), replicator: password(), shop: password() };
}

/** A running primary with the roles, the database `shop` and its table. */
export async function createPrimary(options: ServerOptions): Promise<Server> {
  const { folder, installation } = options;
  const files = layout(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = join(folder, 'initial-password');
  await writeSecret(secret, options.credentials.postgres);
  await installation.adopt(folder);
  const args = ['-D', files.data, '-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--no-locale', '--no-sync'];
  const { file, args: words, options: as } = installation.command('initdb', [...args, '--pwfile', secret]);
  await promisify(execFile)(file, words, { ...as, cwd: folder, timeout: 120_000, env: { PATH: process.env.PATH } });
  await rm(secret);
  // For the day on which it has to follow somebody else.
  await writePassfile(folder, options.credentials.replicator);
  const server = await configureAndStart(options);
  await createRoles(server, options.ca, options.credentials);
  return server;
}

export interface StandbyOptions extends ServerOptions {
  /** Where it streams from: the primary itself, or a link to it. */
  readonly via: Address;
  readonly slot: string;
}

/** A running standby of `primary`, copied while the primary takes writes. Resolves when it can be read. */
export async function createStandbyFrom(primary: Address, options: StandbyOptions): Promise<Server> {
  const { folder, installation, credentials } = options;
  const source: Source = { host: primary.host, port: primary.port, ca: options.ca, password: credentials.replicator };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await ensureSlot(source, options.slot);
  await baseBackup(source, layout(folder).data, `standby ${options.name}`);
  await writeFile(join(layout(folder).data, 'standby.signal'), '');
  await writeReplication(folder, {
    ...options.via,
    slot: options.slot,
    password: credentials.replicator,
    applicationName: options.name,
  });
  return await configureAndStart({ ...options, installation });
}

/** Where the port is ours to choose, somebody may take it between our look and PostgreSQL's: then another one. */
async function configureAndStart(options: ServerOptions): Promise<Server> {
  const { folder, installation, host = '127.0.0.1' } = options;
  for (let attempt = 1; ; attempt++) {
    const address = { host, port: options.port ?? (await freePort(host)) };
    await writeConfiguration(folder, address, options);
    await describeServer(folder, options.name, address);
    await installation.adopt(folder);
    const server = await openServer(folder, installation);
    try {
      await server.start();
      return server;
    } catch (error) {
      const taken = (await readFile(server.log, 'utf8')).includes('Address already in use');
      if (!taken || options.port !== undefined || attempt === 5) throw error;
      await rm(server.log);
    }
  }
}
