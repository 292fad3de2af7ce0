import assert from 'node:assert/strict';
import { known, unknown } from '../../../src/api/fact.ts';
import type { Plan } from '../../../src/api/plan.ts';
import type { Observed, RunFacts } from '../../../src/decide/facts.ts';
import type { Gate } from '../../../src/decide/rules/gate.ts';
import { gates } from '../../../src/decide/rules/index.ts';
import {
  dataLoss,
  databasesOpen,
  evidenceFresh,
  paused,
  planReadLive,
  staleEpoch,
} from '../../../src/decide/rules/safety.ts';
import { fenceNeeds, fencesHold } from '../../../src/decide/rules/fences-hold.ts';
import {
  ago,
  answer,
  answers,
  aPrimary,
  aStandby,
  at,
  everyWhy,
  fenced,
  foreign,
  inEast,
  inWest,
  listed,
  lost,
  mine,
  now,
  promoted,
  seen,
  start,
} from '../support/facts.ts';
import { aDatabase, aPlan, aSpec, east, minute, stateless, withFailover } from '../support/plans.ts';
import {
  anAttestation,
  anIntent,
  aSample,
  ask,
  contextFor,
  graphOf,
  outcome,
  stepIn,
  type Case,
} from '../support/runs.ts';

function appliesTo(gate: Gate): string[] {
  return graphOf(aSpec(), 'Planned')
    .filter((step) => gate.applies({ ...step, state: 'Pending', since: 0 }))
    .map((step) => step.id);
}
const everything = graphOf(aSpec(), 'Planned').map((step) => step.id);

describe('gates', () => {
  it('are asked in this order', () => {
    assert.deepEqual(
      gates.map((gate) => gate.reason),
      [
        'Paused',
        'NothingFenced',
        'StaleEpoch',
        'ClusterChanged',
        'Observing',
        'Halted',
        'Halted',
        'Cooldown',
        'OperatorColocated',
        'ApprovalRequired',
        'PlanUnread',
        'EpochUnproven',
        'FenceNotProven',
        'DataLossUnaccepted',
        'EvidenceStale',
        'DatabaseNotOpen',
      ],
    );
  });
});

describe('gate paused', () => {
  it('holds every effect of a paused run', () => {
    assert.deepEqual([appliesTo(paused), paused.before], [everything, 'Effect']);
    assert.equal(ask(paused, 'promote/orders', { run: { desiredState: 'Paused' } })?.reason, 'Paused');
    for (const desiredState of ['Running', 'Aborted'] as const) {
      assert.equal(ask(paused, 'promote/orders', { run: { desiredState } }), undefined);
    }
  });
  it('shows since when it was seen, as whichever step was first to be held wrote it down', () => {
    const run = { desiredState: 'Paused' } as const;
    const first = ask(paused, 'fence/orders', { run });
    assert.deepEqual(first?.evidence, [
      { what: 'spec.desiredState of this Run was first seen to be Paused', at: now.wall },
    ]);
    const evidence = [{ what: 'so it was', at: ago(90_000).wall }];
    const steps = { 'fence/orders': { waitsFor: { ...first, evidence } } };
    assert.equal(ask(paused, 'promote/orders', { run, steps })?.evidence[0]?.at, ago(90_000).wall);
    const over = { 'fence/orders': { ...outcome('Succeeded'), waitsFor: { ...first, evidence } } };
    assert.equal(ask(paused, 'promote/orders', { run, steps: over })?.evidence[0]?.at, now.wall);
  });
});

