import type { Clock } from '../../../src/ports/clock.ts';
import type { Files } from '../../../src/ports/files.ts';
import type { Ports } from '../../../src/ports/index.ts';
import type { Kubeconfigs } from '../../../src/ports/kubeconfigs.ts';
import type { Log } from '../../../src/ports/log.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { never } from '../kernel/index.ts';
import type { Process, Program } from '../kernel/index.ts';
import { simAws } from './aws.ts';
import { simDns } from './dns.ts';
import { simHttp } from './http.ts';
import { simSql } from './sql.ts';
import type { World } from './world.ts';

/** Everything a process touches, over models instead of the world. What it asks never settles once it is dead. */
export function createSimPorts(process: Process, world: World): Ports {
  return {
    clock: simClock(process),
    random: { next: (label) => process.draw(label) },
    http: simHttp(process, world),
    aws: simAws(process, world),
    sql: simSql(process, world),
    dns: simDns(process, world),
    files: simFiles(process, world),
    kubeconfigs: simKubeconfigs(world),
    log: simLog(process, world),
    exit: { exit: (code, why) => process.exit(code, why) },
  };
}

/** A program written for ports, as the kernel spawns it. */
export function withPorts(world: World, program: (ports: Ports, process: Process) => Promise<void> | void): Program {
  return (process) => program(createSimPorts(process, world), process);
}

function simClock(process: Process): Clock {
  return {
    incarnation: process.id,
    wall: () => process.wall(),
    monotonic: () => process.monotonic(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (!process.alive()) return;
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          cancel();
          if (process.alive()) reject(signal?.reason);
        };
        const cancel = process.after(ms, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
  };
}

function simFiles(process: Process, world: World): Files {
  return {
    read: async (path) => {
      if (!process.alive()) return await never<string>();
      const text = world.files?.get(path);
      if (text === undefined) throw new PortError('Unreachable', `cannot read ${path}: ENOENT`);
      return text;
    },
  };
}

function simKubeconfigs(world: World): Kubeconfigs {
  return {
    parse: (text) => {
      if (world.kubeconfigs === undefined) throw new PortError('Malformed', 'kubeconfig: this world reads none');
      return world.kubeconfigs(text);
    },
  };
}

function simLog(process: Process, world: World): Log {
  return {
    log: (level, message, fields) => {
      if (!process.alive()) return;
      process.trace('log', level, '', `${message} ${JSON.stringify(fields, readable)}`);
      world.log?.({ process: process.id, wall: process.wall(), level, message, fields });
    },
  };
}

function readable(_key: string, value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === 'bigint' ? String(value) : value;
}
