import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const POLL_MS = 20;

/**
 * The postmaster that runs on a data folder, or undefined. A folder whose postmaster was killed keeps its
 * `postmaster.pid`, and the number may be another program's by now: only a live process that was started with this
 * folder counts.
 */
export async function postmaster(data: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const pid = Number(text.split('\n', 1)[0]);
  return Number.isInteger(pid) && pid > 0 && (await isServerOf(pid, data)) ? pid : undefined;
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!(await isAlive(pid))) return false;
  if (process.platform !== 'linux') {
    return (await psLines(['-p', String(pid), '-o', 'command='])).some((line) => line.includes(data));
  }
  try {
    const words = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).split('\0');
    return words.includes(data) || (await readlink(`/proc/${String(pid)}/cwd`)) === data;
  } catch {
    return false;
  }
}

/** A zombie is dead: in a container nobody may ever collect it. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  const parsed = await statOf(pid);
  return parsed !== undefined && parsed.state !== 'Z' && parsed.state !== 'X';
}

export async function childrenOf(parent: number): Promise<readonly number[]> {
  if (process.platform !== 'linux') {
    const lines = await psLines(['-A', '-o', 'pid=,ppid=']);
    return lines
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []));
  }
  const pids = (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
  const stats = await Promise.all(pids.map(async (pid) => ({ pid, stat: await statOf(pid) })));
  return stats.filter(({ stat }) => stat?.parent === parent).map(({ pid }) => pid);
}

/** A SIGKILL of the whole tree at one instant, as when the machine loses power. Resolves when all of it is gone. */
export async function killTree(parent: number): Promise<void> {
  // Stopped first, so that it can fork no backend that the list below would miss.
  signal(parent, 'SIGSTOP');
  const tree = [parent, ...(await childrenOf(parent))];
  for (const pid of tree) signal(pid, 'SIGKILL');
  await gone(tree, 30_000);
}

/** @throws Error when one is still alive after `ms`. */
export async function gone(pids: readonly number[], ms: number): Promise<void> {
  const late = Date.now() + ms;
  for (const pid of pids) {
    while (await isAlive(pid)) {
      if (Date.now() > late) throw new Error(`process ${String(pid)} is still alive after ${String(ms)} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** True when the process existed. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** proc(5): the name in parentheses may hold anything, so the fields are counted from its end. */
async function statOf(pid: number): Promise<{ readonly state: string; readonly parent: number } | undefined> {
  try {
    const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

async function psLines(args: readonly string[]): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)('ps', args, { timeout: 10_000 });
    return stdout.split('\n').filter((line) => line.trim() !== '');
  } catch {
    // ps exits 1 when no process matches.
    return [];
  }
}