describe('gate stale epoch', () => {
  const database = (key: string, highestEpoch: number) => ({ databases: { [key]: seen(aPrimary({ highestEpoch })) } });
  const served = (ownership: ReturnType<typeof mine>) => ({
    answers: { public: seen(answers([answer(east)], true, ownership)) },
  });
  const rows: readonly (readonly [string, Partial<Observed>, boolean])[] = [
    ['nothing seen', {}, true],
    ['the source at this epoch', database(inEast('orders'), 7), true],
    ['the source above it', database(inEast('orders'), 8), false],
    ['the target above it', database(inWest('orders'), 8), false],
    ['the record at this epoch', { records: { public: seen(listed(east, mine(7, east))) } }, true],
    ['the record above it', { records: { public: seen(listed(east, mine(8, east))) } }, false],
    ['a record of another plan above it', { records: { public: seen(listed(east, foreign)) } }, true],
    ['the servers` TXT at this epoch', served(mine(7, east)), true],
    ['the servers` TXT above it', served(mine(8, east)), false],
    [
      'everything dark',
      { databases: { [inEast('orders')]: lost() }, records: { public: lost() }, answers: { public: lost() } },
      true,
    ],
  ];
  for (const [name, observed, open] of rows) {
    it(`with ${name} is ${open ? 'open' : 'closed'}`, () => {
      assert.equal(ask(staleEpoch, 'fence/orders', { observed })?.reason, open ? undefined : 'StaleEpoch');
    });
  }
  it('holds every effect, and says where it saw it', () => {
    assert.deepEqual([appliesTo(staleEpoch), staleEpoch.before], [everything, 'Effect']);
    assert.match(
      ask(staleEpoch, 'fence/orders', { observed: database(inWest('orders'), 9) })?.message ?? '',
      /^database orders in us-west-2 carries epoch 9, above this Run's 7/,
    );
    const one = served(mine(8, east));
    assert.match(
      ask(staleEpoch, 'fence/orders', { observed: one })?.message ?? '',
      /^public\.example\.com carries epoch 8/,
    );
  });
});

describe('gate plan read live', () => {
  const read = (plan: RunFacts['plan'], more: Case = {}): Case => ({ ...more, facts: { plan } });
  const plan = known<Plan | undefined>(aPlan(), now);
  const rows: readonly (readonly [string, Case, boolean])[] = [
    ['read past the cache', read({ ...plan, live: true }), true],
    ['from the cache', read({ ...plan, live: false }), false],
    ['from nobody knows where', read(plan), false],
    ['unknown', read({ ...unknown<Plan | undefined>('Timeout', 'no answer', now), live: true }), false],
    ['already intended', read(plan, { steps: { 'fence/orders': { intent: anIntent() } } }), true],
  ];
  for (const [name, given, open] of rows) {
    it(`with the plan ${name} is ${open ? 'open' : 'closed'}`, () => {
      assert.equal(ask(planReadLive, 'fence/orders', given)?.reason, open ? undefined : 'PlanUnread');
    });
  }
  it('says what to do about a plan that cannot be read', () => {
    const malformed = read(unknown<Plan | undefined>('Malformed', 'the plan cannot be read', now));
    assert.match(ask(planReadLive, 'fence/orders', malformed)?.message ?? '', /mend it, or abort this Run\.$/);
  });
  it('holds what first touches the source', () => {
    assert.deepEqual(
      [appliesTo(planReadLive), planReadLive.before],
      [['quiesce/billing-worker', 'fence/orders'], 'Effect'],
    );
  });
});

