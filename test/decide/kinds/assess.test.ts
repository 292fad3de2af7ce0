import assert from 'node:assert/strict';
import { unknown, type UnknownWhy } from '../../../src/api/fact.ts';
import type { Observed, Seen } from '../../../src/decide/facts.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import {
  alive,
  aPrimary,
  aStandby,
  ago,
  everyWhy,
  inEast,
  inWest,
  isGreen,
  isRed,
  lost,
  now,
  seen,
  silent,
  start,
} from '../support/facts.ts';
import { aDatabase, aSpec, east, stateless, withFailover } from '../support/plans.ts';
import { inWords, judge, messageOf, type Case } from '../support/runs.ts';

type Database = Seen<DatabaseState>;

const healthy: Database = seen(aPrimary());
const streaming: Database = seen(aStandby(), now, silent(0));
const stopped = (ms: number): Database => seen(aStandby({ receiver: { streaming: false } }), now, silent(ms));
const stillStreaming = (ms: number, timeoutMs = 60_000): Database =>
  seen(aStandby({ receiver: { streaming: true, latestEndAt: start, timeoutMs } }), now, silent(ms));
const untrusted: Database = {
  fact: { ...unknown('Unreachable', 'certificate has expired', ago(60_000)), answered: true },
  streaks: {},
};
const up = { regions: { [east]: seen(alive) } };
const down = { regions: { [east]: lost<typeof alive>('Unreachable') } };

function pair(source: Database, target: Database, name = 'orders'): Observed['databases'] {
  return { [inEast(name)]: source, [inWest(name)]: target };
}

/** It was watched for long enough that a person may be asked. */
const watched: Case = { steps: { assess: { readyAt: ago(15_000).wall } } };

function verdict(observed: Partial<Observed>, more: Case = {}): string {
  const judged = judge('assess', { observed, ...watched, ...more });
  const mode = judged.kind === 'Done' ? String(judged.evidence[0]?.value?.mode) : '';
  return `${inWords(judged)} ${mode}`.trim();
}

const planned = 'Done Succeeded Planned';
const forced = 'Done Succeeded Forced';
const undecided = 'Wait ModeUndecided';

