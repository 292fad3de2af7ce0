import type { Haste } from '../../decide/notify/haste.ts';

/**
 * Between two lanes of one line, ms. A new leader has to read what the last one told every contact of every plan: both
 * lines, and what is saved after their messages, stay below what the limiter lets through (create.ts), so that the lane
 * of a run waits behind none of them.
 */
export const paceMs = 400;

/** Monotonic ms: when a lane may read what was told, and in which line it got that turn. */
export interface RecallTurn {
  readonly haste: Exclude<Haste, 'Now'>;
  readonly at: number;
}

/** Those that have something to tell, and those that have nothing: each line in order of arrival. */
export interface RecallLines {
  /** Monotonic ms. `turn`: what the lane was given before; it is kept, unless another line is quicker. */
  turnFor(haste: RecallTurn['haste'], turn: RecallTurn | undefined, now: number): RecallTurn;
  /** Nobody stands in line any more. */
  clear(): void;
}

export function createRecallLines(): RecallLines {
  const free = { Soon: 0, Later: 0 };
  return {
    turnFor(haste, turn, now) {
      if (turn !== undefined && (turn.haste === haste || turn.haste === 'Soon')) return turn;
      const at = Math.max(now, free[haste]);
      free[haste] = at + paceMs;
      return { haste, at: Math.min(at, turn?.at ?? at) };
    },
    clear() {
      free.Soon = 0;
      free.Later = 0;
    },
  };
}