describe('gate fences hold', () => {
  const intruder = { kind: 'UnlistedWriter', name: 'late' } as const;
  const source = (state: ReturnType<typeof aPrimary>): Case => ({
    observed: { databases: { [inEast('orders')]: seen(state) } },
  });
  const weaker = (fencing: 'BestEffort' | 'None', given: Case): Case => ({ ...given, spec: withFailover({ fencing }) });
  const rows: readonly (readonly [string, Case, boolean])[] = [
    ['the source dark', { observed: { databases: { [inEast('orders')]: lost() } } }, true],
    ['the source fenced', source(fenced(7)), true],
    ['the source a replica', source(aStandby()), true],
    ['the source open', source(aPrimary()), false],
    ['the source open, attested', { ...source(aPrimary()), run: { attestations: [anAttestation('*')] } }, false],
    [
      'the source open, the fence done before',
      { ...source(aPrimary()), steps: { 'fence/orders': outcome('Succeeded') } },
      false,
    ],
    [
      'the source back and closed, the standing fence not proven yet',
      { ...source(fenced(7)), steps: { 'fence/orders': outcome('Overridden') } },
      false,
    ],
    [
      'the source back, the standing fence done',
      {
        ...source(fenced(7)),
        steps: { 'fence/orders': outcome('Overridden'), 'finish-fence/orders': outcome('Succeeded') },
      },
      true,
    ],
    ['the fence of another epoch', source(fenced(6)), false],
    ['a writer that came after the proof', source(fenced(7, { fenceObstacles: [intruder] })), false],
    ['a role that can log in', source(fenced(7, { enabledRoles: ['app'] })), false],
    ['the source open, BestEffort', weaker('BestEffort', source(aPrimary())), true],
    ['the source open, None', weaker('None', source(aPrimary())), true],
    ['the source open, None, planned', { ...weaker('None', source(aPrimary())), mode: 'Planned' }, false],
  ];
  for (const [name, given, open] of rows) {
    it(`with ${name} is ${open ? 'open' : 'closed'}`, () => {
      assert.equal(ask(fencesHold, 'promote/orders', given)?.reason, open ? undefined : 'FenceNotProven');
    });
  }
  it('says of one that was opened again after its proof that nobody fences it twice, and how to turn back', () => {
    const proven = { 'fence/orders': outcome('Succeeded'), 'finish-fence/orders': outcome('Vacuous') };
    const opened = ask(fencesHold, 'promote/orders', { ...source(aPrimary()), steps: proven });
    assert.match(opened?.message ?? '', /opened it again. It is not fenced twice.*abort this Run, or close it there/);
    assert.match(opened?.next ?? '', /"desiredState":"Aborted"/);
    const steps = { ...proven, 'promote/orders': { intent: anIntent() } };
    const late = ask(fencesHold, 'promote/orders', { ...source(aPrimary()), steps });
    assert.match(late?.message ?? '', /would be lost: close it there\.$/);
    assert.equal(late?.next, undefined, 'nothing can be taken back');
    const owed = ask(fencesHold, 'promote/orders', source(aPrimary()));
    assert.match(owed?.message ?? '', /it is being fenced/);
  });
  it('waits for the first look at every source, unless the plan asks for no proof', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const unlooked: readonly Case[] = [
      {},
      { observed: { databases: { [inEast('orders')]: lost('NotAsked') } } },
      { spec, observed: { databases: { [inEast('orders')]: seen(fenced(7)) } } },
      { run: { attestations: [anAttestation('*')] }, steps: { 'fence/orders': outcome('Overridden') } },
    ];
    for (const given of unlooked) assert.equal(ask(fencesHold, 'promote/orders', given)?.reason, 'Observing');
    assert.equal(ask(fencesHold, 'promote/orders', weaker('None', {})), undefined);
    const ctx = contextFor({ spec });
    assert.deepEqual(
      fenceNeeds(stepIn(ctx, 'promote/orders'), ctx),
      ['orders', 'ledger'].map((name) => ({ kind: 'Database', name, region: east })),
    );
    assert.deepEqual(fenceNeeds(stepIn(ctx, 'open/orders'), ctx), []);
  });
  it('looks at every database before any is promoted', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const databases = { [inEast('orders')]: seen(fenced(7)), [inEast('ledger')]: seen(aPrimary()) };
    const held = ask(fencesHold, 'promote/orders', { spec, observed: { databases } });
    assert.match(held?.message ?? '', /The writer of ledger in us-east-1 is seen open/);
    assert.deepEqual([appliesTo(fencesHold), fencesHold.before], [['promote/orders'], 'Effect']);
  });
});