describe('assess, mode Auto', () => {
  const silentStandby = stopped(10_000);
  const rows: readonly (readonly [string, Partial<Observed>, string])[] = [
    ['a primary whose standby streams', { ...up, databases: pair(healthy, streaming) }, planned],
    ['the same with the API dead', { ...down, databases: pair(healthy, streaming) }, undecided],
    [
      'the same with a probe red',
      { ...up, databases: pair(healthy, streaming), checks: { [`probe/${east}/edge`]: seen(isRed) } },
      undecided,
    ],
    ['the same with its region not asked', { databases: pair(healthy, streaming) }, undecided],
    ['a primary whose standby does not stream', { ...up, databases: pair(healthy, stopped(60_000)) }, undecided],
    ['a primary without a receiver', { ...up, databases: pair(healthy, seen(aPrimary())) }, undecided],
    ['a source that is a replica', { ...up, databases: pair(seen(aStandby()), streaming) }, undecided],
    ['all of it down', { ...down, databases: pair(lost(), silentStandby) }, forced],
    ['a source that answers and is not trusted', { ...down, databases: pair(untrusted, silentStandby) }, undecided],
    ['database down, its API alive', { ...up, databases: pair(lost(), silentStandby) }, undecided],
    ['database down, its region not asked', { databases: pair(lost(), silentStandby) }, undecided],
    ['silent for less than ten seconds', { ...down, databases: pair(lost(), stopped(9_999)) }, undecided],
    ['unreachable from here, and still streaming', { ...down, databases: pair(lost(), streaming) }, undecided],
    [
      'an idle one, whose standby has not asked yet',
      { ...down, databases: pair(lost(), stillStreaming(34_999)) },
      'Wait Observing',
    ],
    [
      'one that has not answered its standby either',
      { ...down, databases: pair(lost(), stillStreaming(35_000)) },
      forced,
    ],
    [
      'the same, with a standby that asks every 10 s',
      { ...down, databases: pair(lost(), stillStreaming(15_000, 20_000)) },
      forced,
    ],
    [
      'the same, with a standby that asks every second',
      { ...down, databases: pair(lost(), stillStreaming(9_999, 2_000)) },
      undecided,
    ],
    ['a standby that never asks', { ...down, databases: pair(lost(), stillStreaming(600_000, 0)) }, undecided],
    [
      'never watched',
      { ...down, databases: pair(lost(), seen(aStandby({ receiver: { streaming: false } }))) },
      undecided,
    ],
    [
      'a target that is a primary',
      { ...down, databases: pair(lost(), seen(aPrimary(), now, silent(60_000))) },
      undecided,
    ],
    ['a target that cannot be seen', { ...down, databases: pair(healthy, lost()) }, undecided],
    ['both not to be seen', { ...down, databases: pair(lost(), lost()) }, undecided],
    ['nothing seen at all', {}, undecided],
  ];
  for (const [name, observed, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(verdict(observed), wanted);
    });
  }

  for (const why of everyWhy) {
    const counts = why === 'Unreachable' || why === 'Timeout';
    it(`a source that is unknown for ${why} is ${counts ? 'down' : 'not down'}`, () => {
      assert.equal(verdict({ ...down, databases: pair(lost(why), silentStandby) }), counts ? forced : undecided);
    });

    it(`a region whose API is unknown for ${why} is ${counts ? 'down' : 'not down'}`, () => {
      const regions = { [east]: lost<typeof alive>(why) };
      assert.equal(verdict({ regions, databases: pair(lost(), silentStandby) }), counts ? forced : undecided);
    });
  }

  it('takes one look at a standing receiver, however long ago, for no evidence of silence', () => {
    const streaks = { receiver: { value: '0/5000@1', count: 1, since: ago(60_000) } };
    const once = seen(aStandby({ receiver: { streaming: false } }), ago(60_000), streaks);
    assert.equal(verdict({ ...down, databases: pair(lost(), once) }), undecided);
  });

  describe('with probes of the region', () => {
    const probes = (...facts: Observed['checks'][string][]): Partial<Observed> => ({
      ...up,
      databases: pair(lost(), silentStandby),
      checks: Object.fromEntries(facts.map((fact, index) => [`probe/${east}/${String(index)}`, fact])),
    });
    const probed: readonly (readonly [string, Partial<Observed>, string])[] = [
      ['one red', probes(seen(isGreen), seen(isRed)), forced],
      ['all green', probes(seen(isGreen), seen(isGreen)), undecided],
    ];
    for (const [name, observed, wanted] of probed) {
      it(`${name}: ${wanted}`, () => {
        assert.equal(verdict(observed), wanted);
      });
    }
    for (const why of everyWhy) {
      const wanted = why === 'Unreachable' || why === 'Timeout' ? forced : undecided;
      it(`one unknown for ${why}: ${wanted}`, () => {
        assert.equal(verdict(probes(seen(isGreen), lost(why))), wanted);
      });
    }
    it('of the other region say nothing', () => {
      const observed = { ...probes(), checks: { 'probe/us-west-2/edge': seen(isRed) } };
      assert.equal(verdict(observed), undecided);
    });
  });

  describe('with two databases', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    it(`both healthy: ${planned}`, () => {
      const databases = { ...pair(healthy, streaming), ...pair(healthy, streaming, 'ledger') };
      assert.equal(verdict({ ...up, databases }, { spec }), planned);
    });
    const rows: readonly (readonly [string, Database, Database, string])[] = [
      ['one down, one healthy', lost(), silentStandby, forced],
      ['one unclear, one healthy', lost('Forbidden'), silentStandby, undecided],
    ];
    for (const [name, source, target, wanted] of rows) {
      it(`${name}: ${wanted}`, () => {
        const databases = { ...pair(healthy, streaming), ...pair(source, target, 'ledger') };
        assert.equal(verdict({ ...down, databases }, { spec }), wanted);
      });
    }
    it('one down, one unclear: not decided', () => {
      const databases = { ...pair(lost(), silentStandby), ...pair(healthy, stopped(0), 'ledger') };
      assert.equal(verdict({ ...down, databases }, { spec }), undecided);
    });
  });

  describe('without databases', () => {
    const rows: readonly (readonly [string, Partial<Observed>, string])[] = [
      ['the API answers', up, planned],
      ['the API is dead', down, forced],
      ['a probe is red', { ...up, checks: { [`probe/${east}/edge`]: seen(isRed) } }, forced],
      ['a probe is not known', { ...up, checks: { [`probe/${east}/edge`]: lost('Forbidden') } }, undecided],
      ['nothing was asked', {}, undecided],
    ];
    for (const [name, observed, wanted] of rows) {
      it(`${name}: ${wanted}`, () => {
        assert.equal(verdict(observed, { spec: stateless() }), wanted);
      });
    }
  });
});

