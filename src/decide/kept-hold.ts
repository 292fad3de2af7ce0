import type { Hold } from '../api/run.ts';

/**
 * How much newer, ms, a look has to be before the status shows its time instead. Every look would be a write with each
 * pass, four times a second, that tells nobody anything; and evidence that is never renewed says "seen 40 min ago" of what
 * was seen a moment ago. A minute is what an alert waits and a person reads in, and one write then tells of all steps.
 */
export const renewMs = 60_000;

/**
 * The same words keep their evidence until a much newer look is there to show: a status changes when something changed. `now`: wall
 * ms; what is to come, as the end of a cooldown, is no look.
 */
export function keptHold(previous: Hold | undefined, held: Hold, now: number): Hold {
  if (previous?.reason !== held.reason || previous.message !== held.message || previous.next !== held.next) return held;
  return newest(held, now) - newest(previous, now) >= renewMs ? held : previous;
}

/** Wall ms of the newest look; where there is none, before all time. */
function newest({ evidence }: Hold, now: number): number {
  return Math.max(0, ...evidence.map(({ at }) => at).filter((at) => at <= now));
}
