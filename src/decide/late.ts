import type { Hold, StepKind, StepStatus } from '../api/run.ts';
import { pastNoReturn } from './abort.ts';
import { abortCommand, digCommand, isReadyCommand, listCommand, skipCommand } from './commands.ts';
import { answersOf, databaseOf, trafficOf, workloadOf, type Context } from './context.ts';
import type { Judgement } from './judgement.ts';
import { mayPassReasons } from './person-reasons.ts';
import { skipRefused } from './steering/skip.ts';

/**
 * What may pass by itself is waited for until the step's deadline, and nobody is asked. Past it whoever looks is told what
 * to type: the word that goes on without it or turns back, where the run takes that word as it stands; else what shows
 * the cause, for then it can only be mended outside.
 */
export function withWayOn(judged: Judgement, step: StepStatus, ctx: Context): Judgement {
  if (judged.kind === 'Done') return judged;
  const next = wayOn(judged.hold, step, ctx);
  return next === undefined ? judged : { ...judged, hold: { ...judged.hold, next } };
}

function wayOn(hold: Hold, step: StepStatus, ctx: Context): string | undefined {
  const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
  if (!late || hold.next !== undefined || !mayPassReasons.includes(hold.reason)) return undefined;
  return ways[step.kind]?.(step, ctx);
}

type Way = (step: StepStatus, ctx: Context) => string | undefined;

const skipped: Way = (step, ctx) => (skipRefused(step, ctx) === undefined ? skipCommand(ctx, step.id) : undefined);
const pods: Way = ({ region }, ctx) => listCommand(ctx, region ?? ctx.target, 'pods');
const objects: Way = ({ region, subject }, ctx) =>
  listCommand(ctx, region ?? ctx.target, `${workloadOf(ctx, subject).target.kind.toLowerCase()}s`);
const turnedBack: Way = (step, ctx) => (pastNoReturn(ctx.status) ? showsServer(step, ctx) : abortCommand(ctx));

const ways: Readonly<Partial<Record<StepKind, Way>>> = Object.freeze({
  Dependency: skipped,
  Smoke: skipped,
  PreflightWorkload: objects,
  // That these can be skipped is not offered: the traffic would be sent to what does not run.
  PreScale: pods,
  Workload: pods,
  StandDown: pods,
  Soak: pods,
  PreflightDatabase: turnedBack,
  Promote: turnedBack,
  Checkpoint: turnedBack,
  Open: turnedBack,
  Probe: turnedBack,
  ObserveTraffic: asksServer,
});

function showsServer(step: StepStatus, ctx: Context): string | undefined {
  const server = databaseOf(ctx, step.subject).servers[ctx.target];
  return server === undefined ? undefined : isReadyCommand(server);
}

/** The first of the servers that do not answer with the target yet. */
function asksServer(step: StepStatus, ctx: Context): string | undefined {
  const { fact } = answersOf(ctx, step.subject ?? '');
  if (!fact.known) return undefined;
  const behind = fact.value.servers.find(({ answers }) => answers.kind !== 'Region' || answers.region !== ctx.target);
  return behind === undefined ? undefined : digCommand(trafficOf(ctx, step.subject), behind.name);
}
