import type { Hold, StepKind, StepStatus } from '../api/run.ts';
import { listedByHand } from '../drivers/traffic/by-hand.ts';
import { pastNoReturn } from './abort.ts';
import { abortCommand, digCommand, isReadyCommand, listCommand, resumeCommand, skipCommand } from './commands.ts';
import { answersOf, databaseOf, trafficOf, workloadOf, type Context } from './context.ts';
import type { Judgement } from './judgement.ts';
import { heldForDatabase } from './rules/safety.ts';
import { skipRefused } from './steering/skip.ts';

/**
 * What may pass by itself is waited for until the step's deadline, and nobody is asked. Past it whoever looks is told what
 * to type: the word that goes on without it or turns back, where the run takes that word as it stands; else what shows
 * the cause, for then it can only be mended outside.
 */
export function withWayOn(judged: Judgement, step: StepStatus, ctx: Context): Judgement {
  return judged.kind === 'Done' ? judged : { ...judged, hold: sayingWayOn(judged.hold, step, ctx) };
}

/** The same of whatever holds a step, a gate too. */
export function sayingWayOn(hold: Hold, step: StepStatus, ctx: Context): Hold {
  const late = isOverdue(step, hold, ctx.facts.now.wall);
  const next = late && hold.next === undefined ? ways[step.kind]?.(step, ctx, hold.reason) : undefined;
  return next === undefined ? hold : { ...hold, next };
}

/**
 * Past its deadline, and held by what does not end by itself. A look does: a successor that has only just begun to look
 * must not call people, or offer them to turn back what the look may show to be well. A check is asked again until it has
 * been green often enough in a row, and one that flaps never is.
 */
export function isOverdue({ deadline, kind }: StepStatus, { reason }: Hold, now: number): boolean {
  if (deadline === undefined || now < deadline) return false;
  return reason !== 'Observing' || kind === 'Dependency' || kind === 'Smoke';
}

type Way = (step: StepStatus, ctx: Context, reason: string) => string | undefined;

const skipped: Way = (step, ctx) => (skipRefused(step, ctx) === undefined ? skipCommand(ctx, step.id) : undefined);
const pods: Way = ({ region }, ctx) => listCommand(ctx, region ?? ctx.target, 'pods');
const objects: Way = ({ region, subject }, ctx) =>
  listCommand(ctx, region ?? ctx.target, `${workloadOf(ctx, subject).target.kind.toLowerCase()}s`);
const aborted: Way = (_step, ctx) => (pastNoReturn(ctx.status) ? undefined : abortCommand(ctx));
const turnedBack: Way = (step, ctx, reason) => aborted(step, ctx, reason) ?? showsServer(ctx, step.subject);

/** Of every kind that has a deadline. */
const ways: Readonly<Partial<Record<StepKind, Way>>> = Object.freeze({
  Dependency: skipped,
  Smoke: skipped,
  PreflightWorkload: objects,
  // That these can be skipped is not offered: the traffic would be sent to what does not run.
  PreScale: pods,
  Workload: pods,
  StandDown: pods,
  Soak: pods,
  PreflightTraffic: aborted,
  Quiesce: (step, ctx, reason) => aborted(step, ctx, reason) ?? pods(step, ctx, reason),
  PreflightDatabase: turnedBack,
  Fence: turnedBack,
  // At that one the run turns back by itself, unless it is paused: then once it goes on.
  Position: (_step, ctx) => (ctx.run.spec.desiredState === 'Paused' ? resumeCommand(ctx) : undefined),
  Promote: turnedBack,
  Checkpoint: turnedBack,
  Open: turnedBack,
  Probe: turnedBack,
  Compare: ({ subject }, ctx) => showsServer(ctx, subject, ctx.source),
  // Of a control plane that does not answer the rule itself says what can be done, once it knows.
  Shift: (step, ctx, reason) => {
    if (aboutDatabases.includes(reason)) return showsServer(ctx, heldForDatabase(step, ctx));
    return reason === 'Shifting' ? listedByHand(trafficOf(ctx, step.subject)) : undefined;
  },
  ObserveTraffic: asksServer,
});

/** Gates that hold the traffic for a database in the target. */
const aboutDatabases: readonly string[] = ['EvidenceStale', 'DatabaseNotOpen'];

function showsServer(ctx: Context, database: string | undefined, region = ctx.target): string | undefined {
  const server = database === undefined ? undefined : databaseOf(ctx, database).servers[region];
  return server === undefined ? undefined : isReadyCommand(server);
}

/** The first of the servers that do not answer with the target yet; where all do, it is the control plane that is behind. */
function asksServer(step: StepStatus, ctx: Context): string | undefined {
  const { fact } = answersOf(ctx, step.subject ?? '');
  if (!fact.known) return undefined;
  const behind = fact.value.servers.find(({ answers }) => answers.kind !== 'Region' || answers.region !== ctx.target);
  const record = trafficOf(ctx, step.subject);
  return behind === undefined ? listedByHand(record) : digCommand(record, behind.name);
}
