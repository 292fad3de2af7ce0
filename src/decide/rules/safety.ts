import type { Fact, Known } from '../../api/fact.ts';
import type { Database } from '../../api/plan.ts';
import type { Hold, StepStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { acceptLossCommand, deleteCommand, resumeCommand } from '../commands.ts';
import {
  answersOf,
  databaseAt,
  factAge,
  hold,
  recordOf,
  seenAt,
  stepOf,
  unknownEvidence,
  type Context,
} from '../context.ts';
import { lossBound, offeredLossMs, replayedNow, shownLossMs } from '../loss.ts';
import { lossEvidence } from '../loss-evidence.ts';
import { movedDatabases } from '../steering/skip.ts';
import { firstSeen } from './first-seen.ts';
import type { Gate } from './gate.ts';

/** Facts behind an irreversible act must be younger than this. */
const freshMs = 10_000;

/** A person said wait: nothing new starts; what was sent is still observed. */
export const paused: Gate = {
  reason: 'Paused',
  before: 'Effect',
  applies: () => true,
  check: (_step, ctx) =>
    ctx.run.spec.desiredState === 'Paused'
      ? hold(
          'Paused',
          'A person paused this Run; nothing new is started until desiredState is Running.',
          [firstSeen(ctx, 'Paused', 'spec.desiredState of this Run was first seen to be Paused')],
          resumeCommand(ctx),
        )
      : undefined,
};

/** Someone newer acts on this plan's databases or records: whatever this Run still wants is out of date. */
export const staleEpoch: Gate = {
  reason: 'StaleEpoch',
  before: 'Effect',
  applies: () => true,
  check(_step, ctx) {
    const { epoch } = ctx.run.spec;
    for (const database of ctx.spec.databases) {
      for (const region of ctx.spec.regions) {
        const { fact } = databaseAt(ctx, database.name, region);
        if (fact.known && fact.value.highestEpoch > epoch) {
          return stale(ctx, `database ${database.name} in ${region}`, fact, fact.value.highestEpoch);
        }
      }
    }
    for (const record of ctx.spec.traffic) {
      const { fact } = recordOf(ctx, record.name);
      if (fact.known && fact.value.ownership.kind === 'Mine' && fact.value.ownership.epoch > epoch) {
        return stale(ctx, record.recordName, fact, fact.value.ownership.epoch);
      }
      const answers = answersOf(ctx, record.name).fact;
      if (!answers.known) continue;
      const served = answers.value.servers.flatMap((s) => (s.ownership?.kind === 'Mine' ? [s.ownership.epoch] : []));
      const highest = Math.max(0, ...served);
      if (highest > epoch) return stale(ctx, record.recordName, answers, highest);
    }
    return undefined;
  },
};

function stale(ctx: Context, where: string, seen: Known<unknown>, epoch: number): Hold {
  const carries = `${where} carries epoch ${String(epoch)}`;
  return hold(
    'StaleEpoch',
    `${carries}, above this Run's ${String(ctx.run.spec.epoch)}: this Run is out of date and changes nothing. Delete it, and its plan looks anew.`,
    [seenAt(seen, carries)],
    deleteCommand(ctx),
  );
}

/** Before the fence the plan is read past the cache: a reversal or a deletion must not be overtaken by it. */
export const planReadLive: Gate = {
  reason: 'PlanUnread',
  before: 'Effect',
  applies: (step) => step.kind === 'Fence' || step.kind === 'Quiesce',
  check(step, ctx) {
    if (step.intent !== undefined) return undefined;
    const { plan } = ctx.facts;
    if (plan.known && plan.live === true) return undefined;
    const cause =
      !plan.known && plan.why === 'Malformed'
        ? 'The plan as it is now cannot be read, and may say that nothing is to move: mend it, or abort this Run.'
        : 'The plan, and whether the operator is halted, are being read again before anything is fenced.';
    const evidence = plan.known
      ? { what: 'the plan, as the cache has it', at: plan.at.wall }
      : unknownEvidence('the plan', plan);
    return hold('PlanUnread', cause, [evidence]);
  },
};

/** Loss above the RPO, unknown or still open: a person records how much is accepted. A bigger one closes it again. */
export const dataLoss: Gate = {
  reason: 'DataLossUnaccepted',
  before: 'Effect',
  applies: (step) => step.kind === 'Promote',
  check(step, ctx) {
    for (const database of toLose(ctx, step.subject)) {
      const bound = lossBound(ctx, database.name, replayedNow(ctx, database.name));
      const accepted = ctx.run.spec.acceptDataLoss?.maxMs;
      const { rpoMs } = ctx.spec.objectives;
      if (bound.grade === 'Unknown') {
        if (accepted !== undefined) continue;
        const message = `How much of ${database.name} would be lost is not known: no position of ${ctx.source} was ever recorded at or below what ${ctx.target} has.`;
        return hold(
          'DataLossUnaccepted',
          message,
          lossEvidence(ctx, database.name, bound),
          acceptLossCommand(ctx, offeredLossMs(bound, rpoMs)),
        );
      }
      const lossMs = bound.lossMs ?? 0;
      const open = bound.grade === 'Estimated';
      if (!open && lossMs <= rpoMs) continue;
      if (accepted !== undefined && lossMs <= accepted) continue;
      const shown = seconds(shownLossMs(bound));
      const words = open ? `${shown} and more, for ${ctx.source} is not proven stopped` : `at most ${shown}`;
      const message = `Promoting ${database.name} in ${ctx.target} would lose ${words}; the RPO is ${seconds(rpoMs)}.`;
      return hold(
        'DataLossUnaccepted',
        message,
        lossEvidence(ctx, database.name, bound),
        acceptLossCommand(ctx, offeredLossMs(bound, rpoMs)),
      );
    }
    return undefined;
  },
};

/**
 * What would still be lost by promoting `subject`: its own, and that of each other whose promotion was not sent. Of one
 * that was, the loss was weighed before, and what it had replayed is seldom seen while it is being promoted.
 */
export function toLose(ctx: Context, subject: string | undefined): readonly Database[] {
  return ctx.spec.databases.filter(({ name }) => {
    const { intent, outcome } = stepOf(ctx.status, `promote/${name}`) ?? {};
    return outcome === undefined && (name === subject || intent === undefined);
  });
}

function seconds(ms: number): string {
  return `${String(ms / 1000)} s`;
}

/** A database in the target that holds a step, and what is said of it. */
interface HeldBy {
  readonly database: string;
  readonly hold: Hold;
}

/**
 * Irreversible acts rest on what was just seen, not on what was true a while ago. Traffic moves minutes after the
 * database was opened and when the last of many steps is done: it rests on a look that began after that.
 */
export const evidenceFresh: Gate = {
  reason: 'EvidenceStale',
  before: 'Effect',
  applies: (step) => step.kind === 'Promote' || step.kind === 'Open' || step.kind === 'Shift',
  check: (step, ctx) => staleIn(step, ctx)?.hold,
};

function staleIn(step: StepStatus, ctx: Context): HeldBy | undefined {
  const databases = step.kind === 'Shift' ? movedDatabases(ctx).map((d) => d.name) : [step.subject ?? ''];
  for (const database of databases) {
    const { fact } = databaseAt(ctx, database, ctx.target);
    const message = staleWords(step, ctx, database, fact);
    if (message === undefined) continue;
    const evidence = fact.known ? seenAt(fact, 'last seen') : unknownEvidence(database, fact);
    return { database, hold: hold('EvidenceStale', message, [evidence]) };
  }
  return undefined;
}

function staleWords(step: StepStatus, ctx: Context, name: string, fact: Fact<DatabaseState>): string | undefined {
  if (!fact.known) return `Database ${name} in ${ctx.target} cannot be seen just now.`;
  if (factAge(ctx, fact) > freshMs) return `What is known of ${name} in ${ctx.target} is too old to act on.`;
  if (fact.generation < ctx.run.generation) {
    return `${name} in ${ctx.target} was last seen before this Run was told something new.`;
  }
  const before = step.kind === 'Shift' && fact.at.wall < (step.readyAt ?? 0);
  return before ? `${name} in ${ctx.target} is looked at once more before the name moves.` : undefined;
}

/** No traffic to a region whose databases are not seen open, in this pass, whatever the journal says. */
export const databasesOpen: Gate = {
  reason: 'DatabaseNotOpen',
  before: 'Effect',
  applies: (step) => step.kind === 'Shift',
  check: (_step, ctx) => closedIn(ctx)?.hold,
};

function closedIn(ctx: Context): HeldBy | undefined {
  for (const { name } of movedDatabases(ctx)) {
    const { fact } = databaseAt(ctx, name, ctx.target);
    if (!fact.known) {
      const message = `Database ${name} in ${ctx.target} cannot be seen.`;
      return { database: name, hold: hold('DatabaseNotOpen', message, [unknownEvidence(name, fact)]) };
    }
    const opened = stepOf(ctx.status, `open/${name}`)?.intent?.firstAt;
    const { role, fence, enabledRoles } = fact.value;
    const open = role === 'Primary' && !fence.present && enabledRoles.length > 0;
    if (open && opened !== undefined && fact.at.wall >= opened) continue;
    const message = `Database ${name} in ${ctx.target} is not seen open.`;
    return { database: name, hold: hold('DatabaseNotOpen', message, [seenAt(fact, role)]) };
  }
  return undefined;
}

/** The database that the two gates above hold the step for, in their order. */
export function heldForDatabase(step: StepStatus, ctx: Context): string | undefined {
  return (staleIn(step, ctx) ?? closedIn(ctx))?.database;
}
