import { west } from '../scenarios/names.ts';
import { ask, planName, plansPath, runsPath } from '../scenarios/objects.ts';
import { leaseHolder, rival } from '../scenarios/rival.ts';
import type { Stage } from '../scenarios/stage.ts';
import type { Fault, FaultAddress } from '../simulation/kernel/index.ts';

/** One way in which an API server, the network or the operator's machine fails in the middle of a planned run. */
export interface OperatorFault {
  readonly name: string;
  readonly operators?: readonly string[];
  /** Called when the person has just set the field. Returns ms after which the fault is over. */
  readonly strike: (stage: Stage) => number;
  /** Whether the world has shown that it struck, where the kernel cannot tell: nothing of its own was in the way. */
  readonly struck?: (stage: Stage) => boolean;
  /** How much later than without the fault, and beyond its own duration, the platform may be healthy again, ms. */
  readonly withinMs: number;
}

const managementServer = 'api.management.sandbox:6443';
const westServer = `api.${west}.sandbox:6443`;

/** 20 s from now, at one API server. */
function during(
  stage: Stage,
  fault: (where: FaultAddress) => readonly Fault[],
  destination = managementServer,
): number {
  const from = stage.kernel.now();
  stage.kernel.inject(...fault({ destination, from, to: from + spanMs }));
  return spanMs;
}

const spanMs = 20_000;

/** What is open breaks, so that it has to be asked for anew. */
function breakStreams(stage: Stage, destination = managementServer): void {
  const now = stage.kernel.now();
  stage.kernel.cut({ match: { id: destination }, how: 'refuse', from: now, to: now + 20 });
}

const answered = (status: number, headers: Readonly<Record<string, string>> = {}) => {
  return (where: FaultAddress): readonly Fault[] => [
    { ...where, label: 'kube.*', do: 'error', error: { status, headers } },
  ];
};

const expiredInStream = `${JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' },
})}\n`;

/** A third party that writes what the operator is about to write, again and again. */
function storm(stage: Stage, ms: number): number {
  const { kernel, world, person } = stage;
  const begun = kernel.now();
  const write = (turn: number): void => {
    const touched = { metadata: { annotations: { 'example.com/turn': String(turn) } } };
    ask(world.management, 'PATCH', `${plansPath}/${planName}`, touched, 'sidecar/v1');
    const run = person.run()?.metadata.name;
    if (run !== undefined) ask(world.management, 'PATCH', `${runsPath}/${run}`, touched, 'sidecar/v1');
  };
  // Once in 97 ms: a pass of the operator takes about 30, so most of its writes meet one, and some get through.
  for (let at = 0; at < ms; at += 97) kernel.at(begun + at, 'another writes', () => write(at));
  return ms;
}

/** By the API server's own log: a status of the Run met what another had written. Undisturbed, only the operator writes it. */
function runStatusRefused({ world }: Stage): boolean {
  return world.audit.some(
    ({ code, resource, subresource }) =>
      code === 409 && resource === 'disasterrecoveryruns' && subresource === 'status',
  );
}

/** Once the promotion is on its way, and slowly, somebody else holds the Lease. */
function takenOver(stage: Stage): number {
  const { kernel } = stage;
  let taken = false;
  kernel.inject(
    { label: 'sql.promote', do: 'delay', ms: 4_000, occurrence: 1 },
    {
      label: 'sql.promote',
      occurrence: 1,
      do: 'run',
      run: () => {
        if (taken) return;
        taken = true;
        kernel.at(kernel.now() + 1_000, 'the Lease is taken over', () => void rival(stage, ['a', 'b'], 0));
      },
    },
  );
  return 0;
}

/** As soon as the promotion is recorded, once. */
function atPromotion(stage: Stage, task: (leader: string) => void): void {
  const look = (): void => {
    if (stage.person.step('promote/orders')?.intent === undefined) {
      stage.kernel.at(stage.kernel.now() + 50, 'watching', look);
      return;
    }
    task(leaseHolder(stage) ?? 'operator');
  };
  look();
}

function jump(stage: Stage, ms: number): number {
  atPromotion(stage, (leader) => {
    stage.kernel.jumpWall(leader, ms);
    stage.kernel.at(stage.kernel.now() + 10_000, 'the clock is set right', () => stage.kernel.jumpWall(leader, -ms));
  });
  return 10_000;
}

