import type { Fact } from '../../api/fact.ts';
import { lookedAt } from '../../api/fact.ts';
import type { Hold, RunStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { isReadyCommand } from '../commands.ts';
import { asItIs, databaseAt, databaseOf, hold, type Context } from '../context.ts';
import type { Gate } from './gate.ts';

/**
 * An undo rests on a look at each target that began after it was called for: a successor has seen nothing yet, and what
 * was seen before the fence was seen before people had a reason to promote. Whether this Run has promoted it is no
 * question here: once that was intended, nothing is taken back at all (abort.ts).
 */
export const targetsSeen: Gate = {
  reason: 'Observing',
  before: 'Effect',
  applies: () => true,
  check(_step, ctx) {
    for (const { name } of ctx.spec.databases) {
      const { fact } = databaseAt(ctx, name, ctx.target);
      const held = isLookedAt(fact, ctx) ? unread(fact, name, ctx) : looking(name, ctx);
      if (held !== undefined) return held;
    }
    return undefined;
  },
};

function isLookedAt(fact: Fact<DatabaseState>, ctx: Context): boolean {
  if (!fact.known && fact.why === 'NotAsked') return false;
  return lookedAt(fact).wall >= (ctx.status.abort?.at ?? 0);
}

function looking(name: string, ctx: Context): Hold {
  const message = `Looking whether people have promoted ${name} in ${ctx.target}, before anything is taken back.`;
  return hold('Observing', message, [asItIs(ctx, name, ctx.target)]);
}

/**
 * A target that does not answer holds nothing up: the source would stay closed for as long as its target is dead, and
 * that is when people abort. One that lives, or may, and does not let itself be read could be the writer of whoever
 * promoted it. Where no fence stands the source is open anyway, and nothing that is taken back opens it.
 */
function unread(fact: Fact<DatabaseState>, name: string, ctx: Context): Hold | undefined {
  if (fact.known || isSilent(fact) || !isFenceStanding(ctx.status)) return undefined;
  const message = `Database ${name} in ${ctx.target} may have been promoted by people, and cannot be read: nothing is taken back before it can. Let the operator read it; or, where what answers is a pooler or a proxy before a server that is gone, end it.`;
  const server = databaseOf(ctx, name).servers[ctx.target];
  const next = server === undefined ? undefined : isReadyCommand(server);
  return hold('TargetUnread', message, [asItIs(ctx, name, ctx.target)], next);
}

function isSilent(fact: Exclude<Fact<DatabaseState>, { readonly known: true }>): boolean {
  return fact.answered !== true && (fact.why === 'Unreachable' || fact.why === 'Timeout');
}

/** Sent, as far as the journal tells, and not seen taken back. */
function isFenceStanding({ steps }: RunStatus): boolean {
  return steps.some(
    ({ kind, intent, state }) =>
      (kind === 'Fence' || kind === 'FinishFence') && intent !== undefined && state !== 'Undone',
  );
}
