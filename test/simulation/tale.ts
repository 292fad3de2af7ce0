import fc from 'fast-check';
import { KILL_MOMENTS, type Fault } from './kernel/index.ts';

/** What people do beside answering, ms after the first word. */
export interface Deed {
  readonly at: number;
  readonly do: 'flip-back' | 'abort' | 'edit' | 'delete' | 'delete-and-remake';
}

/** What happens to the operator's machine or the services, ms after the first word; over after `forMs`. */
export type Weather =
  | { readonly at: number; readonly forMs: number; readonly do: 'suspend' | 'machine-sleeps' }
  | { readonly at: number; readonly forMs: number; readonly do: 'wall-jump'; readonly byMs: number }
  | { readonly at: number; readonly forMs: number; readonly do: 'dns-api'; readonly how: 'unavailable' | 'silent' }
  | {
      readonly at: number;
      readonly forMs: number;
      readonly do: 'cut';
      readonly region: 'us-east-1' | 'us-west-2';
      readonly how: 'hang' | 'refuse';
    }
  | { readonly at: number; readonly forMs: number; readonly do: 'link'; readonly how: 'hold' | 'cut' }
  /** The Lease is deleted, another operator takes it, and the first does not hear of it for that long. */
  | { readonly at: number; readonly forMs: number; readonly do: 'rival' };

/** How the source fares: it stays, dies with its data (at the first word, or before), or nobody can reach it. */
export type Outage =
  | { readonly kind: 'None' }
  | { readonly kind: 'Dies' | 'Dark'; readonly heldMs: number; readonly returns: 'Late' | 'OnceHealthy' };

/** People fail over at the servers themselves, past the operator, while it looks on or is dead. */
export interface ByHand {
  /** After a Run has moved it west they bring it back east; else they bring it west, also past a Run that hangs behind its fence. */
  readonly after: 'Nothing' | 'Run' | 'Fence';
  readonly operator: 'Alive' | 'Dead';
  /** How they, or its death, keep the old primary from writing. */
  readonly source: 'Stopped' | 'Fenced' | 'Dies';
  readonly movesDns: boolean;
  /** What becomes of the old primary after that: a standby of the new one, by their hands; or it comes back as it was. */
  readonly then: 'Left' | 'Rebuilt' | 'Back';
  /** Somebody types the command that the plan's status prints. */
  readonly adopts: boolean;
}

/** A world, its faults, and what people do in it: plain data, so that it can be shrunk, printed and played again. */
export interface Tale {
  readonly seed: number;
  readonly databases: readonly string[];
  readonly fencing: 'Verified' | 'BestEffort' | 'None';
  readonly approval: 'Forced' | 'Always' | 'Never';
  readonly enforcement: 'Act' | 'Observe';
  readonly rpo: '1s' | '30s';
  readonly cooldown: '0s' | '10m';
  readonly outage: Outage;
  readonly faults: readonly Fault[];
  readonly deeds: readonly Deed[];
  readonly weather: readonly Weather[];
  /** Once all is over, the field is set back. */
  readonly comesBack: boolean;
  readonly hand?: ByHand;
  readonly badPlan: boolean;
  /** Told again without its faults: where both must come to the same end. */
  readonly twin: boolean;
  /** How long the person takes to answer, ms. */
  readonly answerMs: number;
}

/** Until nothing changes any more, ms: one that died waits for the Lease of its former life before it goes on. */
export const restMs = ({ faults }: Tale): number =>
  faults.some((one) => (KILL_MOMENTS as readonly string[]).includes(one.do)) ? 22_000 : 6_000;

const effects = [
  'sql.promote',
  'sql.fence',
  'sql.seal',
  'sql.end-sessions',
  'sql.open',
  'sql.probe',
  'sql.checkpoint',
  'sql.announce',
  'route53.ChangeResourceRecordSets',
] as const;

const kill: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    process: fc.constant('operator'),
    label: fc.constantFrom(...effects),
    do: fc.constantFrom(...KILL_MOMENTS),
  }),
  fc.record({
    process: fc.constant('operator'),
    label: fc.constantFrom('kube.patch', 'kube.create'),
    do: fc.constantFrom(...KILL_MOMENTS),
    occurrence: fc.integer({ min: 5, max: 60 }),
  }),
);

