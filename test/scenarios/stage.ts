import { defaultConfig, type Config } from '../../src/config.ts';
import { startOperator } from '../../src/operator.ts';
import type { Authorize } from '../../src/sandbox/models/kube-api/index.ts';
import { createKernel, type Cut, type Fault, type Kernel, type Latency } from '../simulation/kernel/index.ts';
import { createSimPorts } from '../simulation/ports/index.ts';
import type { LogLine } from '../simulation/ports/world.ts';
import { sharedCrds } from './crds.ts';
import { dnsServerSettings, endpointsOf } from './endpoints.ts';
import type { Seed } from './objects.ts';
import { createPerson, type Person } from './person.ts';
import { recordTimeline, type Timeline } from './timeline.ts';
import { operatorToken } from './names.ts';
import { createWorld, type Waits, type World } from './world.ts';

export interface StageOptions extends Partial<Seed> {
  readonly seed?: number;
  readonly faults?: readonly Fault[];
  readonly cuts?: readonly Cut[];
  readonly config?: Partial<Config>;
  /** Names of operator processes; default one. */
  readonly operators?: readonly string[];
  readonly clientEveryMs?: number;
  /** What each cluster allows; see WorldOptions. */
  readonly authorize?: (cluster: string) => Authorize;
  readonly waits?: Waits;
  /** Of the network; default 5 ms each way and up to 2 ms of jitter. */
  readonly latency?: Partial<Latency>;
  /** Another program in the operator's place, such as one with a function swapped. */
  readonly start?: typeof startOperator;
  /** False where nobody reads it: a thousand histories are told faster without. */
  readonly timeline?: boolean;
}

/** A world in virtual time with the operator in it, and a person to talk to it. */
export interface Stage {
  readonly kernel: Kernel;
  readonly world: World;
  readonly person: Person;
  readonly timeline: Timeline;
  readonly logs: readonly LogLine[];
  /** Starts another operator, as a second replica or a pod that was moved. */
  start(name: string): void;
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until it holds. @throws Error, with what the run says of itself, when it does not within `limitMs`. */
  until(what: string, condition: () => boolean, limitMs?: number): Promise<void>;
  /** Wall ms now. */
  now(): number;
}

export const startWall = Date.UTC(2026, 2, 1, 3, 0, 0);

export const stageConfig: Config = Object.freeze({
  ...defaultConfig,
  drivers: Object.freeze({ allowLocalChecks: true, dnsServers: dnsServerSettings }),
});

const untold: Timeline = Object.freeze({ lines: [], note: () => undefined, text: () => '' });

export function createStage(options: StageOptions = {}): Stage {
  const kernel = createKernel({
    seed: options.seed ?? 1,
    startWall,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.cuts === undefined ? {} : { cuts: options.cuts }),
  });
  const world = createWorld({ databases: ['orders'], ttl: 30, ...options, time: kernel.time, crds: sharedCrds() });
  const logs: LogLine[] = [];
  const endpoints = endpointsOf(world, (line) => logs.push(line), options.latency);
  const access = { server: 'https://api.management.sandbox:6443', tls: {}, token: operatorToken };
  const start = (name: string): void => {
    const config = { ...stageConfig, identity: name, ...options.config };
    const run = options.start ?? startOperator;
    kernel.spawn(name, async (process) => await run(createSimPorts(process, endpoints), config, () => access).done, {
      restartAfterMs: 1_000,
    });
  };
  for (const name of options.operators ?? ['operator']) start(name);
  const person = createPerson(world);
  const timeline = options.timeline === false ? untold : recordTimeline(world, startWall);
  world.clients.start();
  const until: Stage['until'] = async (what, condition, limitMs = 600_000) => {
    const stopped = await kernel.run({ until: condition, maxVirtualMs: limitMs });
    if (stopped.why !== 'until') {
      throw new Error(
        `never ${what} (${stopped.why} after ${String(stopped.at)} ms)\n${describe(person)}\n${timeline.text()}`,
      );
    }
  };
  return {
    kernel,
    world,
    person,
    timeline,
    logs,
    start,
    until,
    pass: async (ms) => {
      const end = kernel.now() + ms;
      const stopped = await kernel.run({ until: () => kernel.now() >= end, maxVirtualMs: ms });
      if (stopped.why !== 'until' && stopped.why !== 'time') throw new Error(`the world stopped: ${stopped.why}`);
    },
    now: () => kernel.time.now(),
  };
}

function describe(person: Person): string {
  const run = person.run();
  const steps = (run?.status?.steps ?? []).filter((step) => step.state !== 'Pending' && step.outcome === undefined);
  const words = steps.map(
    (step) => `  ${step.id} ${step.state} ${step.waitsFor?.reason ?? ''}: ${step.waitsFor?.message ?? ''}`,
  );
  return [
    `run ${run?.metadata.name ?? 'none'} ${run?.status?.phase ?? ''}: ${run?.status?.message ?? ''}`,
    ...words,
    JSON.stringify(person.planStatus().conditions),
  ].join('\n');
}
