import type { Fact, Known } from '../../api/fact.ts';
import type { Database } from '../../api/plan.ts';
import type { Hold, StepStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { pastNoReturn } from '../abort.ts';
import { abortCommand, acceptLossCommand, deleteCommand, resumeCommand } from '../commands.ts';
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
import type { Need } from '../facts.ts';
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

/**
 * The gate below weighs every source, those of databases that are promoted already too. They are looked at while the
 * position is waited for: a promotion that becomes due would else wait for one more round of looks.
 */
export function fenceNeeds({ kind }: StepStatus, ctx: Context): readonly Need[] {
  if (kind !== 'Position' && kind !== 'Promote') return [];
  return ctx.spec.databases.map(({ name }): Need => ({ kind: 'Database', name, region: ctx.source }));
}

/** Overridden once is not overridden for good: a writer that is now seen open closes the gate again. */
export const fencesHold: Gate = {
  reason: 'FenceNotProven',
  before: 'Effect',
  applies: (step) => step.kind === 'Promote',
  check(_step, ctx) {
    const weaker = ctx.spec.failover.fencing !== 'Verified' && ctx.status.mode === 'Forced';
    for (const database of ctx.spec.databases) {
      const { fact } = databaseAt(ctx, database.name, ctx.source);
      if (weaker) continue;
      if (!fact.known) {
        // One that does not answer was weighed by its fence. One that was not looked at in this life may be open again.
        if (fact.why !== 'NotAsked') continue;
        const where = `${database.name} in ${ctx.source}`;
        return hold('Observing', `Looking at the writer of ${where}.`, [unknownEvidence(where, fact)]);
      }
      if (fact.value.role === 'Replica') continue;
      const { fence, enabledRoles } = fact.value;
      const closed = fence.present && fence.epoch === ctx.run.spec.epoch && enabledRoles.length === 0;
      if (closed && !fenceUnfinished(ctx, database.name)) continue;
      const { message, next } = unfenced(ctx, database.name, closed);
      const open = seenAt(fact, `${database.name}@${ctx.source} is a primary, open to ${enabledRoles.join(', ')}`);
      return hold('FenceNotProven', message, [open], next);
    }
    return undefined;
  },
};

/** One that was proven fenced is not fenced a second time: who opened it meant that, and what it took since is nowhere else. */
function unfenced(ctx: Context, name: string, closed: boolean): { readonly message: string; readonly next?: string } {
  const writer = `The writer of ${name} in ${ctx.source}`;
  if (closed) return { message: `${writer} has come back and is being fenced.` };
  const owed = stepOf(ctx.status, `finish-fence/${name}`)?.outcome === undefined;
  if (owed) return { message: `${writer} is seen open, whatever was said of it before; it is being fenced.` };
  const opened = `${writer} is seen open after its fence was proven: somebody has opened it again. It is not fenced twice, and what it takes now would be lost`;
  if (pastNoReturn(ctx.status)) return { message: `${opened}: close it there.` };
  return { message: `${opened}: abort this Run, or close it there.`, next: abortCommand(ctx) };
}

/** Overridden, and then back: NOLOGIN alone leaves its sessions, so the standing duty has to be proven done. */
function fenceUnfinished(ctx: Context, database: string): boolean {
  const overridden = stepOf(ctx.status, `fence/${database}`)?.outcome?.state === 'Overridden';
  return overridden && stepOf(ctx.status, `finish-fence/${database}`)?.outcome === undefined;
}

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
