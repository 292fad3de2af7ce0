import type { Known } from '../../api/fact.ts';
import type { Hold, StepStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { pastNoReturn } from '../abort.ts';
import { abortCommand } from '../commands.ts';
import { databaseAt, hold, seenAt, stepOf, unknownEvidence, type Context } from '../context.ts';
import type { Need } from '../facts.ts';
import type { Gate } from './gate.ts';

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
      if (closed && !fenceUnfinished(ctx, database.name)) {
        const late = cameLate(ctx, database.name, fact);
        if (late === undefined) continue;
        return late;
      }
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

/** Of a database that is promoted already nothing is protected any more by holding another one back. */
function isPromoted({ status }: Context, database: string): boolean {
  return stepOf(status, `promote/${database}`)?.outcome !== undefined;
}

/** The proof is of its time: a role may have been made, or a right given, while the position was waited for. */
function cameLate(ctx: Context, database: string, fact: Known<DatabaseState>): Hold | undefined {
  const names = fact.value.fenceObstacles.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  if (names === '' || isPromoted(ctx, database)) return undefined;
  const message = `The writer of ${database} in ${ctx.source} was fenced, and can be written to again: ${names}. Take away what is named.`;
  return hold('FenceNotProven', message, [seenAt(fact, names)]);
}

/** Overridden, and then back: NOLOGIN alone leaves its sessions, so the standing duty has to be proven done. */
function fenceUnfinished(ctx: Context, database: string): boolean {
  const overridden = stepOf(ctx.status, `fence/${database}`)?.outcome?.state === 'Overridden';
  return overridden && stepOf(ctx.status, `finish-fence/${database}`)?.outcome === undefined;
}
