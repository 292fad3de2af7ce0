import type { DatabaseRecovery } from '../../src/api/run.ts';
import { recoveries as right } from '../../src/decide/measure.ts';

/** Reports a millisecond, whatever was lost. */
export function recoveries(...given: Parameters<typeof right>): readonly DatabaseRecovery[] {
  return right(...given).map((recovery) => ({ ...recovery, grade: 'Bounded', lossMs: 1 }));
}
