import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Address } from '../link.ts';
import { layout } from './configuration.ts';
import type { Installation } from './installation.ts';
import { gone, isAlive, killTree, postmaster, signal } from './processes.ts';

const START_MS = 120_000;
const STOP_MS = 60_000;

/**
 * One PostgreSQL server: a folder, and whatever process runs on it now. It holds no child process, for a rebuild in
 * another process may stop and start the same server: what counts is always read from the folder.
 */
export interface Server extends Address {
  readonly name: string;
  readonly folder: string;
  readonly data: string;
  /** The server's own log, a witness that no client writes. */
  readonly log: string;
  /** What clients trust (PEM). */
  readonly ca: string;
  pid(): Promise<number | undefined>;
  /** Resolves when it takes SQL, a standby as soon as it can be read. Nothing to do if it already does. */
  start(): Promise<void>;
  /** `fast` writes a checkpoint and sends what standbys have not got; `immediate` drops everything. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** SIGKILL for the postmaster and all its backends at once: a lost machine. */
  kill(): Promise<void>;
}

/** A server from its folder, in any process. */
export async function openServer(folder: string, installation: Installation): Promise<Server> {
  const files = layout(folder);
  const { name, host, port } = readDescription(await readFile(files.description, 'utf8'), files.description);
  return {
    name,
    folder,
    host,
    port,
    data: files.data,
    log: files.log,
    ca: await readFile(files.ca, 'utf8'),
    pid: () => postmaster(files.data),
    start: () => start(folder, installation),
    stop: (mode) => stopPostmaster(files.data, mode),
    kill: async () => {
      const pid = await postmaster(files.data);
      if (pid !== undefined) await killTree(pid);
    },
  };
}

export async function describeServer(folder: string, name: string, address: Address): Promise<void> {
  await writeFile(layout(folder).description, JSON.stringify({ name, host: address.host, port: address.port }));
}

function readDescription(text: string, path: string): { readonly name: string } & Address {
  const value: unknown = JSON.parse(text);
  if (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'host' in value &&
    'port' in value &&
    typeof value.name === 'string' &&
    typeof value.host === 'string' &&
    typeof value.port === 'number'
  ) {
    return { name: value.name, host: value.host, port: value.port };
  }
  throw new Error(`${path} does not describe a server of the sandbox.`);
}

async function start(folder: string, installation: Installation): Promise<void> {
  const files = layout(folder);
  const running = await postmaster(files.data);
  if (running !== undefined) {
    await ready(files.data, files.log, running);
    return;
  }
  await runPostmaster(installation, files.data, files.log, [`config_file=${files.configuration}`]);
}

/** Starts a postmaster in a session of its own and resolves when it takes SQL. @throws Error with the log's last lines. */
export async function runPostmaster(
  installation: Installation,
  data: string,
  log: string,
  settings: readonly string[],
): Promise<void> {
  // Left by a killed one. PostgreSQL would refuse to start if that number lives on, as a zombie or as somebody else.
  await rm(`${data}/postmaster.pid`, { force: true });
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const { file, args: words, options } = installation.command('postgres', args);
  const output = await open(log, 'a');
  try {
    const child = spawn(file, words, {
      ...options,
      cwd: data,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { PATH: process.env.PATH, LANG: 'C', LC_ALL: 'C' },
    });
    await once(child, 'spawn');
    child.unref();
    if (child.pid === undefined) throw new Error('PostgreSQL got no process.');
    await ready(data, log, child.pid);
  } finally {
    await output.close();
  }
}

/** The eighth line of postmaster.pid, which is what pg_ctl waits for too. */
async function ready(data: string, log: string, pid: number): Promise<void> {
  const late = Date.now() + START_MS;
  for (;;) {
    const lines = await readFile(`${data}/postmaster.pid`, 'utf8').then(
      (text) => text.split('\n'),
      () => [],
    );
    const state = lines[7]?.trim();
    if (Number(lines[0]) === pid && (state === 'ready' || state === 'standby')) return;
    if (!(await isAlive(pid))) throw new Error(`PostgreSQL ended while it started:\n${await tail(log)}`);
    if (Date.now() > late) {
      throw new Error(`PostgreSQL takes no connections after ${String(START_MS)} ms:\n${await tail(log)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function stopPostmaster(data: string, mode: 'fast' | 'immediate'): Promise<void> {
  const pid = await postmaster(data);
  if (pid === undefined) return;
  // A stopped (SIGSTOP) postmaster would never see the other one.
  signal(pid, 'SIGCONT');
  signal(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  await gone([pid], STOP_MS);
}

async function tail(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch((error: unknown) => `(no log: ${String(error)})`);
  return text.split('\n').slice(-15).join('\n');
}

/**
 * A free port below the range from which systems take outgoing ports (Linux 32768, macOS 49152), so that a server
 * which was killed finds its own port free when it comes back.
 */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(15_000, 32_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => {
        resolve(false);
      });
      probe.listen({ host, port, exclusive: true }, () => {
        resolve(true);
      });
    });
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
  throw new Error(`${host}: no free port between 15000 and 32000.`);
}
