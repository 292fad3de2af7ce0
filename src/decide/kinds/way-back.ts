import type { Unknown } from '../../api/fact.ts';
import type { Evidence, Hold, StepStatus } from '../../api/run.ts';
import type { DatabaseState, Divergence } from '../../drivers/databases/driver.ts';
import { compareLsn } from '../../drivers/databases/lsn.ts';
import { asItIs, databaseAt, databaseOf, hold, seenAt, stepOf, unknownEvidence, type Context } from '../context.ts';
import { retryCommand, skipCommand } from '../commands.ts';
import type { Need } from '../facts.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';
import { rebuilt } from './preservation.ts';
import { beginsAnother, isAsked, rebuildJobNames, rebuildJobs, type RebuildJob } from './rebuild-jobs.ts';

const lookAtBoth = (step: StepStatus, ctx: Context): Need[] => [
  { kind: 'Database', name: step.subject ?? '', region: ctx.target },
  { kind: 'Database', name: step.subject ?? '', region: ctx.source },
];

/** Beyond the switchpoint: which commits were lost, and which came after the return. Read before anything rewinds them. */
export const compare: StepRule = {
  needs: (step, ctx) => {
    const switchpoint = switchpointOf(ctx, step.subject ?? '');
    const look: Need = { kind: 'Database', name: step.subject ?? '', region: ctx.source };
    return switchpoint === undefined
      ? [look]
      : [look, { kind: 'Divergence', name: step.subject ?? '', region: ctx.source, switchpoint }];
  },
  judge(step, ctx) {
    const name = step.subject ?? '';
    const source = databaseAt(ctx, name, ctx.source).fact;
    if (source.known && source.value.role === 'Replica') {
      return done('Vacuous', seenAt(source, `${name}@${ctx.source} is already a replica: nothing to compare`));
    }
    const key = `${name}@${ctx.source}`;
    if (isUnplaced(ctx, name)) {
      const what = `${key} cannot be compared: where ${ctx.target} left its timeline could not be read`;
      return done('Overridden', { what, at: ctx.facts.now.wall });
    }
    const fact = ctx.facts.observed.divergences[key]?.fact;
    if (fact === undefined) {
      return wait(hold('Comparing', `Reading what ${name} in ${ctx.source} holds beyond the switchpoint.`));
    }
    if (!fact.known) {
      if (fact.why === 'Malformed') return done('Overridden', unknownEvidence(`${key} cannot be compared`, fact));
      if (tooMuchToRead(step, ctx, fact)) {
        return done('Overridden', unknownEvidence(`${key} cannot be compared in time`, fact));
      }
      return wait(
        hold('Comparing', `What ${name} in ${ctx.source} holds beyond the switchpoint cannot be read yet.`, [
          unknownEvidence(key, fact),
        ]),
      );
    }
    const { lostCommits, postReturnCommits, firstLostAt, lastLostAt } = fact.value;
    return done(
      'Succeeded',
      seenAt(fact, `${key}: ${String(lostCommits)} commits lost, ${String(postReturnCommits)} after the return`, {
        lostCommits,
        postReturnCommits,
        ...(firstLostAt === undefined ? {} : { firstLostAt }),
        ...(lastLostAt === undefined ? {} : { lastLostAt }),
      }),
    );
  },
};

/**
 * Each reading begins anew, so that it will not end either. Only where the server itself gave it up: one that is dark, or
 * lacks a right, can be read once that is mended, and the step says that it is late.
 */
function tooMuchToRead(step: StepStatus, ctx: Context, { why, answered }: Unknown<Divergence>): boolean {
  const source = databaseAt(ctx, step.subject ?? '', ctx.source).fact;
  const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
  return late && source.known && why === 'Timeout' && answered === true;
}

export function switchpointOf(ctx: Context, name: string): string | undefined {
  const value = stepOf(ctx.status, `promote/${name}`)?.outcome?.evidence[0]?.value?.switchpoint;
  return typeof value === 'string' ? value : undefined;
}

/** Promoted, and nobody can read where. */
function isUnplaced(ctx: Context, name: string): boolean {
  const state = stepOf(ctx.status, `promote/${name}`)?.outcome?.state;
  return (state === 'Succeeded' || state === 'Vacuous') && switchpointOf(ctx, name) === undefined;
}

/**
 * Seen as a streaming replica on the new primary's timeline, by its number: a server that was promoted beside it may have
 * reached the same one. Whose WAL it is only `protect` proves.
 */
