import { lossBound as right, type LossBound } from '../../src/decide/loss.ts';

/** Reports a millisecond, whatever was lost. */
export function lossBound(...given: Parameters<typeof right>): LossBound {
  const bound = right(...given);
  return bound.lossMs === undefined ? bound : { ...bound, grade: 'Bounded', lossMs: 1 };
}
