import type { DatabaseState } from '../../drivers/databases/driver.ts';
import type { Evidence, Hold } from '../../api/run.ts';
import { abandonCommand } from '../commands.ts';
import { asItIs, databaseAt, everIntended, hold, type Context } from '../context.ts';
import type { Gate } from './gate.ts';

/**
 * People have promoted the target past this Run, and may be serving from it: opening the source again, or taking from the
 * target what was scaled up for it, would move their writer back. Nothing is undone until they abandon the Run, or until
 * that writer is seen gone: one that is merely seen no more may go on writing where the operator does not reach. An old
 * primary that nobody rebuilt is none: it is closed, and carries no marker of this Run.
 */
export const movedByHand: Gate = {
  reason: 'MovedByHand',
  before: 'Effect',
  applies: () => true,
  check(_step, ctx) {
    const found = ctx.spec.databases.filter(({ name }) => isMovedByHand(ctx, name));
    const [first] = found;
    if (first === undefined) return toldBefore(ctx);
    return moved(
      ctx,
      first.name,
      found.flatMap(({ name }) => sight(ctx, name)),
    );
  },
};

function moved(ctx: Context, database: string, evidence: readonly Evidence[]): Hold {
  const is = databaseAt(ctx, database, ctx.target).fact.known ? 'is' : 'was, when it was last seen,';
  const message = `Database ${database} in ${ctx.target} ${is} a primary, and this Run did not promote it. What the Run has changed stays: abandon it, and the plan says how to adopt that; or make it a standby again, and the Run goes on.`;
  return hold('MovedByHand', message, evidence, abandonCommand(ctx));
}

/** By what this life has seen last. Never seen is not moved, and not the contrary: whoever acts on that asks `targetsSeen` too. */
export function isMovedByHand(ctx: Context, database: string): boolean {
  const last = lastSeen(ctx, database);
  if (last?.value.role !== 'Primary' || everIntended(ctx.status, `promote/${database}`)) return false;
  return last.value.enabledRoles.length > 0 || last.value.highestEpoch >= ctx.run.spec.epoch;
}

/**
 * What an earlier life has seen stands in the journal alone: a successor that does not reach the target would else take
 * back what its forerunner did not dare to. A look of its own at each of them decides, whatever that shows.
 */
function toldBefore(ctx: Context): Hold | undefined {
  const unseen = ctx.spec.databases.filter(({ name }) => lastSeen(ctx, name) === undefined);
  if (unseen.length === 0) return undefined;
  const { steps } = ctx.status;
  const told = steps
    .flatMap(({ waitsFor }) => (waitsFor?.reason === 'MovedByHand' ? [waitsFor] : []))
    .find((hold) => tellsOf(ctx, hold, unseen));
  if (told !== undefined) return told;
  // There was nothing left to promote, so nothing was intended.
  const found = steps.find(
    ({ kind, subject, outcome }) =>
      kind === 'Promote' && outcome?.state === 'Vacuous' && unseen.some(({ name }) => name === subject),
  );
  return found === undefined ? undefined : moved(ctx, found.subject ?? '', found.outcome?.evidence ?? []);
}

/** Of one that this life has not seen itself: of the others its own sight decides. */
function tellsOf({ target }: Context, { evidence }: Hold, unseen: Context['spec']['databases']): boolean {
  return evidence.some(({ what }) => unseen.some(({ name }) => what.startsWith(`${name}@${target}: `)));
}

/** Once each was seen by this life and none of them is people's, what was told is over: a later life must not read it. */
export function withoutOldWord(ctx: Context): Context {
  if (ctx.spec.databases.some(({ name }) => lastSeen(ctx, name) === undefined || isMovedByHand(ctx, name))) return ctx;
  const steps = ctx.status.steps.map((step) => {
    if (step.waitsFor?.reason !== 'MovedByHand') return step;
    const { waitsFor: _over, ...rest } = step;
    return rest;
  });
  return { ...ctx, status: { ...ctx.status, steps } };
}

interface Sight {
  readonly value: DatabaseState;
  readonly at: { readonly wall: number };
}

/** The newest that this life has seen of it in the target, be it unknown by now. */
function lastSeen(ctx: Context, database: string): Sight | undefined {
  const { fact } = databaseAt(ctx, database, ctx.target);
  return fact.known ? fact : fact.last;
}

function sight(ctx: Context, database: string): readonly Evidence[] {
  const last = lastSeen(ctx, database);
  if (last === undefined) return [];
  const { role, timeline } = last.value;
  const seen = { what: `${database}@${ctx.target}: ${role}, timeline ${String(timeline)}`, at: last.at.wall };
  return databaseAt(ctx, database, ctx.target).fact.known ? [seen] : [seen, asItIs(ctx, database, ctx.target)];
}
