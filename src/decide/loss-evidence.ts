import type { Evidence } from '../api/run.ts';
import { databaseAt, seenAt, unknownEvidence, type Context } from './context.ts';
import { coveredAt, replayedNow, writingEnded, type LossBound } from './loss.ts';

/** What a bound of the loss rests on: how far the target is, the source's position that it covers, and when its writing ended. */
export function lossEvidence(ctx: Context, database: string, { grade }: LossBound): readonly Evidence[] {
  const { fact } = databaseAt(ctx, database, ctx.target);
  const there = `${database}@${ctx.target}`;
  const reached = fact.known
    ? seenAt(fact, `${there} has replayed ${fact.value.position}; the loss is ${grade}`)
    : unknownEvidence(`${there}; the loss is ${grade}`, fact);
  return [reached, ...covered(ctx, database), ...ended(ctx, database)];
}

function covered(ctx: Context, database: string): readonly Evidence[] {
  const from = coveredAt(ctx, database, replayedNow(ctx, database));
  const here = `${database}@${ctx.source}`;
  if (from !== undefined) return [{ what: `${here} was asked for the newest position that this covers`, at: from }];
  const own = ctx.status.samples.filter((one) => one.database === database && one.region === ctx.source);
  const last = own.toSorted((one, other) => other.at - one.at)[0];
  return last === undefined ? [] : [{ what: `${here} last told a position: ${last.lsn}`, at: last.at }];
}

function ended(ctx: Context, database: string): readonly Evidence[] {
  const end = writingEnded(ctx, database);
  const here = `${database}@${ctx.source}`;
  if (end !== undefined) {
    const how = end.basis === 'Fence' ? 'was proven fenced' : 'is attested (claimed, unverified) to have stopped';
    return [{ what: `${here} ${how}`, at: end.at }];
  }
  const { fact } = databaseAt(ctx, database, ctx.source);
  if (!fact.known) return fact.why === 'NotAsked' ? [] : [unknownEvidence(here, fact)];
  return [seenAt(fact, `${here} is not proven fenced: ${fact.value.role}`)];
}
