import type { Instant } from '../ports/clock.ts';

/** Why something is not known. Unknown is never "down", "healthy" or zero: every rule says what it does with it. */
export type UnknownWhy = 'Unreachable' | 'Forbidden' | 'Throttled' | 'Timeout' | 'Malformed' | 'NotAsked';

/** `at`: when the request that brought it *began*. `generation`: of the plan or Run it was asked for (0 where none applies). */
export interface Known<T> {
  readonly known: true;
  readonly value: T;
  readonly at: Instant;
  readonly generation: number;
}

/**
 * `since`: when it began to be unknown. `looked`: when the newest look began that brought nothing, where that is another
 * one. `last`: the newest value before that. `answered`: what was asked did answer the newest look, by refusing it: it
 * lives, though nothing else is known of it.
 */
export interface Unknown<T> {
  readonly known: false;
  readonly why: UnknownWhy;
  readonly detail: string;
  readonly since: Instant;
  readonly looked?: Instant;
  readonly answered?: true;
  readonly last?: { readonly value: T; readonly at: Instant };
}

/** "Does not exist" is a known value. */
export type Fact<T> = Known<T> | Unknown<T>;

export function known<T>(value: T, at: Instant, generation = 0): Known<T> {
  return { known: true, value, at, generation };
}

export function unknown<T>(why: UnknownWhy, detail: string, since: Instant): Unknown<T> {
  return { known: false, why, detail, since };
}

/** When the newest look began, whatever it brought. Of what was not asked: when that was found. */
export function lookedAt<T>(fact: Fact<T>): Instant {
  return fact.known ? fact.at : (fact.looked ?? fact.since);
}

/** Maps what is known; what is not stays so, its `last` mapped alike. */
export function mapFact<T, U>(fact: Fact<T>, map: (value: T) => U): Fact<U> {
  if (fact.known) return { ...fact, value: map(fact.value) };
  const { last, ...rest } = fact;
  return last === undefined ? rest : { ...rest, last: { value: map(last.value), at: last.at } };
}
