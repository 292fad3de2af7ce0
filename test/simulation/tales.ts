import fc from 'fast-check';
import type { Fault } from './kernel/index.ts';
import {
  delayed,
  earlyFaults,
  effects,
  kill,
  losing,
  lost,
  oneFault,
  slow,
  span,
  weather,
  weatherBeside,
  when,
} from './misfortunes.ts';
import { steered } from './steering.ts';
import type { Deed, Outage, Tale, Weather } from './tale.ts';

const noDeeds = fc.constant<readonly Deed[]>([]);

const quietly = {
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  databases: fc.oneof(
    { weight: 5, arbitrary: fc.constant(['orders']) },
    { weight: 1, arbitrary: fc.constant(['orders', 'ledger']) },
  ),
  fencing: fc.constant('Verified' as const),
  approval: fc.constantFrom('Forced' as const, 'Forced' as const, 'Always' as const, 'Never' as const),
  enforcement: fc.constant('Act' as const),
  rpo: fc.constant('30s' as const),
  cooldown: fc.constant('0s' as const),
  outage: fc.constant<Outage>({ kind: 'None' }),
  faults: fc.array(oneFault, { minLength: 1, maxLength: 3 }),
  deeds: noDeeds,
  weather: fc.array(weather, { maxLength: 2 }),
  comesBack: fc.constant(false),
  badPlan: fc.constant(false),
  twin: fc.constant(false),
  answerMs: fc.integer({ min: 100, max: 3_000 }),
};

const outage: fc.Arbitrary<Outage> = fc.record({
  kind: fc.constantFrom('Dies' as const, 'Dark' as const, 'Dark' as const),
  heldMs: fc.integer({ min: 3_000, max: 8_000 }),
  // Most runs to which it comes back late are planned ones after all.
  returns: fc.oneof(
    { weight: 9, arbitrary: fc.constant('OnceHealthy' as const) },
    { weight: 1, arbitrary: fc.constant('Late' as const) },
  ),
});

type Plain = Exclude<Deed, { readonly forMs: number } | { readonly step: string } | { readonly mode: string }>;
const deedAt = (at: fc.Arbitrary<number>, ...kinds: readonly Plain['do'][]): fc.Arbitrary<readonly Deed[]> =>
  fc.array(fc.record({ at, do: fc.constantFrom(...kinds) }), { minLength: 1, maxLength: 2 });
const deed = (...kinds: readonly Plain['do'][]): fc.Arbitrary<readonly Deed[]> => deedAt(when, ...kinds);
const edits = deed('edit');
/**
 * Mostly after a Run has pinned its plan, which takes until looks at a region that is gone have timed out: what is edited
 * before is pinned, with its higher RPO, and alters no Run.
 */
const lateEdits = deedAt(
  fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 12_000, max: 22_000 }) }, { weight: 1, arbitrary: when }),
  'edit',
);

const forced = fc.record<Tale>({
  ...quietly,
  outage,
  fencing: fc.constantFrom('Verified' as const, 'Verified' as const, 'BestEffort' as const, 'None' as const),
  rpo: fc.oneof(
    { weight: 12, arbitrary: fc.constant('1s' as const) },
    { weight: 1, arbitrary: fc.constant('30s' as const) },
  ),
  deeds: fc.oneof(noDeeds, lateEdits),
  // Back to the region that was lost, once it has been rebuilt.
  comesBack: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 2, arbitrary: fc.constant(true) }),
  cooldown: fc.constantFrom('10m' as const, '10m' as const, '10m' as const, '0s' as const),
  // A link that mends brings what the source had not sent, and with it the loss is gone: it is not dealt as often.
  weather: fc.oneof(
    { weight: 2, arbitrary: fc.array(weatherBeside, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(weather, { maxLength: 2 }) },
  ),
});

const thereAndBack = fc.record<Tale>({
  ...quietly,
  comesBack: fc.constant(true),
  cooldown: fc.constant('10m' as const),
  weather: fc.constant<readonly Weather[]>([]),
  deeds: steered(fc.oneof({ weight: 2, arbitrary: noDeeds }, { weight: 1, arbitrary: edits })),
});