export const operatorFaults: readonly OperatorFault[] = [
  {
    name: 'list hung',
    strike(stage) {
      breakStreams(stage);
      return during(stage, (where) => [{ ...where, label: 'kube.list', do: 'hang' }]);
    },
    // A hung list is given up after 30 s.
    withinMs: 35_000,
  },
  {
    name: 'watch hung',
    strike(stage) {
      breakStreams(stage);
      return during(stage, (where) => [{ ...where, label: 'kube.watch', do: 'hang' }]);
    },
    withinMs: 35_000,
  },
  {
    name: 'watch silent (stale)',
    strike(stage) {
      const now = stage.kernel.now();
      // A moment in which packets vanish: what was open then never says anything again.
      stage.kernel.cut({ match: { id: managementServer }, how: 'hang', from: now, to: now + 20 });
      return 20;
    },
    // Until it is given up for its silence, nothing wakes the operator but its own clocks.
    withinMs: 95_000,
  },
  {
    name: 'reset',
    strike(stage) {
      for (let at = 0; at < spanMs; at += 700) {
        stage.kernel.at(stage.kernel.now() + at, 'connections break', () => breakStreams(stage));
      }
      return spanMs;
    },
    withinMs: 5_000,
  },
  {
    name: '410 by HTTP',
    strike(stage) {
      breakStreams(stage);
      return during(stage, (where) => [{ ...where, label: 'kube.watch', do: 'error', error: { status: 410 } }]);
    },
    withinMs: 12_000,
  },
  {
    name: '410 in the stream',
    strike(stage) {
      breakStreams(stage);
      const error = { status: 200, body: expiredInStream };
      return during(stage, (where) => [{ ...where, label: 'kube.watch', do: 'error', error }]);
    },
    withinMs: 12_000,
  },
  { name: '500', strike: (stage) => during(stage, answered(500)), withinMs: 16_000 },
  { name: '503', strike: (stage) => during(stage, answered(503)), withinMs: 16_000 },
  { name: '401', strike: (stage) => during(stage, answered(401)), withinMs: 16_000 },
  {
    name: '429 with Retry-After',
    strike: (stage) => during(stage, answered(429, { 'retry-after': '2' })),
    withinMs: 16_000,
  },
  {
    name: 'slow',
    strike: (stage) => during(stage, (where) => [{ ...where, label: 'kube.*', do: 'delay', ms: 2_500 }]),
    withinMs: 16_000,
  },
  {
    name: 'status replies lost',
    strike: (stage) =>
      during(stage, (where) => [
        { ...where, label: 'kube.patch', detail: '*/status #*', do: 'drop-reply', seen: 'reset' },
      ]),
    withinMs: 16_000,
  },
  { name: 'conflict storm', strike: (stage) => storm(stage, spanMs), struck: runStatusRefused, withinMs: 16_000 },
  { name: "region's API: 503", strike: (stage) => during(stage, answered(503), westServer), withinMs: 16_000 },
  {
    name: "region's API: hung",
    strike: (stage) => during(stage, (where) => [{ ...where, label: 'kube.*', do: 'hang' }], westServer),
    withinMs: 16_000,
  },
  {
    name: "region's API: 429",
    strike: (stage) => during(stage, answered(429, { 'retry-after': '2' }), westServer),
    withinMs: 16_000,
  },
  // Until nothing of the first may arrive any more: what is left of its effect's time, the skew and a request's time.
  { name: 'Lease taken over, effect in flight', operators: ['a'], strike: takenOver, withinMs: 16_000 },
  { name: 'wall clock +1 h for 10 s', strike: (stage) => jump(stage, 3_600_000), withinMs: 25_000 },
  { name: 'wall clock -1 h for 10 s', strike: (stage) => jump(stage, -3_600_000), withinMs: 25_000 },
  {
    name: 'SIGSTOP beyond the lease',
    strike(stage) {
      atPromotion(stage, (leader) => stage.kernel.suspend(leader, 40_000));
      return 40_000;
    },
    withinMs: 25_000,
  },
];
