import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import {
  ago,
  aPrimary,
  aStandby,
  conflict,
  everyWhy,
  fenced,
  foreign,
  inEast,
  inWest,
  listed,
  lost,
  mine,
  now,
  seen,
  unclaimed,
} from '../support/facts.ts';
import { aRecord, aSpec, east, west, withFailover } from '../support/plans.ts';
import { anApproval, evidenceOf, inWords, judge, messageOf, outcome, type Case } from '../support/runs.ts';

const ok = 'Done Succeeded';
const notReady = 'Wait TargetNotReady';

describe('preflight of a database', () => {
  const said = (databases: Observed['databases'], more: Case = {}) =>
    judge('preflight/orders', { observed: { databases }, ...more });
  const target = (over: Parameters<typeof aStandby>[0]) => ({ [inWest('orders')]: seen(aStandby(over)) });

  const rows: readonly (readonly [string, Observed['databases'], string, RegExp])[] = [
    ['a standby', target({}), ok, /orders@us-west-2: Replica, timeline 1, replayed 0\/5000/],
    ['a standby of what the source has', { ...target({}), [inEast('orders')]: seen(aPrimary()) }, ok, /Replica/],
    ['a standby of a dead source', { ...target({}), [inEast('orders')]: lost() }, ok, /Replica/],
    [
      'a copy of something else',
      { ...target({}), [inEast('orders')]: seen(aPrimary({ systemIdentifier: '7002' })) },
      notReady,
      /not a copy of the one in us-east-1: their system identifiers differ/,
    ],
    ['a primary', { [inWest('orders')]: seen(aPrimary()) }, notReady, /not a replica: two writers may exist/],
    [
      'a primary of the run before',
      { [inWest('orders')]: seen(aPrimary({ highestEpoch: 6 })) },
      notReady,
      /not a replica/,
    ],
    ['an old primary that an earlier run fenced', { [inWest('orders')]: seen(fenced(6)) }, notReady, /not a replica/],
    ['a primary that this run has made', { [inWest('orders')]: seen(fenced(7)) }, ok, /Primary/],
    [
      'missing rights',
      target({ missingRights: ['GRANT a', 'GRANT b'] }),
      notReady,
      /lacks rights .*: run GRANT a; GRANT b\./,
    ],
    ['a paused replay', target({ replayObstacles: ['replay is paused'] }), notReady, /cannot replay: replay is paused/],
    ['nothing asked', {}, notReady, /cannot be seen/],
  ];
  it('says, and waits for nothing, that commits would wait there for a synchronous standby', () => {
    const judged = said(target({ commitObstacles: ['commits of shop wait'] }));
    assert.equal(inWords(judged), ok);
    assert.deepEqual(
      evidenceOf(judged).map(({ what }) => what),
      ['orders@us-west-2: Replica, timeline 1, replayed 0/5000', 'once promoted, commits of shop wait'],
    );
  });

  for (const [name, databases, wanted, words] of rows) {
    it(`finds ${name}: ${wanted}`, () => {
      const judged = said(databases);
      assert.equal(inWords(judged), wanted);
      assert.match(messageOf(judged), words);
      assert.equal(evidenceOf(judged).length, 1);
    });
  }

  for (const why of everyWhy) {
    it(`waits while the target is unknown for ${why}`, () => {
      const judged = said({ [inWest('orders')]: lost(why, ago(3_000)) });
      assert.equal(inWords(judged), notReady);
      assert.deepEqual(evidenceOf(judged), [
        { what: `orders@us-west-2: ${why}, the reason for ${why}`, at: ago(3_000).wall },
      ]);
    });
  }
});

describe('preflight of a database whose source has writers that nobody listed', () => {
  const obstacles = [
    { kind: 'UnlistedWriter', name: 'batch' } as const,
    { kind: 'Scheduler', name: 'pg_cron' } as const,
  ];
  const said = (source: Observed['databases'][string], more: Case) =>
    judge('preflight/orders', {
      ...more,
      observed: { databases: { [inWest('orders')]: seen(aStandby()), [inEast('orders')]: source } },
    });
  const open = seen(aPrimary({ fenceObstacles: obstacles }));
  const held = 'Wait FenceObstructed';
  const rows: readonly (readonly [string, Observed['databases'][string], Case, string])[] = [
    ['planned', open, { mode: 'Planned' }, held],
    ['planned, whatever the fencing', open, { mode: 'Planned', spec: withFailover({ fencing: 'None' }) }, held],
    ['forced, Verified', open, { mode: 'Forced' }, held],
    ['forced, BestEffort', open, { mode: 'Forced', spec: withFailover({ fencing: 'BestEffort' }) }, ok],
    ['forced, None', open, { mode: 'Forced', spec: withFailover({ fencing: 'None' }) }, ok],
    ['a source that is no primary', seen(aStandby({ fenceObstacles: obstacles })), { mode: 'Planned' }, ok],
    ['a source that is dark', lost(), { mode: 'Planned' }, ok],
    ['none of them', seen(aPrimary()), { mode: 'Planned' }, ok],
  ];
  for (const [name, source, more, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(inWords(said(source, more)), wanted);
    });
  }
  it('names them, before the clients are put out', () => {
    assert.match(
      messageOf(said(open, { mode: 'Planned' })),
      /^The fence of orders in us-east-1 could not be proven: UnlistedWriter batch, Scheduler pg_cron\./,
    );
  });
});

