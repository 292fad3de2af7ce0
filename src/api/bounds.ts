import { formatDuration } from './duration.ts';

/**
 * What the CRDs allow in a status. The operator keeps to it when it writes, for a status that the API server refuses
 * would stop a Run in the middle; test/crds holds this table to the files.
 */
export const bounds = Object.freeze({
  text: 1024,
  reason: 256,
  next: 4096,
  evidenceValue: 8192,
  evidence: 64,
  steps: 256,
  samples: 1056,
  words: 32,
  refusals: 32,
  request: 512,
  snapshot: 262_144,
  holder: 256,
  token: 512,
});

/** At most `length` characters; what was cut shows as an ellipsis. Never half of a surrogate pair. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/**
 * A measured span, where it is one: a negative or infinite number comes from a wall clock that was set back, and is
 * left out rather than shown as zero.
 */
export function measured(ms: number | undefined): string | undefined {
  return ms === undefined || !Number.isFinite(ms) || ms < 0 ? undefined : formatDuration(ms);
}
