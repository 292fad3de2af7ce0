import type { Family, families } from './families.ts';

/** A label that is not known is left out. */
export type Labels<F extends Family> = Readonly<Partial<Record<(typeof families)[F]['labels'][number], string>>>;

/** One value of one series, at the scrape. */
export interface Sample {
  readonly family: Family;
  readonly labels: Readonly<Partial<Record<string, string>>>;
  readonly value: number;
}

export function sample<F extends Family>(family: F, labels: Labels<F>, value: number): Sample {
  return { family, labels, value };
}

/** For what is, rather than how much. */
export function is<F extends Family>(family: F, labels: Labels<F>): Sample {
  return sample(family, labels, 1);
}

/** None where it is not known: absent is not 0. */
export function secondsOf<F extends Family>(family: F, labels: Labels<F>, ms: number | undefined): readonly Sample[] {
  return ms === undefined ? [] : [sample(family, labels, ms / 1000)];
}