describe('assess, mode settled', () => {
  const dark: Partial<Observed> = {};
  it('by the plan', () => {
    assert.equal(verdict(dark, { spec: withFailover({ mode: 'Planned' }) }), planned);
    assert.equal(verdict(dark, { spec: withFailover({ mode: 'Forced' }) }), forced);
  });

  it('by the Run, over the plan and over what is seen', () => {
    assert.equal(verdict(dark, { run: { mode: 'Planned' }, spec: withFailover({ mode: 'Forced' }) }), planned);
    assert.equal(verdict({ ...up, databases: pair(healthy, streaming) }, { run: { mode: 'Forced' } }), forced);
  });

  it('after the first looks, or five seconds of them', () => {
    const asked = (ms: number, observed: Partial<Observed>): string =>
      inWords(
        judge('assess', {
          run: { mode: 'Forced' },
          observed,
          steps: { assess: { readyAt: ago(ms).wall } },
        }),
      );
    assert.equal(asked(0, dark), 'Wait Observing');
    assert.equal(asked(0, { ...down }), 'Wait Observing');
    assert.equal(asked(4_999, { databases: pair(lost(), streaming) }), 'Wait Observing');
    assert.equal(asked(0, { ...down, databases: pair(lost(), streaming) }), 'Done Succeeded');
    assert.equal(asked(5_000, dark), 'Done Succeeded');
  });

  it('still shows what was seen', () => {
    const judged = judge('assess', {
      run: { mode: 'Forced' },
      observed: { ...down, databases: pair(lost(), streaming) },
    });
    assert.match(messageOf(judged), /mode Forced: set on the Run/);
    assert.ok(judged.kind === 'Done' && judged.evidence.length === 5);
  });
});

describe('assess, undecided', () => {
  // It has moved only just now: nothing is waited for any more.
  const unclear = { ...down, databases: pair(lost<DatabaseState>('Timeout'), streaming) };
  const judged = judge('assess', { ...watched, observed: unclear });

  it('asks nobody before a silence could have been seen', () => {
    const early = judge('assess', { steps: { assess: { readyAt: ago(14_999).wall } }, observed: unclear });
    assert.equal(inWords(early), 'Wait Observing');
    assert.equal(early.kind === 'Wait' ? early.hold.next : '', undefined);
    assert.equal(inWords(judge('assess', { observed: unclear })), 'Wait Observing', 'not even ready');
    const idle = { ...down, databases: pair(lost<DatabaseState>('Timeout'), stillStreaming(34_999)) };
    const watching = (ms: number) =>
      inWords(judge('assess', { observed: idle, steps: { assess: { readyAt: ago(ms).wall } } }));
    assert.deepEqual(
      [watching(20_000), watching(39_999), watching(40_000)],
      ['Wait Observing', 'Wait Observing', undecided],
    );
    const never = { ...down, databases: pair(lost<DatabaseState>('Timeout'), stillStreaming(20_000, 0)) };
    assert.equal(inWords(judge('assess', { ...watched, observed: never })), undecided);
    const stateful = judge('assess', { spec: stateless() });
    assert.equal(inWords(stateful), undecided, 'without databases there is no receiver to watch');
  });

  it('says what to type', () => {
    assert.equal(
      judged.kind === 'Wait' ? judged.hold.next : '',
      `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"mode":"Forced"}}'`,
    );
  });

  it('shows what it saw, each with its age', () => {
    const evidence = judged.kind === 'Wait' ? judged.hold.evidence : [];
    assert.deepEqual(
      evidence.map((one) => one.what),
      [
        'API of us-east-1: Unreachable, the reason for Unreachable',
        'orders@us-east-1: Timeout, the reason for Timeout',
        'orders@us-west-2: Replica, receiver streaming',
        'receiver of orders@us-west-2 moved less than 35 s ago, or was watched for less',
      ],
    );
    assert.ok(evidence.every((one) => one.at === now.wall));
  });

  it('names every kind of unknown', () => {
    const words = (why: UnknownWhy) =>
      messageOf(judge('assess', { ...watched, observed: { ...down, databases: pair(lost(why), streaming) } }));
    for (const why of everyWhy) assert.match(words(why), /Cannot tell whether us-east-1 is healthy or down/);
  });
});
