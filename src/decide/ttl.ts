import type { TrafficRecord } from '../api/plan.ts';
import { stepOf, type Context } from './context.ts';

/** Seconds: beyond it, clients that honour the TTL stay away for longer than most objectives allow. */
const longTtl = 60;

/** What to say of a record as it lives, before caches keep its answer for longer than somebody meant. */
export function ttlWarning({ recordName, ttl }: TrafficRecord, liveTtl: number): string | undefined {
  const live = `record ${recordName} lives with a TTL of ${String(liveTtl)} s`;
  const after = `clients may keep the old answer for that long after a move`;
  if (liveTtl > ttl) return `${live}, above the plan's ${String(ttl)} s: ${after}; lower it now`;
  return liveTtl > longTtl ? `${live}: ${after}` : undefined;
}

/** Of the record as it was listed last, by what the Run has written down; else as the plan would have it. Seconds. */
export function lastTtl(ctx: Context, record: TrafficRecord): number {
  const found = stepOf(ctx.status, `shift/${record.name}`)?.intent?.found;
  return found ?? preflightTtl(ctx, record) ?? record.ttl;
}

/** By its kind, for a record that shares its name with a database has a preflight of another id. */
function preflightTtl({ status }: Context, record: TrafficRecord): number | undefined {
  const preflight = status.steps.find((s) => s.kind === 'PreflightTraffic' && s.subject === record.name);
  const ttl = preflight?.outcome?.evidence[0]?.value?.ttl;
  return typeof ttl === 'number' ? ttl : undefined;
}

/**
 * For how many seconds caches may keep the answer from before the move: what the record had when it was looked at and
 * when it was moved. Its TTL after that is the plan's, and says nothing of what was cached before.
 */
export function oldTtl(ctx: Context, record: TrafficRecord): number {
  const shift = stepOf(ctx.status, `shift/${record.name}`);
  const before = [preflightTtl(ctx, record), shift?.intent?.found];
  const seen = before.filter((ttl) => typeof ttl === 'number');
  if (seen.length > 0) return Math.max(...seen);
  // Moved by somebody else before it was ever looked at: what lives now is the best that is known.
  const live = shift?.outcome?.evidence[0]?.value?.ttl;
  return typeof live === 'number' ? live : record.ttl;
}
