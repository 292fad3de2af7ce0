import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { signal as send } from '../postgresql/processes.ts';

/** A process of the world that has said it is ready. */
export interface Program {
  readonly pid: number;
  readonly running: () => boolean;
  /** Resolves with how it ended: an exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM; SIGKILL for its group when it takes too long. */
  stop(): Promise<void>;
  /** SIGKILL for the process and all it has started in its group, at once. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  /** Node's own options and the program with its arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it writes to stderr, and to stdout after it is ready, is appended here. */
  readonly log: string;
  /** Which line on stdout says that it is ready; default is `{"ready": …}`. Where it is `'started'`, none is waited for. */
  readonly ready?: ((line: string) => boolean) | 'started';
}

export class AddressTaken extends Error {}

const READY_MS = 120_000;
const STOP_MS = 8_000;

/**
 * Starts a Node program in a process group of its own: a Ctrl-C in the terminal reaches the world's owner alone, who
 * then ends things in order. @throws AddressTaken when it exits with 3, Error with its last words otherwise.
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const log = openSync(options.log, 'a', 0o600);
  const spawning: SpawnOptions = {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', options.ready === 'started' ? log : 'pipe', log],
    env: { PATH: process.env.PATH, ...options.env },
  };
  const child = spawn(process.execPath, [...options.args], spawning);
  closeSync(log);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? 1);
    });
    child.once('error', () => {
      resolve(1);
    });
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.args.join(' ')}: got no process`);
  const program: Program = {
    pid,
    running: () => child.exitCode === null && child.signalCode === null,
    ended,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) send(pid, 'SIGTERM');
      await endedWithin(ended, STOP_MS);
      killGroup(pid);
      await ended;
    },
    kill: async () => {
      killGroup(pid);
      await ended;
    },
  };
  if (options.ready !== 'started') await becameReady(child, program, options);
  return program;
}

/** The leader may be gone while others of its group are not. */
function killGroup(pid: number): void {
  send(-pid, 'SIGKILL');
}

async function endedWithin(ended: Promise<unknown>, ms: number): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, ms);
  try {
    await Promise.race([ended, once(late.signal, 'abort')]);
  } finally {
    clearTimeout(timer);
  }
}

async function becameReady(child: ChildProcess, program: Program, options: ProgramOptions): Promise<void> {
  if (child.stdout === null) throw new Error('the program has no stdout');
  const isReady = typeof options.ready === 'function' ? options.ready : (line: string) => line.startsWith('{"ready"');
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<'ready'>((resolve) => {
    lines.on('line', (line) => {
      if (isReady(line)) resolve('ready');
    });
  });
  const late = setTimeout(() => void program.kill(), READY_MS);
  const first = await Promise.race([ready, program.ended]);
  clearTimeout(late);
  if (first === 'ready') return;
  const what = `${options.args.join(' ')} ended with ${String(first)} before it was ready; see ${options.log}`;
  throw first === 3 ? new AddressTaken(what) : new Error(what);
}
