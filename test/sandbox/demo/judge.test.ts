import assert from 'node:assert/strict';
import type { Evidence } from '../../../src/sandbox/demo/evidence.ts';
import { returnFigures } from '../../../src/sandbox/demo/figures.ts';
import { judge, RULES } from '../../../src/sandbox/demo/judge/index.ts';
import { REPLAY_KEY } from '../../../src/sandbox/demo/replay.ts';
import { AT, forced, lost, order, pinned, planned, returned, safe, served, story, taken } from './story.ts';

type Invariant = keyof typeof RULES;

function broken(evidence: Evidence): readonly string[] {
  return judge(evidence)
    .filter(({ holds }) => !holds)
    .map(({ invariant }) => invariant);
}

const recovery = (changes: object) => ({
  ...forced,
  reported: { ...forced.reported, recovery: forced.reported.recovery.map((entry) => ({ ...entry, ...changes })) },
});
const batches = (changes: readonly string[]) =>
  story.dnsChanges.map((change, index) => (index === 1 ? { ...change, changes } : change));
const east = (changes: object) => ({ ...story.logs, east: { ...story.logs.east, ...changes } });
const west = (changes: object) => ({ ...story.logs, west: { ...story.logs.west, ...changes } });

/** One more order of the pinned client's that the east takes and keeps. */
const pinnedToo = (t: number) => ({
  pinned: [...pinned, order('p3', t, 'us-east-1', 'pinned-1')],
  end: { ...story.end, rows: [...story.end.rows, { id: 'p3', region: 'us-east-1', placedAt: t }] },
});

