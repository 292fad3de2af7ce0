import type { Condition } from './plan-status.ts';
import { isObject } from './reader.ts';
import { formatTime, parseTime } from './time.ts';

/** metav1.Conditions from the wire; an entry that is not one is left out: it is computed anew with the next pass. */
export function parseConditions(value: unknown): readonly Condition[] {
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  return items.flatMap((item) => {
    if (!isObject(item)) return [];
    const { type, status, reason, message, lastTransitionTime, observedGeneration } = item;
    if (typeof type !== 'string' || typeof reason !== 'string' || typeof message !== 'string') return [];
    if (status !== 'True' && status !== 'False' && status !== 'Unknown') return [];
    const at = typeof lastTransitionTime === 'string' ? parseTime(lastTransitionTime) : undefined;
    return [
      {
        type,
        status,
        reason,
        message,
        lastTransitionAt: at ?? 0,
        observedGeneration: typeof observedGeneration === 'number' ? observedGeneration : -1,
      },
    ];
  });
}

export function renderConditions(conditions: readonly Condition[]): readonly Readonly<Record<string, unknown>>[] {
  return conditions.map(({ lastTransitionAt, message, ...rest }) => ({
    ...rest,
    message: message.slice(0, 32_768),
    lastTransitionTime: formatTime(lastTransitionAt),
  }));
}
