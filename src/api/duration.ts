/** As in the CRDs: whole numbers with units, `1h30m`, `250ms`. One text for both, so that neither drifts. */
export const durationPattern = '^([0-9]{1,5}(h|m|s|ms)){1,4}$';
export const durationMaxLength = 24;

const unitsMs = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** ms; undefined where the text is no duration. Units may come in any order and repeat: they are added up. */
export function parseDuration(text: string): number | undefined {
  if (text.length > durationMaxLength || !new RegExp(durationPattern).test(text)) return undefined;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/g)) {
    if (digits === undefined || !isUnit(unit)) return undefined;
    total += Number(digits) * unitsMs[unit];
  }
  return total;
}

function isUnit(text: string | undefined): text is keyof typeof unitsMs {
  return text !== undefined && Object.hasOwn(unitsMs, text);
}

const longestMs = 99_999 * unitsMs.h + 59 * unitsMs.m + 59 * unitsMs.s + 999;

/**
 * The largest units first, none that is zero: `1h5s`; zero is `0s`. A fraction of a millisecond is rounded up, so that
 * a bound stays one; what is longer than the form can hold (11 years) is written as the longest.
 * @throws RangeError for a negative or infinite number: it is no duration, and is not passed off as one.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`${String(ms)} ms is not a duration`);
  let left = Math.min(Math.ceil(ms), longestMs);
  let text = '';
  for (const [unit, size] of Object.entries(unitsMs)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${String(count)}${unit}`;
  }
  return text === '' ? '0s' : text;
}