describe('preflight of a record', () => {
  const said = (records: Observed['records'], more: Case = {}) =>
    judge('preflight/public', { observed: { records }, ...more });
  const drifted = listed(east, undefined, { points: { kind: 'Drifted', detail: 'lb-other' } });
  const gone = listed(east, undefined, { points: { kind: 'Absent' } });

  const rows: readonly (readonly [string, Observed['records'][string], string])[] = [
    ['unclaimed, at the source', seen(listed(east)), ok],
    ['unclaimed, already at the target', seen(listed(west)), ok],
    ['ours of an older epoch', seen(listed(east, mine(6, east))), ok],
    ['ours of this epoch', seen(listed(west, mine(7, west))), ok],
    ['ours of a newer epoch', seen(listed(east, mine(8, east))), 'Wait StaleEpoch'],
    ['another plan`s', seen(listed(east, foreign)), 'Wait ForeignOwner'],
    ['another tool`s', seen(listed(east, conflict)), 'Wait ForeignOwner'],
    ['of neither region', seen(drifted), 'Wait RecordDrifted'],
    ['absent', seen(gone), 'Wait RecordDrifted'],
  ];
  for (const mode of ['Planned', 'Forced'] as const) {
    for (const [name, record, wanted] of rows) {
      it(`that is ${name}, ${mode}: ${wanted}`, () => {
        assert.equal(inWords(said({ public: record }, { mode })), wanted);
      });
    }
    for (const why of everyWhy) {
      // Nobody asked, as after a start: no outage was seen.
      const out = why === 'NotAsked' ? 'Wait Observing' : 'Wait TrafficUnavailable';
      const early = mode === 'Planned' ? out : 'Wait Observing';
      const late = mode === 'Planned' ? out : 'Done Overridden';
      const ready = (ms: number): Case => ({ mode, steps: { 'preflight/public': { readyAt: ago(ms).wall } } });
      it(`that is unknown for ${why}, ${mode}: ${early}, and after five seconds ${late}`, () => {
        assert.equal(inWords(said({ public: lost(why, ago(1)) }, ready(4_999))), early);
        assert.equal(inWords(said({ public: lost(why, ago(1)) }, ready(5_000))), late);
      });
    }
  }

  it('is not overridden before it was ever looked at', () => {
    assert.equal(inWords(said({}, { steps: { 'preflight/public': { readyAt: ago(60_000).wall } } })), 'Wait Observing');
    assert.equal(inWords(said({ public: lost('Unreachable', ago(1)) })), 'Wait Observing');
  });

  it('remembers the servers, which will be asked when the control plane is out', () => {
    const [evidence] = evidenceOf(said({ public: seen(listed(east)) }));
    assert.deepEqual(evidence?.value, { nameServers: ['ns1', 'ns2'], ttl: 20 });
  });

  it('warns of caches that will keep the old answer for longer than the plan says, and goes on', () => {
    const warned = (liveTtl: number, ttl = 30) => {
      const spec = aSpec({ traffic: [aRecord('public', { ttl })] });
      const judged = said({ public: seen(listed(east, unclaimed, { liveTtl })) }, { spec });
      assert.equal(inWords(judged), ok);
      return evidenceOf(judged)[1]?.what;
    };
    assert.equal(warned(30), undefined);
    assert.match(
      warned(31) ?? '',
      /^record public\.example\.com lives with a TTL of 31 s, above the plan's 30 s: .*; lower it now$/,
    );
    assert.equal(warned(60, 60), undefined);
    assert.match(warned(61, 300) ?? '', /lives with a TTL of 61 s: clients may keep the old answer for that long/);
  });
});

describe('position samples', () => {
  it('are counted for each database', () => {
    const samples = [{ database: 'orders', region: east, at: now.wall, lsn: '0/1' }];
    assert.equal(messageOf(judge('positions', { status: { samples } })), 'position samples recorded: orders 1');
    assert.equal(messageOf(judge('positions')), 'position samples recorded: orders 0');
    const spec = aSpec({ databases: [], workloads: [] });
    assert.equal(messageOf(judge('positions', { spec })), 'position samples recorded: no database');
  });
});

describe('approval step', () => {
  it('tells a run that nobody had to approve from one that somebody did', () => {
    assert.equal(inWords(judge('approve')), 'Done Vacuous');
    assert.equal(messageOf(judge('approve')), 'no approval needed under approval: Forced');
    const approvals = [anApproval('ApprovalRequired'), { ...anApproval('ApprovalRequired'), evidenceHash: 'x' }];
    const waitsFor = { reason: 'ApprovalRequired', message: '', evidence: [] };
    const judged = judge('approve', { run: { approvals }, steps: { approve: { waitsFor } } });
    assert.equal(inWords(judged), ok);
    assert.equal(messageOf(judged), 'ApprovalRequired by ana (claimed, unverified): go');
    assert.equal(outcome('Succeeded').state, 'Done');
  });
});
