import type { Evidence } from '../evidence.ts';

/** A rule of DESIGN.md §3 or of the demo, judged by what the witnesses saw. */
export interface Verdict {
  readonly invariant: string;
  readonly holds: boolean;
  /** With the numbers that were compared. */
  readonly says: string;
}

export type Judged = Omit<Verdict, 'invariant'>;

/** undefined: the story did not get to where this could be seen. */
export type Rule = (evidence: Evidence) => Judged | undefined;

export function judged(holds: boolean, says: string): Judged {
  return { holds, says };
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${String(number)} ${number === 1 ? singular : plural}`;
}
