import { clip } from './bounds.ts';
import type { Condition } from './plan-status.ts';
import { exact, isObject } from './reader.ts';
import { formatTime, parseTime } from './time.ts';
import type { WireCondition } from './wire.ts';

/** Of each kind. Reconciling and Stalled exist only when they are True, as kstatus reads them. */
export const conditionTypes = Object.freeze({
  plan: ['Ready', 'Accepted', 'Protected', 'RPOMet', 'FenceIncomplete', 'Reconciling', 'Stalled'],
  run: ['Finished', 'Succeeded', 'Reconciling', 'Stalled'],
  region: ['Reachable', 'Accepted', 'Reconciling', 'Stalled'],
} as const);

const onlyWhenTrue: readonly string[] = Object.freeze(['Reconciling', 'Stalled']);

/** What is said now; when it began to be so comes from what was said before. */
export type Claim = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * The conditions of a status, from what is claimed now: what is not claimed any more is gone, and the time of the last
 * transition moves with the status alone, not with reason or message (metav1.Condition).
 * @param at `wall`: ms, now. `generation`: of the spec that the claims are about.
 */
export function mergeConditions(
  before: readonly Condition[],
  claims: readonly Claim[],
  at: { readonly wall: number; readonly generation: number },
): readonly Condition[] {
  return claims
    .filter((claim) => claim.status === 'True' || !onlyWhenTrue.includes(claim.type))
    .map((claim) => {
      const had = before.find(({ type }) => type === claim.type);
      const lastTransitionAt = had?.status === claim.status ? had.lastTransitionAt : at.wall;
      return { ...claim, lastTransitionAt, observedGeneration: at.generation };
    });
}

export function conditionOf(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** metav1.Conditions from the wire; an entry that is not one is left out: it is computed anew with the next pass. */
export function parseConditions(value: unknown): readonly Condition[] {
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  const read = items.flatMap((item): Condition[] => {
    if (!isObject(item)) return [];
    const { type, status, reason, message, lastTransitionTime, observedGeneration } = item;
    if (typeof type !== 'string' || typeof reason !== 'string' || typeof message !== 'string') return [];
    if (status !== 'True' && status !== 'False' && status !== 'Unknown') return [];
    const lastTransitionAt = typeof lastTransitionTime === 'string' ? parseTime(lastTransitionTime) : undefined;
    if (lastTransitionAt === undefined) return [];
    const generation = typeof observedGeneration === 'number' ? observedGeneration : -1;
    return [{ type, status, reason, message, lastTransitionAt, observedGeneration: generation }];
  });
  return exact(read);
}

const longestMessage = 32_768;

export function renderConditions(conditions: readonly Condition[]): readonly WireCondition[] {
  return conditions.map(({ lastTransitionAt, message, ...rest }) => ({
    ...rest,
    message: clip(message, longestMessage),
    lastTransitionTime: formatTime(lastTransitionAt),
  }));
}
