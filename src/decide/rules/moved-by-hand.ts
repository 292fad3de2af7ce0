import { abandonCommand } from '../commands.ts';
import { databaseAt, everIntended, hold, seenAt, type Context } from '../context.ts';
import type { Gate } from './gate.ts';

/**
 * People have promoted the target past this Run, and may be serving from it: opening the source again, or taking from the
 * target what was scaled up for it, would move their writer back. Nothing is undone until they abandon the Run, or until
 * that writer is gone. An old primary that nobody rebuilt is none: it is closed, and carries no marker of this Run.
 */
export const movedByHand: Gate = {
  reason: 'MovedByHand',
  before: 'Effect',
  applies: () => true,
  check(_step, ctx) {
    const found = ctx.spec.databases.find(({ name }) => isMovedByHand(ctx, name));
    if (found === undefined) return undefined;
    const { fact } = databaseAt(ctx, found.name, ctx.target);
    const message = `Database ${found.name} in ${ctx.target} is a primary, and this Run did not promote it. What the Run has changed stays: abandon it, and the plan says how to adopt that; or make it a standby again, and the Run goes on.`;
    const seen = fact.known
      ? [seenAt(fact, `${found.name}@${ctx.target}: ${fact.value.role}, timeline ${String(fact.value.timeline)}`)]
      : [];
    return hold('MovedByHand', message, seen, abandonCommand(ctx));
  },
};

/** Not seen is not moved, and not the contrary either: whoever acts on that asks `targetsSeen` too. */
export function isMovedByHand(ctx: Context, database: string): boolean {
  const { fact } = databaseAt(ctx, database, ctx.target);
  if (!fact.known || fact.value.role !== 'Primary' || everIntended(ctx.status, `promote/${database}`)) return false;
  return fact.value.enabledRoles.length > 0 || fact.value.highestEpoch >= ctx.run.spec.epoch;
}