describe('gate data loss', () => {
  /** The last covered sample is ten minutes old; the RPO is five. */
  const target = { databases: { [inWest('orders')]: seen(aStandby()) } };
  const open: Case = { observed: target, status: { samples: [aSample('orders', 0, '0/5000')] } };
  const accept = (maxMs: number) => ({ run: { acceptDataLoss: { maxMs, by: 'ana', reason: 'so be it' } } });
  const stopped = (ms: number): Case => ({ ...open, steps: { 'fence/orders': outcome('Succeeded', {}, at(ms).wall) } });
  const reached: Case = { steps: { 'position/orders': outcome('Succeeded') }, mode: 'Planned' };

  const rows: readonly (readonly [string, Case, boolean])[] = [
    ['the position reached', reached, true],
    ['nothing known', {}, false],
    ['nothing known, accepted', accept(1), true],
    ['no sample below', { ...open, status: { samples: [aSample('orders', 0, '0/5001')] } }, false],
    ['the end open', open, false],
    ['the end open, accepted', { ...open, ...accept(10 * minute) }, true],
    ['the end open, less accepted', { ...open, ...accept(10 * minute - 1) }, false],
    [
      'the end open, though within the RPO',
      { ...open, status: { samples: [aSample('orders', 9 * minute, '0/5000')] } },
      false,
    ],
    ['a bound within the RPO', stopped(5 * minute - 600), true],
    ['a bound above it by a millisecond', stopped(5 * minute - 599), false],
    [
      'the source back before the promotion, and fenced within the RPO',
      {
        ...open,
        steps: {
          'fence/orders': outcome('Overridden'),
          'finish-fence/orders': outcome('Succeeded', {}, at(5 * minute - 600).wall),
        },
      },
      true,
    ],
    ['a bound above it, accepted', { ...stopped(6 * minute), ...accept(6 * minute + 600) }, true],
    ['a bound above it, less accepted', { ...stopped(6 * minute), ...accept(6 * minute + 599) }, false],
  ];
  for (const [name, given, passes] of rows) {
    it(`with ${name} is ${passes ? 'open' : 'closed'}`, () => {
      assert.equal(ask(dataLoss, 'promote/orders', given)?.reason, passes ? undefined : 'DataLossUnaccepted');
    });
  }

  it('says how much, and what accepting it would be', () => {
    const held = (given: Case) => ask(dataLoss, 'promote/orders', given);
    assert.equal(
      held(open)?.message,
      'Promoting orders in us-west-2 would lose 600 s and more, for us-east-1 is not proven stopped; the RPO is 300 s.',
    );
    assert.match(held(open)?.next ?? '', /"acceptDataLoss":\{"max":"1200s"/, 'it grows while one types');
    assert.equal(
      held(stopped(6 * minute))?.message,
      'Promoting orders in us-west-2 would lose at most 361 s; the RPO is 300 s.',
    );
    assert.match(held(stopped(6 * minute))?.next ?? '', /"max":"361s"/);
    assert.match(held({})?.message ?? '', /How much of orders would be lost is not known/);
    assert.match(held({})?.next ?? '', /"max":"300s"/);
  });

  it('shows how far the target is, which position that covers, and when the writing ended', () => {
    const evidence = (given: Case) => ask(dataLoss, 'promote/orders', given)?.evidence ?? [];
    assert.deepEqual(evidence(stopped(6 * minute)), [
      { what: 'orders@us-west-2 has replayed 0/5000; the loss is Bounded', at: now.wall },
      { what: 'orders@us-east-1 was asked for the newest position that this covers', at: start },
      { what: 'orders@us-east-1 was proven fenced', at: start + 6 * minute },
    ]);
    assert.deepEqual(
      evidence({ observed: { databases: { [inWest('orders')]: lost('Timeout', ago(5_000)) } } }).map((one) => one.at),
      [ago(5_000).wall],
    );
    assert.equal(evidence(open).length, 2, 'of a source that was not asked it says nothing');
  });

  it('is asked of every database before any is promoted', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const steps = { 'position/orders': outcome('Succeeded') };
    assert.match(
      ask(dataLoss, 'promote/orders', { spec, steps, mode: 'Planned' })?.message ?? '',
      /How much of ledger/,
    );
    assert.deepEqual([appliesTo(dataLoss), dataLoss.before], [['promote/orders'], 'Effect']);
  });

  it('is not asked any more of one that is promoted, whose loss was accepted or small enough then', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const samples = ['orders', 'ledger'].map((name) => aSample(name, 0, '0/5000'));
    for (const state of ['Succeeded', 'Vacuous', 'Skipped'] as const) {
      const given: Case = {
        spec,
        status: { samples },
        steps: { 'fence/ledger': outcome('Succeeded', {}, at(minute).wall), 'promote/orders': outcome(state) },
        observed: { databases: { [inWest('ledger')]: seen(aStandby()) } },
      };
      assert.equal(ask(dataLoss, 'promote/ledger', given), undefined, state);
      const sent = { ...given, steps: { ...given.steps, 'promote/orders': { intent: anIntent() } } };
      assert.equal(ask(dataLoss, 'promote/ledger', sent), undefined, 'nor of one whose promotion was sent');
      assert.equal(ask(dataLoss, 'promote/orders', sent)?.reason, 'DataLossUnaccepted', 'but by itself, each time');
    }
  });
});

