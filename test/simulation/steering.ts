import fc from 'fast-check';
import type { Deed, Steering } from './tale.ts';

/** Mostly while a Run is on its way to its promotion; sometimes before it is there. */
const early = fc.integer({ min: 100, max: 3_000 });
const late = fc.integer({ min: 100, max: 20_000 });
const heldMs = fc.integer({ min: 500, max: 15_000 });

const pause = fc.record({ at: early, do: fc.constant('pause' as const), forMs: heldMs });
const skip = (at: fc.Arbitrary<number>, ...steps: readonly string[]): fc.Arbitrary<Steering> =>
  fc.record({ at, do: fc.constant('skip' as const), step: fc.constantFrom(...steps) });

const anyWord: fc.Arbitrary<Steering> = fc.oneof(
  fc.record({ at: early, do: fc.constant('halt' as const), forMs: heldMs }),
  skip(late, 'dependency/idp', 'smoke/place-order', 'smoke/front-door', 'soak', 'fence/orders', 'promote/orders'),
  fc.record({
    at: late,
    do: fc.constant('retry' as const),
    step: fc.constantFrom('rebuild/orders', 'rebuild/orders', 'promote/orders', 'nothing'),
  }),
  fc.record({
    at: early,
    do: fc.constant('mode' as const),
    mode: fc.constantFrom('Planned' as const, 'Forced' as const),
  }),
  fc.record({ at: late, do: fc.constant('approve-other' as const) }),
);

/** A pause, a step with an effect that is left out, and more: each at its time, or all at once. */
const steering: fc.Arbitrary<readonly Steering[]> = fc
  .tuple(pause, skip(early, 'pre-scale/api', 'quiesce/worker'), fc.array(anyWord, { maxLength: 2 }), fc.nat({ max: 3 }))
  .map(([first, second, others, chance]) => {
    const words = [first, second, ...others];
    return chance === 0 ? words.map((word) => ({ ...word, at: first.at })) : words;
  });

/** Beside those deeds, in two tales of three: people say more to the Run than that. */
export const steered = (deeds: fc.Arbitrary<readonly Deed[]>): fc.Arbitrary<readonly Deed[]> =>
  fc.oneof(
    { weight: 1, arbitrary: deeds },
    { weight: 2, arbitrary: fc.tuple(steering, deeds).map(([words, others]) => [...words, ...others]) },
  );
