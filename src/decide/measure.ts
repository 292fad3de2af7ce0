import type { DatabaseRecovery, Evidence, Milestones, OutcomeState, RunStatus, StepKind } from '../api/run.ts';
import { databaseAt, stepOf, type Context } from './context.ts';
import { switchpointOf } from './kinds/way-back.ts';
import { attestationFor } from './kinds/fence.ts';
import { fencedOnReturn, lossBound, replayedNow } from './loss.ts';
import { recoveryPoint } from './recovery-point.ts';

/** Outcomes of steps that were never carried out: nothing was seen of what they were for. */
const unseen: readonly OutcomeState[] = ['Pretended', 'Skipped'];

/** When every step of a kind was seen done: the latest of them; absent until then, or where there is none. */
function allDoneAt(status: RunStatus, kind: StepKind): number | undefined {
  const steps = status.steps.filter((step) => step.kind === kind);
  if (steps.length === 0 || steps.some((step) => step.outcome === undefined || unseen.includes(step.outcome.state))) {
    return undefined;
  }
  return Math.max(...steps.map((step) => step.outcome?.at ?? 0));
}

/** t0 to t8 as far as they were seen (DESIGN.md "Measuring"). Once there, a milestone does not move. */
export function milestones(ctx: Context): Milestones {
  const { status } = ctx;
  const had = status.milestones;
  const observedAt = allDoneAt(status, 'ObserveTraffic');
  const ttls = status.steps.filter((s) => s.kind === 'ObserveTraffic').map((s) => s.outcome?.evidence[0]?.value?.ttl);
  const ttlMs = Math.max(0, ...ttls.map((ttl) => (typeof ttl === 'number' ? ttl * 1000 : 0)));
  return {
    ...had,
    ...pick('disruption', had.disruption ?? lastSeenAlive(ctx)),
    ...pick('started', had.started ?? stepOf(status, 'approve')?.outcome?.at),
    ...pick('fenced', had.fenced ?? provenFencesAt(status)),
    ...pick(
      'opened',
      had.opened ?? allDoneAt(status, 'Probe') ?? (hasProbe(status) ? undefined : allDoneAt(status, 'Open')),
    ),
    ...pick('trafficObserved', had.trafficObserved ?? observedAt),
    ...pick('cachesExpireBy', had.cachesExpireBy ?? (observedAt === undefined ? undefined : observedAt + ttlMs)),
    ...pick('smokePassed', had.smokePassed ?? allDoneAt(status, 'Smoke')),
    ...pick('sustained', had.sustained ?? allDoneAt(status, 'Soak')),
  };
}

/** A forced run's t0 as far as it was seen: when the source last answered. It cannot have been later. */
function lastSeenAlive(ctx: Context): number | undefined {
  if (ctx.status.mode !== 'Forced') return undefined;
  const own = ctx.status.samples.filter(
    (sample) => sample.region === ctx.source && !sourceAnswers(ctx, sample.database),
  );
  return own.length === 0 ? undefined : Math.max(...own.map((sample) => sample.at));
}

/** What was not asked in this pass is not said to be silent. */
function sourceAnswers(ctx: Context, database: string): boolean {
  const { fact } = databaseAt(ctx, database, ctx.source);
  return fact.known || fact.why === 'NotAsked';
}

function hasProbe(status: RunStatus): boolean {
  return status.steps.some((step) => step.kind === 'Probe');
}

/** Only what was proven counts as fenced: an override has no t4 until the standing duty is done. */
function provenFencesAt(status: RunStatus): number | undefined {
  const fences = status.steps.filter((step) => step.kind === 'Fence');
  if (fences.length === 0) return undefined;
  const at = fences.map((fence) => {
    const finished = stepOf(status, `finish-fence/${fence.subject ?? ''}`)?.outcome;
    const proof = fence.outcome?.state === 'Overridden' ? finished : fence.outcome;
    return proof?.state === 'Pretended' ? undefined : proof?.at;
  });
  return at.some((value) => value === undefined) ? undefined : Math.max(...at.map((value) => value ?? 0));
}

function pick<K extends keyof Milestones>(key: K, value: number | undefined): Partial<Pick<Milestones, K>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Pick<Milestones, K>>);
}

