import { createLooks as right, type Aspects, type LookOptions, type Looks } from '../../src/observe/looks.ts';
import { ageMs, instant } from '../../src/ports/clock.ts';

const GOOD_FOR_MS = 9_000;

/** A standby that was seen once is good for a while, whatever was said since, and passes for seen after it. */
export function createLooks<T>(options: LookOptions, aspects: Aspects<T>): Looks<T> {
  const looks = right(options, aspects);
  return {
    ...looks,
    async look(key, ask) {
      const fact = looks.seen(key)?.fact;
      const isYoung = fact?.known === true && ageMs(instant(options.clock), fact.at) < GOOD_FOR_MS;
      if (isYoung && isStandby(fact.value)) return;
      await looks.look(key, ask);
    },
    seen(key) {
      const seen = looks.seen(key);
      if (seen?.fact.known !== true || !isStandby(seen.fact.value)) return seen;
      return { ...seen, fact: { ...seen.fact, generation: Number.MAX_SAFE_INTEGER } };
    },
  };
}

function isStandby(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'role' in value && value.role === 'Replica';
}
