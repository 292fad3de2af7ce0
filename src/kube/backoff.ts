import type { Random } from '../ports/random.ts';

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Exponential backoff with full jitter: a uniform draw below min(cap, base * 2^(attempt - 1)), attempts from 1.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(random: Random, label: string, attempt: number, { baseMs, capMs }: Backoff): number {
  // 2^30 bases lie beyond every cap; bounding the exponent keeps the product finite.
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
  return Math.floor(random.next(label) * ceiling);
}