/** What is changed in the story, and the one invariant that must notice. */
const CASES: readonly (readonly [string, Evidence, Invariant])[] = [
  ['the link was held for too short', { ...story, forced: { ...forced, heldAt: AT.killed - 4_999 } }, 'link-held'],
  [
    'a promotion before the word',
    { ...story, forced: { ...forced, words: forced.words.map((word) => ({ ...word, promotionsBefore: 1 })) } },
    'asked-before-promoting',
  ],
  [
    'acceptance was never asked for',
    { ...story, forced: { ...forced, words: forced.words.filter(({ reason }) => reason !== 'DataLossUnaccepted') } },
    'asked-before-promoting',
  ],
  [
    'a promotion before its intent',
    {
      ...story,
      intents: story.intents.map((intent) => ({
        ...intent,
        at: intent.step === 'promote/orders' ? intent.at + 1_500 : intent.at,
      })),
    },
    'intent-before-act',
  ],
  [
    'a move of the name that no intent announced',
    { ...story, intents: story.intents.filter(({ token }) => token !== '5') },
    'intent-before-act',
  ],
  [
    'a scaling that no intent announced',
    { ...story, intents: story.intents.filter(({ token }) => token !== '3') },
    'intent-before-act',
  ],
  [
    'the operator was killed before any intent to promote',
    { ...story, forced: { ...forced, operatorKilled: { ...forced.operatorKilled, at: 0, token: '' } } },
    'intent-before-act',
  ],
  [
    'the operator was killed before the intent that it is said to have had',
    { ...story, forced: { ...forced, operatorKilled: { ...forced.operatorKilled, at: 30_999 } } },
    'intent-before-act',
  ],
  [
    'the operator was killed with an intent that no audit knows',
    { ...story, forced: { ...forced, operatorKilled: { ...forced.operatorKilled, token: '2' } } },
    'intent-before-act',
  ],
  [
    'the operator ended by itself',
    { ...story, forced: { ...forced, operatorKilled: { ...forced.operatorKilled, ended: 0 } } },
    'intent-before-act',
  ],
  [
    'nobody went on after the operator was killed',
    { ...story, forced: { ...forced, operatorKilled: { ...forced.operatorKilled, at: 41_000 } } },
    'intent-before-act',
  ],
  [
    'a second promotion in the west',
    { ...story, logs: west({ promotions: [AT.promoted, AT.promoted + 100] }) },
    'one-promotion',
  ],
  [
    'a timeline too many',
    { ...story, planned: { ...planned, east: { ...planned.east, timeline: 4 } } },
    'one-promotion',
  ],
  ['a bound below the exposure', { ...story, forced: recovery({ lossMs: 5_199 }) }, 'bound-holds'],
  ['a bound above three times the exposure', { ...story, forced: recovery({ lossMs: 15_601 }) }, 'bound-holds'],
  ['no bound', { ...story, forced: recovery({ lossMs: undefined }) }, 'bound-holds'],
  [
    'an order turned away by the west after the name led there',
    { ...story, clients: [...story.clients, { ...order('n', AT.moved + 200, null), region: 'us-west-2' }] },
    'traffic-after-open',
  ],
  [
    'an order turned away by the east after the name led there',
    { ...story, clients: [...story.clients, { ...order('n', AT.movedBack + 200, null), region: 'us-east-1' }] },
    'traffic-after-open',
  ],
  [
    'the traffic moved long before the clients were served',
    {
      ...story,
      forced: {
        ...forced,
        reported: { ...forced.reported, milestones: { trafficObserved: AT.killed + 20_000 - 5_000 - 1 } },
      },
    },
    'outage-as-reported',
  ],
  [
    'nobody was shut out of the returned east',
    { ...story, logs: east({ refused: [], terminated: [] }) },
    'standing-fence',
  ],
  [
    'a report of fewer commits than the returned east took',
    {
      ...story,
      back: {
        ...returned,
        reported: {
          ...returned.reported,
          recovery: [{ database: 'orders', grade: 'Measured', basis: 'Compared', postReturnCommits: 1 }],
        },
      },
    },
    'standing-fence',
  ],
  [
    'a lost order that is not in the preserved copy',
    { ...story, back: { ...returned, preserved: (returned.preserved ?? []).filter((id) => id !== 'l1') } },
    'lost-orders-preserved',
  ],
  [
    'an order in the preserved copy that nobody placed',
    { ...story, back: { ...returned, preserved: [...(returned.preserved ?? []), 'zz'] } },
    'lost-orders-preserved',
  ],
  ['no preserved copy', { ...story, back: { ...returned, preserved: undefined } }, 'lost-orders-preserved'],
  [
    'the east was not rebuilt',
    { ...story, back: { ...returned, east: { ...returned.east, inRecovery: false } } },
    'rebuilt-from-the-west',
  ],
  [
    'the east is another system',
    { ...story, back: { ...returned, east: { ...returned.east, systemIdentifier: 't' } } },
    'rebuilt-from-the-west',
  ],
  [
    'an order lost by the planned return',
    { ...story, end: { ...story.end, rows: story.end.rows.filter(({ id }) => id !== 'w2') } },
    'planned-loses-nothing',
  ],
  [
    'a pinned order lost by the planned return',
    { ...story, end: { ...story.end, rows: story.end.rows.filter(({ id }) => id !== 'p9') } },
    'planned-loses-nothing',
  ],
  [
    'a planned return by force',
    { ...story, planned: { ...planned, reported: { ...planned.reported, mode: 'Forced' } } },
    'planned-loses-nothing',
  ],
  [
    'an order accepted by what was called fenced',
    { ...story, clients: [...story.clients, order('x', AT.fencedAgain + 500, 'us-west-2')] },
    'one-writer',
  ],
  [
    'an order accepted by what is fenced by its own log, whatever the operator claims',
    {
      ...story,
      clients: [...story.clients, order('x', AT.fencedAgain + 500, 'us-west-2')],
      planned: { ...planned, reported: { ...planned.reported, steps: [] } },
    },
    'one-writer',
  ],
  [
    'both regions accept orders at one time',
    {
      ...story,
      clients: [...story.clients, order('x', 56_005, 'us-west-2')],
      planned: { ...planned, reported: { ...planned.reported, steps: [] } },
      end: { ...story.end, rows: [...story.end.rows, { id: 'x', region: 'us-west-2', placedAt: 0 }] },
    },
    'one-writer',
  ],
  ['the east takes a pinned order at one time with the west', { ...story, ...pinnedToo(50_502) }, 'one-writer'],
  [
    'the east takes a pinned order while the west serves, between two of its orders',
    { ...story, ...pinnedToo(AT.asked + 200) },
    'one-writer',
  ],
  [
    'the west takes an order when the east is promoted, and the operator claims no fence',
    {
      ...story,
      clients: [...story.clients, order('x', AT.promotedBack + 100, 'us-west-2')],
      planned: { ...planned, reported: { ...planned.reported, steps: [] } },
      end: { ...story.end, rows: [...story.end.rows, { id: 'x', region: 'us-west-2', placedAt: 0 }] },
    },
    'one-writer',
  ],
  [
    'an UPSERT',
    { ...story, dnsChanges: batches(['UPSERT shop CNAME lb-east', 'UPSERT _maestro-dr.shop TXT new']) },
    'dns-by-compare-and-swap',
  ],
  [
    'a batch without ownership',
    { ...story, dnsChanges: batches(['DELETE shop CNAME lb-west', 'CREATE shop CNAME lb-east']) },
    'dns-by-compare-and-swap',
  ],
  [
    'an epoch that does not rise',
    { ...story, dnsChanges: story.dnsChanges.map((change) => ({ ...change, epoch: 1 })) },
    'dns-by-compare-and-swap',
  ],
  [
    'an out-of-date batch that was accepted',
    { ...story, end: { ...story.end, replay: { at: 56_500, accepted: true, said: 'HTTP 200' } } },
    'dns-by-compare-and-swap',
  ],
  [
    'a server that answered neither region',
    { ...story, dns: [...story.dns, { at: AT.moved, server: 'ns-2', says: '-' }] },
    'dns-by-compare-and-swap',
  ],
  [
    'a server that led to a third place',
    { ...story, dns: [...story.dns, { at: AT.moved, server: 'ns-2', says: 'lb-elsewhere' }] },
    'dns-by-compare-and-swap',
  ],
  [
    'two primaries at the end',
    { ...story, planned: { ...planned, west: { ...planned.west, inRecovery: false } } },
    'initial-topology',
  ],
  [
    'a mutation at the fixpoint',
    { ...story, end: { ...story.end, quiet: { ...story.end.quiet, mutations: story.regional } } },
    'fixpoint-is-quiet',
  ],
];