/** RPO per database, graded, and where its data cease. What the source's return shows amends what was bounded before. */
export function recoveries(ctx: Context): readonly DatabaseRecovery[] {
  return ctx.spec.databases.flatMap((database) => {
    const promoted = stepOf(ctx.status, `promote/${database.name}`);
    const before = ctx.status.recovery.find((r) => r.database === database.name);
    if (promoted?.outcome?.state === 'Skipped') return [before ?? leftBehind(database.name)];
    if (promoted?.outcome === undefined || promoted.outcome.state === 'Pretended') {
      return before === undefined ? [] : [before];
    }
    return [amended(ctx, database.name, before ?? bounded(ctx, database.name))];
  });
}

/** Nothing of it is in the target to measure; what it holds lies where it was. */
function leftBehind(database: string): DatabaseRecovery {
  return { database, grade: 'Unknown', basis: 'NotPromoted' };
}

function bounded(ctx: Context, database: string): DatabaseRecovery {
  const switchpoint = switchpointOf(ctx, database);
  const reached = switchpoint ?? replayedNow(ctx, database);
  const bound = lossBound(ctx, database, reached);
  const point = recoveryPoint(ctx, database, reached);
  const timeline = stepOf(ctx.status, `promote/${database}`)?.outcome?.evidence[0]?.value?.timeline;
  return {
    database,
    grade: bound.grade,
    basis: bound.basis,
    ...(bound.lossMs === undefined ? {} : { lossMs: bound.lossMs }),
    ...(point === undefined ? {} : { point }),
    ...(switchpoint === undefined ? {} : { switchpoint }),
    ...(typeof timeline === 'number' ? { timeline } : {}),
  };
}

function amended(ctx: Context, database: string, recovery: DatabaseRecovery): DatabaseRecovery {
  const kept = withPreserved(ctx, database, recovery);
  const compared = stepOf(ctx.status, `compare/${database}`)?.outcome;
  const read = compared?.state === 'Succeeded' ? compared.evidence[0]?.value : undefined;
  if (read === undefined || kept.grade === 'Measured') return kept;
  return { ...kept, ...countsOf(read), ...measured(ctx, database, read) };
}

function withPreserved(ctx: Context, database: string, recovery: DatabaseRecovery): DatabaseRecovery {
  const preservedAt = stepOf(ctx.status, `rebuild/${database}`)?.outcome?.evidence[0]?.value?.preservedAt;
  return typeof preservedAt === 'string' ? { ...recovery, preservedAt } : recovery;
}

type Read = NonNullable<Evidence['value']>;

function countsOf(read: Read): Partial<DatabaseRecovery> {
  const keys = ['lostCommits', 'postReturnCommits', 'firstLostAt', 'lastLostAt'] as const;
  return Object.fromEntries(keys.flatMap((key) => (typeof read[key] === 'number' ? [[key, read[key]] as const] : [])));
}

/** The diverged commits were read: the loss is what lies between the first of them and the end of the writing. */
function measured(
  ctx: Context,
  database: string,
  { lostCommits, firstLostAt, lastLostAt, postReturnCommits }: Read,
): Partial<DatabaseRecovery> {
  // What it took after it came back, and before the promotion left it behind, is lost as well: up to its fence.
  const tookMore = typeof postReturnCommits === 'number' && postReturnCommits > 0;
  const fencedAgain = tookMore ? fencedOnReturn(ctx, database) : undefined;
  if (lostCommits === 0 && fencedAgain === undefined) return { grade: 'Measured', lossMs: 0, basis: 'Compared' };
  if (typeof firstLostAt !== 'number' || typeof lastLostAt !== 'number') return {};
  // Where it ended as attested; the last lost commit is later only where the person was wrong.
  const end = Math.max(attestationFor(ctx, database)?.at ?? lastLostAt, lastLostAt, fencedAgain ?? 0);
  const point = { earliest: Math.floor(firstLostAt), latest: Math.ceil(firstLostAt) };
  return { grade: 'Measured', lossMs: Math.max(0, end - firstLostAt), basis: 'Compared', point };
}