describe('gate evidence fresh', () => {
  const target = (ms: number): Case => ({ observed: { databases: { [inWest('orders')]: seen(aStandby(), ago(ms)) } } });
  for (const id of ['promote/orders', 'open/orders', 'shift/public']) {
    it(`lets ${id} act on what was just seen, and on nothing older or unknown`, () => {
      assert.equal(ask(evidenceFresh, id, target(10_000)), undefined);
      assert.equal(ask(evidenceFresh, id, target(10_001))?.reason, 'EvidenceStale');
      assert.equal(ask(evidenceFresh, id)?.reason, 'EvidenceStale');
      for (const why of everyWhy) {
        const observed = { databases: { [inWest('orders')]: lost<ReturnType<typeof aStandby>>(why) } };
        assert.equal(ask(evidenceFresh, id, { observed })?.reason, 'EvidenceStale', why);
      }
    });
  }
  it('counts nothing that was seen before a person told the Run something new', () => {
    const lookedFor = (generation: number): Case => ({
      observed: { databases: { [inWest('orders')]: seen(aStandby(), now, {}, generation) } },
    });
    for (const id of ['promote/orders', 'open/orders', 'shift/public']) {
      assert.equal(ask(evidenceFresh, id, lookedFor(1)), undefined);
      assert.match(
        ask(evidenceFresh, id, lookedFor(0))?.message ?? '',
        /^orders in us-west-2 was last seen before this Run/,
      );
    }
  });
  it('moves no traffic on a look from before everything else was ready', () => {
    const readied = (ms: number): Case => ({ ...target(ms), steps: { 'shift/public': { readyAt: ago(2_000).wall } } });
    assert.equal(ask(evidenceFresh, 'shift/public', readied(2_000)), undefined);
    const held = ask(evidenceFresh, 'shift/public', readied(2_001));
    assert.deepEqual(
      [held?.reason, held?.message],
      ['EvidenceStale', 'orders in us-west-2 is looked at once more before the name moves.'],
    );
  });
  it('needs every database before traffic moves, and the own one before a promotion', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const given = { spec, ...target(0) };
    assert.equal(ask(evidenceFresh, 'promote/orders', given), undefined);
    assert.equal(ask(evidenceFresh, 'promote/ledger', given)?.reason, 'EvidenceStale');
    assert.equal(ask(evidenceFresh, 'shift/public', given)?.reason, 'EvidenceStale');
    assert.equal(ask(evidenceFresh, 'shift/public', { spec: stateless() }), undefined);
    assert.deepEqual(appliesTo(evidenceFresh), ['promote/orders', 'open/orders', 'shift/public']);
  });
});

describe('gate databases open', () => {
  const opened = { 'open/orders': { intent: anIntent({ firstAt: ago(5_000).wall }) } };
  const target = (state: ReturnType<typeof aPrimary>, ms = 0): Case => ({
    steps: opened,
    observed: { databases: { [inWest('orders')]: seen(state, ago(ms)) } },
  });
  const rows: readonly (readonly [string, Case, boolean])[] = [
    ['open', target(promoted()), true],
    ['open, seen when it was being opened', target(promoted(), 5_000), true],
    ['open, seen before it was being opened', target(promoted(), 5_001), false],
    ['open, by nobody`s intent', { ...target(promoted()), steps: {} }, false],
    ['fenced', target(promoted({ fence: { present: true, epoch: 7, restores: [], sealed: true } })), false],
    ['unfenced, and nobody can log in', target(promoted({ enabledRoles: [] })), false],
    ['a replica', target(aStandby()), false],
    ['not asked', { steps: opened }, false],
    ...everyWhy.map((why): [string, Case, boolean] => [
      `unknown for ${why}`,
      { steps: opened, observed: { databases: { [inWest('orders')]: lost(why) } } },
      false,
    ]),
  ];
  for (const [name, given, open] of rows) {
    it(`with the database ${name} is ${open ? 'open' : 'closed'}`, () => {
      assert.equal(ask(databasesOpen, 'shift/public', given)?.reason, open ? undefined : 'DatabaseNotOpen');
    });
  }
  it('holds the shift, and nothing for a plan without databases', () => {
    assert.deepEqual([appliesTo(databasesOpen), databasesOpen.before], [['shift/public'], 'Effect']);
    assert.equal(ask(databasesOpen, 'shift/public', { spec: stateless() }), undefined);
  });
});
