import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { promisify } from 'node:util';

const GONE_MS = 60_000;

/** Processes, zombies aside, whose command line names the folder. */
export async function processesOf(folder: string): Promise<readonly string[]> {
  if (!existsSync('/proc/self/cmdline')) {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'command=']);
    return stdout.split('\n').filter((line) => line.includes(folder) && !line.includes('<defunct>'));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      try {
        const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
        return words.includes(folder) ? `${pid} ${words}` : '';
      } catch {
        return '';
      }
    }),
  );
  return lines.filter((line) => line !== '');
}

export async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + GONE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < late, what);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function assertNothingLeft(folder: string, ports: readonly number[]): Promise<void> {
  await until(`${folder} still exists`, async () => !existsSync(folder));
  await until(`processes of ${folder} still run`, async () => (await processesOf(folder)).length === 0);
  // A process that ends has no command line any more before its sockets are closed.
  for (const port of ports) {
    await until(`somebody still listens on port ${String(port)}`, async () => !(await isListening(port)));
  }
}