const losing = (...labels: readonly string[]): fc.Arbitrary<Fault> =>
  fc.record({
    label: fc.constantFrom(...labels),
    do: fc.constantFrom('drop-reply' as const, 'drop-request' as const),
    seen: fc.constantFrom('silence' as const, 'reset' as const),
    occurrence: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
const lost = losing(...effects, 'kube.patch', 'kube.get', 'sql.server', 'route53.ListResourceRecordSets');

const slow = (...labels: readonly string[]): fc.Arbitrary<Fault> =>
  fc.record({
    label: fc.constantFrom(...labels),
    do: fc.constant('delay' as const),
    ms: fc.integer({ min: 50, max: 9_000 }),
    leg: fc.constantFrom('request' as const, 'reply' as const),
    occurrence: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
const delayed = slow(...effects, 'kube.patch', 'kube.get', 'sql.server');

const refused: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    label: fc.constantFrom('kube.patch', 'kube.get', 'kube.create'),
    do: fc.constant('error' as const),
    error: fc.constantFrom({ status: 500 }, { status: 429 }, { status: 409 }),
    effect: fc.constantFrom('instead' as const, 'after' as const),
    occurrence: fc.integer({ min: 5, max: 60 }),
  }),
  fc.record({
    label: fc.constant('route53.*'),
    do: fc.constant('error' as const),
    error: fc.constant({ awsCode: 'Throttling', httpStatus: 400, ambiguous: false }),
    occurrence: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    label: fc.constantFrom('sql.fence', 'sql.promote', 'sql.open', 'sql.server', 'sql.connect'),
    do: fc.constant('error' as const),
    error: fc.constantFrom({ sqlState: '53300' }, { sqlState: '57P03' }),
    occurrence: fc.integer({ min: 1, max: 10 }),
  }),
);

const oneFault = fc.oneof({ weight: 3, arbitrary: kill }, lost, delayed, refused);

const when = fc.integer({ min: 0, max: 12_000 });
const span = fc.integer({ min: 500, max: 15_000 });

const weather: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ at: when, forMs: span, do: fc.constantFrom('suspend' as const, 'machine-sleeps' as const) }),
  fc.record({
    at: when,
    forMs: span,
    do: fc.constant('wall-jump' as const),
    byMs: fc.integer({ min: -60_000, max: 60_000 }),
  }),
  fc.record({
    at: when,
    forMs: span,
    do: fc.constant('dns-api' as const),
    how: fc.constantFrom('unavailable' as const, 'silent' as const),
  }),
  fc.record({
    at: when,
    forMs: span,
    do: fc.constant('cut' as const),
    region: fc.constantFrom('us-east-1' as const, 'us-west-2' as const),
    how: fc.constantFrom('hang' as const, 'refuse' as const),
  }),
  fc.record({
    at: when,
    forMs: span,
    do: fc.constant('link' as const),
    how: fc.constantFrom('hold' as const, 'cut' as const),
  }),
);

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
  deeds: fc.constant<readonly Deed[]>([]),
  weather: fc.array(weather, { maxLength: 2 }),
  comesBack: fc.constant(false),
  badPlan: fc.constant(false),
  twin: fc.constant(false),
  answerMs: fc.integer({ min: 100, max: 3_000 }),
};

const outage: fc.Arbitrary<Outage> = fc.record({
  kind: fc.constantFrom('Dies' as const, 'Dark' as const, 'Dark' as const),
  heldMs: fc.integer({ min: 3_000, max: 8_000 }),
  returns: fc.constantFrom('OnceHealthy' as const, 'OnceHealthy' as const, 'OnceHealthy' as const, 'Late' as const),
});

const deed = (...kinds: readonly Deed['do'][]): fc.Arbitrary<readonly Deed[]> =>
  fc.array(fc.record({ at: when, do: fc.constantFrom(...kinds) }), { minLength: 1, maxLength: 2 });

const forced = fc.record<Tale>({
  ...quietly,
  outage,
  fencing: fc.constantFrom('Verified' as const, 'Verified' as const, 'BestEffort' as const, 'None' as const),
  rpo: fc.oneof(
    { weight: 8, arbitrary: fc.constant('1s' as const) },
    { weight: 1, arbitrary: fc.constant('30s' as const) },
  ),
  deeds: fc.oneof(fc.constant<readonly Deed[]>([]), deed('edit')),
});

const thereAndBack = fc.record<Tale>({
  ...quietly,
  comesBack: fc.constant(true),
  cooldown: fc.constant('10m' as const),
  weather: fc.constant<readonly Weather[]>([]),
});

const abandoned = fc.record<Tale>({ ...quietly, deeds: deed('abort', 'abort', 'abort', 'flip-back') });
const edited = fc.record<Tale>({ ...quietly, deeds: deed('edit') });
const deleted = fc.record<Tale>({
  ...quietly,
  deeds: fc
    .record({
      at: fc.integer({ min: 0, max: 700 }),
      do: fc.constantFrom('delete' as const, 'delete-and-remake' as const),
    })
    .map((one) => [one]),
});
const observed = fc.record<Tale>({ ...quietly, enforcement: fc.constant('Observe' as const) });
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

const doubled = fc.record<Tale>({
  ...quietly,
  twin: fc.constant(true),
  faults: fc.array(fc.oneof(delayed, lost), { maxLength: 2 }),
  weather: fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 4_000 }), forMs: span, do: fc.constant('rival' as const) }),
    { minLength: 1, maxLength: 3 },
  ),
});

const byHand = fc.record<Tale>({
  ...quietly,
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
  { weight: 46, arbitrary: forced },
  { weight: 32, arbitrary: thereAndBack },
  { weight: 33, arbitrary: abandoned },
  { weight: 8, arbitrary: edited },
  { weight: 36, arbitrary: deleted },
  { weight: 46, arbitrary: observed },
  { weight: 28, arbitrary: beside },
  { weight: 4, arbitrary: killed },
  { weight: 60, arbitrary: doubled },
  { weight: 32, arbitrary: byHand },
);
