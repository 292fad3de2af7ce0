import type { Condition } from '../../src/api/plan-status.ts';
import { conditions as right } from '../../src/decide/plan/conditions.ts';

/** All is well. */
export function conditions(...given: Parameters<typeof right>): readonly Condition[] {
  return right(...given).map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'True', reason: 'Active' } : condition,
  );
}