export function followsNewPrimary(ctx: Context, name: string): boolean {
  const source = databaseAt(ctx, name, ctx.source).fact;
  const promoted = stepOf(ctx.status, `promote/${name}`)?.outcome?.evidence[0]?.value;
  if (!source.known || promoted === undefined) return false;
  const { role, timeline, systemIdentifier, receiver } = source.value;
  const newer = typeof promoted.timeline === 'number' && timeline >= promoted.timeline;
  return role === 'Replica' && newer && systemIdentifier === promoted.systemIdentifier && receiver?.streaming === true;
}

export const rebuild: StepRule = {
  needs: (step, ctx) => [
    ...lookAtBoth(step, ctx),
    { kind: 'Region', region: ctx.source },
    ...rebuildJobNames(ctx, step.subject ?? '').map((name): Need => ({ kind: 'Job', name, region: ctx.source })),
  ],
  judge(step, ctx) {
    const name = step.subject ?? '';
    const follows = followsNewPrimary(ctx, name);
    if (follows && step.intent === undefined) {
      return done('Vacuous', {
        what: `${name}@${ctx.source} already streams on the timeline of ${ctx.target}; that it is its WAL shows in protect/${name}`,
        at: ctx.facts.now.wall,
      });
    }
    if (databaseOf(ctx, name).rebuild === undefined) {
      const message = `The plan has no rebuild Job for ${name}: make ${ctx.source} a standby of ${ctx.target} by hand; keep what diverged.`;
      return wait(hold('RebuildByHand', message, [asItIs(ctx, name, ctx.source)], skipCommand(ctx, step.id)));
    }
    const jobs = rebuildJobs(ctx, name);
    if (jobs === undefined) return wait(hold('Rebuilding', `The rebuild of ${name} in ${ctx.source} cannot be seen.`));
    const latest = jobs.at(-1);
    const running = jobs.findLast(({ fact }) => fact.value.state === 'Running');
    // It streams before its Job has ended, and only the ended Job says where the diverged data are kept.
    if (running !== undefined) return wait(atWork(ctx, name, running));
    const failed = latest?.fact.value.state === 'Failed' && isAsked(ctx, name, latest);
    if (follows && !failed) return rebuilt(ctx, name, jobs);
    if (latest === undefined || beginsAnother(ctx, name, jobs)) return startRebuild(ctx, name);
    return wait(failed ? failedJob(ctx, step, latest) : doneWell(ctx, name, latest));
  },
};

function asSeen({ name, fact }: RebuildJob): Evidence {
  return seenAt(fact, `Job ${name}: ${fact.value.state}. ${fact.value.message}`);
}

function atWork(ctx: Context, name: string, job: RebuildJob): Hold {
  const retry = isAsked(ctx, name, job) ? '' : `; the retry begins if Job ${job.name} fails`;
  return hold('Rebuilding', `Database ${name} in ${ctx.source} is being rebuilt${retry}.`, [asSeen(job)]);
}

function failedJob(ctx: Context, step: StepStatus, job: RebuildJob): Hold {
  const message = `The rebuild of ${step.subject ?? ''} in ${ctx.source} failed: ${job.fact.value.message}`;
  return hold('RebuildFailed', message, [asSeen(job)], retryCommand(ctx, step.id));
}

/** It has ended well, and the old server does not stream yet. */
function doneWell(ctx: Context, name: string, job: RebuildJob): Hold {
  const message = isAsked(ctx, name, job)
    ? `Database ${name} in ${ctx.source} is being rebuilt.`
    : `Job ${job.name} did its work after the retry was asked for, so no other is begun: ${name} in ${ctx.source} is waited for. ` +
      'Should it not come to stream, ask again.';
  return hold('Rebuilding', message, [asSeen(job)]);
}

function startRebuild(ctx: Context, name: string): Judgement {
  const names = rebuildJobNames(ctx, name);
  const former = names.slice(0, -1);
  const effect = {
    kind: 'Job',
    database: name,
    region: ctx.source,
    job: names.at(-1) ?? '',
    env: rebuildEnv(ctx, name),
    ...(former.length === 0 ? {} : { after: former }),
  } as const;
  return {
    kind: 'Act',
    effect,
    again: 10_000,
    hold: hold('Rebuilding', `Starting the rebuild of ${name} in ${ctx.source}.`),
  };
}

