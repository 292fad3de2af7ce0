import type { Condition } from '../../api/plan-status.ts';
import { isReason } from '../../api/reasons/index.ts';
import { is, type Sample } from './sample.ts';

/** One series for each condition that stands. */
export function conditionSamples(
  labels: { readonly plan_namespace: string; readonly plan: string },
  conditions: readonly Condition[],
): readonly Sample[] {
  return conditions.map(({ type, status, reason }) =>
    is('maestro_dr_plan_condition', { ...labels, type, status, reason: reasonLabel(reason) }),
  );
}

/** An older operator's word, or anything else that a restored status may hold, makes no series of its own. */
export function reasonLabel(reason: string): string {
  return isReason(reason) ? reason : 'Other';
}
