import { createHash } from 'node:crypto';
import type { History } from './history.ts';
import { invariants } from './invariants/index.ts';

/** What one history comes to. */
export interface Verdict {
  /** What tells it from others: the faults it met, where it was killed, and the reasons that were decided. */
  readonly signature: string;
  readonly premises: readonly number[];
  readonly violations: readonly string[];
}

export function judge(history: History): Verdict {
  return {
    signature: signatureOf(history),
    premises: invariants.filter((one) => one.premise(history)).map(({ number }) => number),
    violations: violationsOf(history),
  };
}

export function violationsOf(history: History): readonly string[] {
  return invariants.flatMap((one) =>
    one.violations(history).map((text) => `invariant ${String(one.number)}, ${one.name}: ${text}`),
  );
}

function signatureOf(history: History): string {
  const faults = history.faults.map(({ kind, label, destination, detail }) =>
    kind === 'fault' ? `${label} ${destination} ${detail}` : label,
  );
  const decided = history.runs.flatMap(({ name, versions }) =>
    versions.flatMap(({ status, steps }) => [
      `${name} ${String(status.phase)}`,
      ...steps.map((step) => `${step.id} ${step.outcome?.state ?? step.waitsFor?.reason ?? ''}`),
    ]),
  );
  const text = JSON.stringify([faults, [...new Set(decided)].sort()]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