const abandoned = fc.record<Tale>({
  ...quietly,
  deeds: steered(
    fc.oneof(
      { weight: 1, arbitrary: deed('abort', 'flip-back') },
      // A field that is set back aborts nothing once the Run has promoted: mostly somebody says so, while it is under way.
      {
        weight: 5,
        arbitrary: fc
          .tuple(
            deedAt(fc.integer({ min: 500, max: 9_000 }), 'abort'),
            fc.oneof(noDeeds, deedAt(fc.integer({ min: 4_000, max: 12_000 }), 'flip-back')),
          )
          .map(([aborts, others]) => [...aborts, ...others]),
      },
    ),
  ),
});
const edited = fc.record<Tale>({ ...quietly, deeds: edits });
const deleted = fc.record<Tale>({
  ...quietly,
  faults: earlyFaults,
  deeds: fc
    .record({
      at: fc.integer({ min: 0, max: 700 }),
      do: fc.constantFrom('delete' as const, 'delete-and-remake' as const),
    })
    .map((one) => [one]),
});
const observed = fc.record<Tale>({
  ...quietly,
  faults: earlyFaults,
  enforcement: fc.constant('Observe' as const),
});
/**
 * Only the good plan gets as far as an effect: another call, counted among both plans', would not be the same one
 * without the bad plan. And no deaths: which of two requests sent at once one meets is chance, and costs a lease.
 */
const atEffects = fc.oneof(
  losing(...effects).map((one): Fault => ({ ...one, occurrence: 1 })),
  slow(...effects).map((one): Fault => ({ ...one, occurrence: 1 })),
);
const beside = fc.record<Tale>({
  ...quietly,
  badPlan: fc.constant(true),
  twin: fc.constant(true),
  faults: fc.array(atEffects, { minLength: 2, maxLength: 4 }),
  weather: fc.constant<readonly Weather[]>([]),
});
const killed = fc.record<Tale>({
  ...quietly,
  twin: fc.constant(true),
  faults: kill.map((one) => [one]),
  weather: fc.constant<readonly Weather[]>([]),
});

/** Mostly once there is a Run with steps, which both may take for theirs. */
const underWay = fc.oneof(
  { weight: 7, arbitrary: fc.integer({ min: 600, max: 4_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 600 }) },
);
const doubled = fc.record<Tale>({
  ...quietly,
  twin: fc.constant(true),
  faults: fc.array(fc.oneof(atEffects, delayed, lost), { minLength: 1, maxLength: 2 }),
  weather: fc.array(fc.record({ at: underWay, forMs: span, do: fc.constant('rival' as const) }), {
    minLength: 1,
    maxLength: 3,
  }),
});

const byHand = fc.record<Tale>({
  ...quietly,
  faults: earlyFaults,
  comesBack: fc.boolean(),
  hand: fc.record({
    after: fc.constantFrom('Nothing' as const, 'Run' as const, 'Fence' as const),
    operator: fc.constantFrom('Alive' as const, 'Dead' as const),
    source: fc.constantFrom('Stopped' as const, 'Fenced' as const, 'Dies' as const),
    movesDns: fc.boolean(),
    then: fc.constantFrom('Left' as const, 'Rebuilt' as const, 'Rebuilt' as const, 'Back' as const),
    adopts: fc.constantFrom(true, true, false),
  }),
});

/** Worlds, faults and people, in the proportions that meet every premise often. */
export const tales: fc.Arbitrary<Tale> = fc.oneof(
  { weight: 150, arbitrary: forced },
  { weight: 82, arbitrary: thereAndBack },
  { weight: 122, arbitrary: abandoned },
  { weight: 8, arbitrary: edited },
  { weight: 122, arbitrary: deleted },
  { weight: 120, arbitrary: observed },
  { weight: 114, arbitrary: beside },
  { weight: 9, arbitrary: killed },
  { weight: 130, arbitrary: doubled },
  { weight: 122, arbitrary: byHand },
);
