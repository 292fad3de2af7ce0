import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../certificates.ts';
import type { Address } from '../link.ts';

/** What lies in a server's folder. Only `data` is PostgreSQL's; a rebuild replaces it and leaves the rest alone. */
export function layout(folder: string) {
  return {
    data: join(folder, 'data'),
    configuration: join(folder, 'postgresql.conf'),
    access: join(folder, 'pg_hba.conf'),
    replication: join(folder, 'replication.conf'),
    passfile: join(folder, 'replication.pass'),
    log: join(folder, 'postgresql.log'),
    ca: join(folder, 'ca.crt'),
    cert: join(folder, 'server.crt'),
    key: join(folder, 'server.key'),
    description: join(folder, 'server.json'),
    rebuild: join(folder, 'rebuild.json'),
  } as const;
}

/**
 * Settings of every server of the sandbox, primary or standby alike, for they change places. Durable against the end
 * of a process, not of the machine (`fsync`): nothing that the sandbox shows depends on the second.
 */
function settings(folder: string, address: Address): Readonly<Record<string, string>> {
  const files = layout(folder);
  return {
    listen_addresses: address.host,
    port: String(address.port),
    unix_socket_directories: '',
    hba_file: files.access,
    ssl: 'on',
    ssl_cert_file: files.cert,
    ssl_key_file: files.key,
    ssl_ca_file: files.ca,
    password_encryption: 'scram-sha-256',
    wal_level: 'replica',
    wal_log_hints: 'on',
    hot_standby: 'on',
    hot_standby_feedback: 'off',
    synchronous_commit: 'on',
    fsync: 'off',
    max_wal_senders: '8',
    max_replication_slots: '8',
    wal_receiver_status_interval: '1s',
    wal_retrieve_retry_interval: '500ms',
    max_connections: '100',
    shared_buffers: '16MB',
    min_wal_size: '32MB',
    max_wal_size: '256MB',
    jit: 'off',
    huge_pages: 'off',
    // Fewer processes, and no file in /dev/shm that a killed server would leave there.
    io_method: 'sync',
    dynamic_shared_memory_type: 'mmap',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_connections: 'on',
    log_disconnections: 'on',
    log_line_prefix: '%m [%p] %q%u@%d ',
    log_timezone: 'UTC',
    timezone: 'UTC',
    include_if_exists: files.replication,
  };
}

const ACCESS = `# Password and TLS for everybody; there is no other way in.
hostssl replication replicator 127.0.0.0/8 scram-sha-256
hostssl all         all        127.0.0.0/8 scram-sha-256
`;

export interface Credentials {
  readonly postgres: string;
  readonly maestro: string;
  readonly replicator: string;
  readonly shop: string;
}

export async function writeConfiguration(
  folder: string,
  address: Address,
  tls: { readonly ca: string; readonly certificate: Certificate },
): Promise<void> {
  const files = layout(folder);
  await writeFile(files.configuration, configurationText(settings(folder, address)));
  await writeFile(files.access, ACCESS);
  await writeFile(files.ca, tls.ca);
  await writeFile(files.cert, tls.certificate.cert);
  await writeSecret(files.key, tls.certificate.key);
}

export interface Upstream extends Address {
  readonly slot: string;
  readonly password: string;
  readonly applicationName: string;
}

/** libpq's password file for the role that replicates; not in the data, which copies are made of. */
export async function writePassfile(folder: string, password: string): Promise<void> {
  await writeSecret(layout(folder).passfile, `*:*:*:replicator:${password.replace(/[\\:]/g, '\\$&')}\n`);
}

/** What makes it a standby of `upstream`, standby.signal apart. */
export async function writeReplication(folder: string, upstream: Upstream): Promise<void> {
  const files = layout(folder);
  await writePassfile(folder, upstream.password);
  const conninfo = {
    host: upstream.host,
    port: String(upstream.port),
    user: 'replicator',
    application_name: upstream.applicationName,
    sslmode: 'verify-full',
    sslrootcert: files.ca,
    passfile: files.passfile,
    connect_timeout: '5',
  };
  const text = Object.entries(conninfo)
    .map(([name, value]) => `${name}='${value.replace(/[\\']/g, '\\$&')}'`)
    .join(' ');
  await writeFile(files.replication, configurationText({ primary_conninfo: text, primary_slot_name: upstream.slot }));
}

export function configurationText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) =>
      // include_if_exists is a directive and takes no equals sign.
      name.startsWith('include') ? `${name} ${quoted(value)}\n` : `${name} = ${quoted(value)}\n`,
    )
    .join('');
}

function quoted(value: string): string {
  return `'${value.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`;
}

/** libpq and the server refuse keys and passwords that others can read. */
export async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}
