import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { PodEvents, PodRuntime, RunnableContainer, RunnablePod, RunningPod } from '../models/kube-api/index.ts';
import type { Address } from '../link.ts';
import { programOf } from './images.ts';
import { startReadiness } from './readiness.ts';
import { mountVolumes, type ReadData } from './volumes.ts';

export interface ProcessRuntimeOptions {
  /** Each pod gets a folder of its own below; its name is in the command line of the pod's process. */
  readonly folder: string;
  readonly read: ReadData;
  /** For images that are no program of the sandbox. */
  readonly otherwise: PodRuntime;
  /** A pod with a listening process became ready, or is so no more: who balances over them wants to know. */
  readonly endpoint: (pod: RunnablePod, address: Address | undefined) => void;
}

/** After a SIGTERM, ms. The real default is 30 s; nobody waits that long for a demonstration. */
const GRACE_MS = 5_000;

/** Pods as processes of this machine, children of the process that plays their node. */
export function createProcessRuntime(options: ProcessRuntimeOptions): PodRuntime {
  return {
    run: (pod, events) => {
      const [container] = pod.containers;
      const program = container === undefined ? undefined : programOf(container.image);
      if (container === undefined || program === undefined) return options.otherwise.run(pod, events);
      return runProgram(options, pod, container, program, events);
    },
  };
}

function runProgram(
  options: ProcessRuntimeOptions,
  pod: RunnablePod,
  container: RunnableContainer,
  program: string,
  events: PodEvents,
): RunningPod {
  const folder = join(options.folder, `${pod.namespace}_${pod.name}_${pod.uid}`);
  const termination = join(folder, 'termination-log');
  let env: Readonly<Record<string, string>>;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    env = mountVolumes(pod, container, folder, options.read);
  } catch (error) {
    return failedLater(events, error instanceof Error ? error.message : String(error));
  }
  const child = spawn(process.execPath, [program, ...container.args, `--pod=${folder}`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: folder, MAESTRO_TERMINATION_MESSAGE: termination, ...env },
  });
  return follow(child, { ...options, pod, container, events, folder, termination });
}

interface Followed extends ProcessRuntimeOptions {
  readonly pod: RunnablePod;
  readonly container: RunnableContainer;
  readonly events: PodEvents;
  readonly termination: string;
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>, followed: Followed): RunningPod {
  const { pod, container, events, folder, endpoint } = followed;
  const readiness: { stop: () => void } = { stop: () => undefined };
  const unready = (): void => {
    readiness.stop();
    endpoint(pod, undefined);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.log(line);
    const listening = listeningOf(line);
    if (listening === undefined) return;
    events.started(listening.host);
    readiness.stop = startReadiness(pod, container, listening, (ready) => {
      events.ready(ready);
      endpoint(pod, ready ? listening : undefined);
    });
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    events.log(line);
  });
  if (pod.job) {
    child.once('spawn', () => {
      events.started('127.0.0.1');
      events.ready(true);
    });
  }
  const ended = new Promise<void>((resolve) => {
    const end = (code: number, message: string | undefined): void => {
      unready();
      rmSync(folder, { recursive: true, force: true });
      events.exited(code, message);
      resolve();
    };
    child.once('error', (error) => {
      end(128, error.message);
    });
    child.once('close', (code, signal) => {
      end(code ?? (signal === 'SIGKILL' ? 137 : 143), readIfThere(followed.termination));
    });
  });
  return {
    stop: (done) => {
      unready();
      terminate(child);
      void ended.then(done);
    },
  };
}

function terminate(child: ChildProcess): void {
  child.kill('SIGTERM');
  const late = setTimeout(() => {
    child.kill('SIGKILL');
  }, GRACE_MS);
  child.once('close', () => {
    clearTimeout(late);
  });
}

/** `run` must not report synchronously. */
function failedLater(events: PodEvents, message: string): RunningPod {
  const timer = setTimeout(() => {
    events.log(message);
    events.exited(128, message);
  });
  return {
    stop: (done) => {
      clearTimeout(timer);
      setTimeout(done);
    },
  };
}

/** The first line of a program that serves: `{"listening": {"host", "port"}}`. */
function listeningOf(line: string): Address | undefined {
  if (!line.startsWith('{"listening"')) return undefined;
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('listening' in value)) return undefined;
  const { listening } = value;
  if (typeof listening !== 'object' || listening === null || !('host' in listening) || !('port' in listening)) {
    return undefined;
  }
  const { host, port } = listening;
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