describe('demo: the judge', () => {
  it('claims no bound where nobody vouched for the end of the writing', () => {
    const words = forced.words.filter(({ reason }) => reason !== 'FenceNotProven');
    const estimated = recovery({ grade: 'Estimated', basis: 'Open', lossMs: 22_000 }).reported;
    assert.deepEqual(broken({ ...story, forced: { ...forced, words, reported: estimated } }), ['one-writer']);
    assert.deepEqual(broken({ ...story, forced: { ...forced, words } }), ['bound-holds', 'one-writer']);
    assert.deepEqual(broken({ ...story, forced: { ...forced, reported: estimated } }), ['bound-holds']);
  });

  it('finds nothing wrong with the story as it should be, and judges every invariant', () => {
    assert.deepEqual(broken(story), []);
    assert.deepEqual(
      judge(story).map(({ invariant }) => invariant),
      Object.keys(RULES),
    );
  });

  for (const [what, evidence, invariant] of CASES) {
    it(`names ${invariant}, and nothing else: ${what}`, () => {
      assert.deepEqual(broken(evidence), [invariant]);
    });
  }

  it('names what was not provoked: without lost orders there is no exposure to bound either', () => {
    const rows = [...forced.rows, ...lost.map(({ order: id }) => ({ id, region: 'us-east-1', placedAt: 0 }))];
    const evidence = {
      ...story,
      forced: { ...forced, rows },
      back: { ...returned, preserved: ['p1', 'p2', ...safe.map((a) => a.order)] },
    };
    assert.deepEqual(broken(evidence), ['orders-were-lost', 'bound-holds']);
  });

  it('has a case for every invariant', () => {
    const judgedHere = new Set<string>([...CASES.map(([, , invariant]) => invariant), 'orders-were-lost']);
    assert.deepEqual(
      Object.keys(RULES).filter((invariant) => !judgedHere.has(invariant)),
      [],
    );
  });

  it('counts an unanswered order in the preserved copy as nobody’s loss', () => {
    const inFlight = order('u', AT.killed, null);
    const evidence = {
      ...story,
      clients: [...story.clients, inFlight],
      back: { ...returned, preserved: [...(returned.preserved ?? []), 'u'] },
    };
    assert.deepEqual(broken(evidence), []);
  });

  it('takes a name server that did not answer for silent, not for one that led elsewhere', () => {
    assert.deepEqual(broken({ ...story, dns: [...story.dns, { at: AT.moved, server: 'ns-2', says: undefined }] }), []);
  });

  it('names both where the returned east takes an order after its fence while the west serves', () => {
    const evidence = {
      ...story,
      pinned: [...pinned, order('p3', AT.fenced + 100, 'us-east-1', 'pinned-1')],
      back: { ...returned, preserved: [...(returned.preserved ?? []), 'p3'] },
    };
    assert.deepEqual(broken(evidence), ['standing-fence', 'one-writer']);
  });

  it('leaves what an east takes that is never fenced to the standing fence', () => {
    const evidence = { ...story, logs: east({ refused: [], terminated: [] }) };
    assert.deepEqual(broken(evidence), ['standing-fence']);
    const { back: _back, planned: _planned, end: _end, askedBackAt: _asked, ...stopped } = evidence;
    assert.deepEqual(
      broken({
        ...stopped,
        clients: [...safe, ...lost, order('f', 20_000, null), ...served],
        dnsChanges: story.dnsChanges.slice(0, 1),
        logs: east({ refused: [], promotions: [] }),
      }),
      [],
      'nor is it judged where the story stopped before the fence',
    );
  });

  it('takes the end of the way back from the server’s log, whatever the operator says of it', () => {
    // The shop is turned away by the rebuilt standby too, for the west's fence is replicated to it.
    const logs = east({ refused: [AT.fenced, AT.fencedAgain], terminated: [AT.fenced - 50, AT.fencedAgain + 10] });
    for (const steps of [[], returned.reported.steps]) {
      const evidence = { ...story, logs, back: { ...returned, reported: { ...returned.reported, steps } } };
      assert.equal(returnFigures(evidence).fencedAt, AT.fenced);
      assert.deepEqual(broken(evidence), []);
    }
  });

  it('does not take the replayed batch for the operator’s', () => {
    const replayed = story.dnsChanges.map((change) => ({ ...change, by: REPLAY_KEY, at: 56_500 })).slice(0, 1);
    const evidence = {
      ...story,
      dnsChanges: [...story.dnsChanges, ...replayed],
      end: { ...story.end, replay: { at: 56_500, accepted: true, said: '' } },
    };
    assert.deepEqual(broken(evidence), ['dns-by-compare-and-swap']);
  });

  it('says nothing of what the story did not reach', () => {
    const { askedBackAt, forced: _forced, back: _back, planned: _planned, end: _end, ...begun } = story;
    const early: Evidence = {
      ...begun,
      dnsChanges: [],
      dns: [],
      intents: [],
      regional: [],
      logs: { east: { ...story.logs.east, promotions: [] }, west: { ...story.logs.west, promotions: [] } },
    };
    assert.deepEqual(
      judge(early).map(({ invariant }) => invariant),
      ['one-writer'],
    );
    const stopped: Evidence = {
      ...begun,
      forced,
      dnsChanges: story.dnsChanges.slice(0, 1),
      logs: east({ promotions: [] }),
      clients: [...safe, ...lost, order('f', 20_000, null), ...served.slice(0, 1)],
      pinned: taken,
    };
    assert.deepEqual(broken(stopped), []);
    const shutWest = { ...order('n', AT.fencedAgain + 200, null), region: 'us-west-2' };
    const fenced: Evidence = { ...stopped, askedBackAt, clients: [...stopped.clients, shutWest] };
    assert.deepEqual(broken(fenced), [], 'the west turns people away because it was fenced');
  });
});