/** What the Job is told: whom to follow, and which system and timeline it must find there. Secrets are mounted by the plan's template. */
function rebuildEnv(ctx: Context, name: string): Readonly<Record<string, string>> {
  const primary = databaseOf(ctx, name).servers[ctx.target];
  if (primary === undefined) throw new Error(`the pinned plan has no server of ${name} in ${ctx.target}`);
  const {
    systemIdentifier = '',
    timeline = '',
    switchpoint = '',
  } = stepOf(ctx.status, `promote/${name}`)?.outcome?.evidence[0]?.value ?? {};
  return {
    MAESTRO_EPOCH: String(ctx.run.spec.epoch),
    MAESTRO_RUN: ctx.run.name,
    MAESTRO_DATABASE: name,
    MAESTRO_PRIMARY_HOST: primary.host,
    MAESTRO_PRIMARY_PORT: String(primary.port),
    MAESTRO_PRIMARY_SSLMODE: primary.sslMode,
    MAESTRO_SLOT: primary.slot ?? '',
    MAESTRO_SYSTEM_IDENTIFIER: String(systemIdentifier),
    MAESTRO_TIMELINE: String(timeline),
    MAESTRO_SWITCHPOINT: String(switchpoint),
    ...(ctx.run.spec.discardDiverged === undefined ? {} : { MAESTRO_DISCARD_DIVERGED: 'true' }),
  };
}

function slotsSeen({ slots }: DatabaseState): string {
  const words = slots.map((s) => `${s.name} ${s.active ? 'active' : 'inactive'}, ${s.walStatus}`);
  return `slots seen: ${words.join('; ') || 'none'}`;
}

/** Another standby's slot keeps nothing for this one. */
function heldSlot(ctx: Context, name: string, { slots }: DatabaseState): DatabaseState['slots'][number] | undefined {
  const named = databaseOf(ctx, name).servers[ctx.target]?.slot;
  return slots.find(
    (s) => s.name === (named ?? s.name) && s.active && (s.walStatus === 'reserved' || s.walStatus === 'extended'),
  );
}

function noSlot(ctx: Context, name: string): string {
  const named = databaseOf(ctx, name).servers[ctx.target]?.slot;
  return named === undefined
    ? `No active slot with its WAL kept on ${name} in ${ctx.target}.`
    : `Slot ${named}, which the plan names on ${name} in ${ctx.target}, is not active with its WAL kept.`;
}

/** Protected again: streaming on the new timeline, the slot held, and a fresh message of the primary replayed. */
export const protect: StepRule = {
  needs: lookAtBoth,
  judge(step, ctx) {
    const name = step.subject ?? '';
    const standby = databaseAt(ctx, name, ctx.source).fact;
    const primary = databaseAt(ctx, name, ctx.target).fact;
    if (!standby.known || !primary.known || !followsNewPrimary(ctx, name)) {
      const message = `Database ${name} in ${ctx.source} does not stream from ${ctx.target} yet.`;
      const evidence = [asItIs(ctx, name, ctx.source), asItIs(ctx, name, ctx.target)];
      return wait(hold('Unprotected', message, evidence));
    }
    const slot = heldSlot(ctx, name, primary.value);
    if (slot === undefined) {
      return wait(hold('Unprotected', noSlot(ctx, name), [seenAt(primary, slotsSeen(primary.value))]));
    }
    const outcome = step.intent === undefined ? undefined : ctx.facts.outcomes[step.intent.token];
    const announced =
      outcome?.state === 'Ended' && outcome.result.kind === 'Accepted' ? outcome.result.detail : undefined;
    const isFar = announced !== undefined && compareLsn(standby.value.position, announced) >= 0;
    // By number another server's WAL gets there too: one that was promoted to a timeline of this number.
    if (isFar && standby.value.announced === step.intent?.token) {
      return done(
        'Succeeded',
        seenAt(
          standby,
          `${name}@${ctx.source} replayed ${standby.value.position}, announced ${announced}; slot ${slot.name} ${slot.walStatus}`,
        ),
      );
    }
    const waiting = hold('Unprotected', unheard(ctx, name, isFar), [
      seenAt(standby, `${name}@${ctx.source} replayed ${standby.value.position}`),
    ]);
    const effect = { kind: 'Database', database: name, region: ctx.target, action: 'Announce' } as const;
    return { kind: 'Act', effect, again: 15_000, hold: waiting };
  },
};

function unheard(ctx: Context, name: string, isFar: boolean): string {
  return isFar
    ? `Database ${name} in ${ctx.source} is far enough by its position, but has not the message of ${ctx.target}: it follows another server. Let it follow the one in ${ctx.target}.`
    : `Waiting until ${name} in ${ctx.source} has replayed a fresh message of ${ctx.target}.`;
}
