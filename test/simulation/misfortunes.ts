import fc from 'fast-check';
import { KILL_MOMENTS, type Fault } from './kernel/index.ts';
import type { Weather } from './tale.ts';

export const effects = [
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

export const kill: fc.Arbitrary<Fault> = fc.oneof(
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

export const losing = (...labels: readonly string[]): fc.Arbitrary<Fault> =>
  fc.record({
    label: fc.constantFrom(...labels),
    do: fc.constantFrom('drop-reply' as const, 'drop-request' as const),
    seen: fc.constantFrom('silence' as const, 'reset' as const),
    occurrence: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
export const lost = losing(...effects, 'kube.patch', 'kube.get', 'sql.server', 'route53.ListResourceRecordSets');

export const slow = (...labels: readonly string[]): fc.Arbitrary<Fault> =>
  fc.record({
    label: fc.constantFrom(...labels),
    do: fc.constant('delay' as const),
    ms: fc.integer({ min: 50, max: 9_000 }),
    leg: fc.constantFrom('request' as const, 'reply' as const),
    occurrence: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
export const delayed = slow(...effects, 'kube.patch', 'kube.get', 'sql.server');

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

export const oneFault = fc.oneof({ weight: 3, arbitrary: kill }, lost, delayed, refused);

/** Calls of an operator that has nothing to do but look and write down: what it never asks for cannot strike it. */
const looking = ['kube.patch', 'kube.get', 'sql.server', 'route53.ListResourceRecordSets'] as const;
const whileLooking: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    process: fc.constant('operator'),
    label: fc.constantFrom('kube.patch', 'kube.create'),
    do: fc.constantFrom(...KILL_MOMENTS),
    occurrence: fc.integer({ min: 1, max: 24 }),
  }),
  losing(...looking),
  slow(...looking),
);
/** For what is over before most effects: one fault at least that can strike, beside any others. */
export const earlyFaults = fc
  .tuple(whileLooking, fc.array(oneFault, { maxLength: 2 }))
  .map(([early, others]) => [early, ...others]);

export const when = fc.integer({ min: 0, max: 12_000 });
export const span = fc.integer({ min: 500, max: 15_000 });

export const weatherBeside: fc.Arbitrary<Weather> = fc.oneof(
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
);
const linkWeather: fc.Arbitrary<Weather> = fc.record({
  at: when,
  forMs: span,
  do: fc.constant('link' as const),
  how: fc.constantFrom('hold' as const, 'cut' as const),
});
/** Each kind as often. */
export const weather = fc.oneof({ weight: 4, arbitrary: weatherBeside }, { weight: 1, arbitrary: linkWeather });
