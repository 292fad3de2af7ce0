import assert from 'node:assert/strict';
import { PortError } from '../../src/ports/port-error.ts';
import type { Dns } from '../../src/ports/dns.ts';
import type { Fact } from '../../src/api/fact.ts';
import type { TrafficAnswers, TrafficRef } from '../../src/drivers/traffic/driver.ts';
import type { FaultKind, RecordSet } from '../../src/sandbox/models/route53/index.ts';
import { a, cname, INSYNC_MS, NEAR, txt, weighted, ZONE } from './route53-world.ts';
import { movedByHand } from './traffic-by-hand.ts';
import { externalDns } from './traffic-external-dns.ts';
import { headings } from './traffic-heading.ts';
import { at, EAST, mine, put, refuses, signal, trafficBench, valueOf, WEST } from './traffic-bench.ts';
import type { TrafficBench } from './traffic-bench.ts';
import { EAST_REGION, NAME, owner, ownerText, refOf, tokenOf, WEST_REGION } from './traffic-world.ts';
import type { TrafficSubject } from './traffic-world.ts';

/** What the effect happened with, and the reply was lost. */
const AFTER: readonly FaultKind[] = [
  'lost-after',
  'cut-body',
  'cut-document',
  'empty-body',
  'html-503-after',
  'internal-after',
];
/** Nothing happened, and nobody said so. */
const BEFORE: readonly FaultKind[] = ['lost-before', 'html-503'];

/** The contract of a traffic driver, on Route 53: compare-and-swap, decided by reading again, seen at the servers. */
export function trafficSuite(subject: TrafficSubject): void {
  describe(`traffic by route53, over ${subject.name}`, () => {
    const bench = trafficBench(subject);
    verdictTable(bench);
    strangers(bench);
    sameness(bench);
    externalDns(bench);
    headings(bench);
    unknowns(bench);
    movedByHand(bench);
    serverAnswers(bench);
  });
}

function verdictTable(bench: TrafficBench): void {
  const { restart, observe, apply, toWest, writes, texts, target } = bench;
  describe('the verdict table', () => {
    it('mine, this epoch and run; target: applied, and nothing is sent again', async () => {
      await restart([WEST, owner(2, WEST_REGION)]);
      const { ownership, points, listed } = await observe();
      assert.deepEqual([ownership, points], [mine(2, WEST_REGION), at(WEST_REGION)]);
      assert.equal((await apply({ kind: 'Shift', to: WEST_REGION, listed }, tokenOf(2))).kind, 'Accepted');
      assert.equal(writes(), 0);
    });

    it('mine, this epoch; other: drifted, stop', async () => {
      await restart([EAST, owner(2, WEST_REGION)]);
      const { ownership, points, listed } = await observe();
      assert.deepEqual([ownership, points], [mine(2, WEST_REGION), at(EAST_REGION)]);
      refuses(
        await apply({ kind: 'Shift', to: WEST_REGION, listed }, tokenOf(2)),
        'RecordDrifted',
        /moved to us-east-1 after/,
      );
      assert.equal(writes(), 0);
    });

    for (const [where, record] of [
      ['source', EAST],
      ['target', WEST],
    ] as const) {
      it(`a higher epoch; ${where}: stale, never a write`, async () => {
        await restart([record, owner(9, EAST_REGION)]);
        const { ownership, listed } = await observe();
        assert.deepEqual(ownership, mine(9, EAST_REGION));
        for (const kind of ['Shift', 'Claim'] as const) {
          refuses(
            await apply({ kind, to: WEST_REGION, listed }, tokenOf(2)),
            'StaleEpoch',
            /epoch 9, above this run's 2/,
          );
        }
        assert.equal(writes(), 0);
      });
    }

    it('this epoch of another run: as stale as a higher one', async () => {
      await restart([EAST, owner(2, WEST_REGION, 'the-other')]);
      refuses(await apply(await toWest(), tokenOf(2)), 'StaleEpoch', /of another run, the-other/);
      assert.equal(writes(), 0);
    });

    for (const [what, records] of [
      ['old', [EAST, owner(1, EAST_REGION)]],
      ['absent', [EAST]],
    ] as const) {
      it(`${what}; source: shifted in one batch, all DELETEs first, no UPSERT`, async () => {
        await restart(records);
        assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
        const [batch, ...others] = bench.world.audit.filter((e) => e.operation === 'ChangeResourceRecordSets');
        assert.equal(others.length, 0);
        const deletes = what === 'old' ? ['DELETE CNAME', 'DELETE TXT'] : ['DELETE CNAME'];
        assert.deepEqual(
          batch?.changes?.map(({ Action, ResourceRecordSet: { Type } }) => `${Action} ${Type}`),
          [...deletes, 'CREATE CNAME', 'CREATE TXT'],
        );
        const { ownership, points, liveTtl } = await observe();
        assert.deepEqual([ownership, points, liveTtl], [mine(2, WEST_REGION), at(WEST_REGION), 30]);
        assert.deepEqual(texts(), [`"${ownerText(2, WEST_REGION)}"`]);
      });

      it(`${what}; target: moved by someone, only the TXT is claimed`, async () => {
        const moved = cname(NAME, 'LB-USW2.Example.NET.', 299);
        await restart([moved, ...records.slice(1)]);
        const { points, listed } = await observe();
        assert.deepEqual(points, at(WEST_REGION));
        assert.equal((await apply({ kind: 'Claim', to: WEST_REGION, listed }, tokenOf(2))).kind, 'Accepted');
        const after = await observe();
        assert.deepEqual([after.ownership, after.points, after.liveTtl], [mine(2, WEST_REGION), at(WEST_REGION), 299]);
      });
    }

    for (const shape of ['typed', 'messages'] as const) {
      it(`old; source; 4xx as ${shape}: refused with the service's words, nothing moved`, async () => {
        await restart([EAST, owner(1, EAST_REGION)], { batchErrorShape: shape });
        const action = await toWest();
        put(bench.world, [owner(1, EAST_REGION)], [owner(3, EAST_REGION)]);
        const result = await apply(action, tokenOf(2));
        refuses(result, 'InvalidChangeBatch', /_maestro-dr\.checkout\.example\.com/);
        assert.deepEqual([target(), texts()], [['lb-use1.example.net'], [`"${ownerText(3, EAST_REGION)}"`]]);
      });
    }

    it('old; source; no right: refused, quoted', async () => {
      const action = await toWest();
      bench.world.model.faults.add({ kind: 'denied', operation: 'ChangeResourceRecordSets' });
      refuses(
        await apply(action, tokenOf(2)),
        'AccessDenied',
        /not authorized to perform: route53:ChangeResourceRecordSets/,
      );
    });

    for (const kind of [...BEFORE, ...AFTER]) {
      it(`old; source; ambiguous (${kind}): unknown, read again, the identical batch again is safe`, async () => {
        const action = await toWest();
        bench.world.model.faults.add({ kind, operation: 'ChangeResourceRecordSets' });
        assert.equal((await apply(action, tokenOf(2))).kind, 'OutcomeUnknown');
        const happened = AFTER.includes(kind);
        assert.deepEqual((await observe()).points, at(happened ? WEST_REGION : EAST_REGION));
        const again = await apply(action, tokenOf(2));
        if (happened) refuses(again, 'InvalidChangeBatch', /do not match|not found/);
        else assert.equal(again.kind, 'Accepted');
        const { ownership, points } = await observe();
        assert.deepEqual([ownership, points], [mine(2, WEST_REGION), at(WEST_REGION)]);
      });
    }

    for (const kind of ['throttled', 'prior-request'] as const) {
      it(`old; source; ${kind}: refused, to be asked again`, async () => {
        const action = await toWest();
        bench.world.model.faults.add({ kind, operation: 'ChangeResourceRecordSets' });
        refuses(await apply(action, tokenOf(2)), kind === 'throttled' ? 'Throttling' : 'PriorRequestNotComplete', /./);
        assert.equal((await apply(action, tokenOf(2))).kind, 'Accepted');
      });
    }

    it('a request that is delivered long after everybody moved on changes nothing', async () => {
      const action = await toWest();
      bench.world.model.faults.add({ kind: 'late', operation: 'ChangeResourceRecordSets', delayMs: 60_000 });
      assert.equal((await apply(action, tokenOf(2))).kind, 'OutcomeUnknown');
      assert.equal((await apply(action, tokenOf(2))).kind, 'Accepted');
      const back = { kind: 'Shift', to: EAST_REGION, listed: (await observe()).listed } as const;
      assert.equal((await apply(back, tokenOf(3))).kind, 'Accepted');
      bench.world.time.advance(60_000);
      assert.equal(bench.world.audit.at(-1)?.delivery, 'late');
      assert.equal(bench.world.audit.at(-1)?.verdict, 'refused');
      const { ownership, points } = await observe();
      assert.deepEqual([ownership, points], [mine(3, EAST_REGION), at(EAST_REGION)]);
    });

    it('another identity; any: foreign', async () => {
      for (const record of [EAST, WEST]) {
        await restart([record, owner(1, EAST_REGION, 'run-1', 'other/plan')]);
        const { ownership, listed } = await observe();
        assert.equal(ownership.kind, 'Foreign');
        for (const kind of ['Shift', 'Claim'] as const) {
          refuses(
            await apply({ kind, to: WEST_REGION, listed }, tokenOf(2)),
            'ForeignOwner',
            /identity with the hash [0-9a-f]{16}/,
          );
        }
      }
      assert.equal(writes(), 0);
    });
  });
}

function strangers(bench: TrafficBench): void {
  const { restart, observe, apply, toWest, target } = bench;
  describe('writers that do not know of each other', () => {
    it('a stale writer with the old epoch loses', async () => {
      const stale = await toWest();
      const back = { kind: 'Shift', to: WEST_REGION, listed: stale.listed } as const;
      assert.equal((await apply(back, tokenOf(5))).kind, 'Accepted');
      const home = { kind: 'Shift', to: EAST_REGION, listed: (await observe()).listed } as const;
      assert.equal((await apply(home, tokenOf(6))).kind, 'Accepted');
      // The record is what the stale writer saw; the TXT alone gives it away.
      assert.deepEqual((await observe()).points, at(EAST_REGION));
      refuses(await apply(stale, tokenOf(2)), 'InvalidChangeBatch', /./);
      assert.deepEqual((await observe()).ownership, mine(6, EAST_REGION));
    });

    it('of four racers one wins', async () => {
      for (const records of [[EAST, owner(1, EAST_REGION)], [EAST]]) {
        await restart(records);
        const action = await toWest();
        const results = await Promise.all([2, 3, 4, 5].map(async (epoch) => apply(action, tokenOf(epoch))));
        assert.deepEqual(results.map(({ kind }) => kind).sort(), ['Accepted', 'Refused', 'Refused', 'Refused']);
        const winner = results.findIndex(({ kind }) => kind === 'Accepted') + 2;
        const { ownership, points } = await observe();
        assert.deepEqual([ownership, points], [mine(winner, WEST_REGION), at(WEST_REGION)]);
      }
    });

    it('a person who edits the record between look and write is not written over', async () => {
      const action = await toWest();
      put(bench.world, [EAST], [cname(NAME, 'maintenance.example.net')]);
      refuses(await apply(action, tokenOf(2)), 'InvalidChangeBatch', /./);
      const { points, listed } = await observe();
      assert.equal(points.kind, 'Drifted');
      refuses(await apply({ kind: 'Shift', to: WEST_REGION, listed }, tokenOf(2)), 'RecordDrifted', /neither region's/);
      assert.deepEqual(target(), ['maintenance.example.net']);
    });
  });
}

function sameness(bench: TrafficBench): void {
  const { restart, observe, apply, toWest, held } = bench;
  describe('what it takes for the same', () => {
    it('order, case, trailing dots and notation of values do not matter, and go back as they are listed', async () => {
      const cases = [
        { record: cname(NAME, 'LB-USE1.Example.net.', 300), plan: {} },
        {
          record: { ...a(NAME, '192.0.2.2', '192.0.2.1'), TTL: 17 },
          plan: { type: 'A', values: { [EAST_REGION]: ['192.0.2.1', '192.0.2.2'], [WEST_REGION]: ['192.0.2.9'] } },
        },
        {
          record: { Name: NAME, Type: 'AAAA', TTL: 30, ResourceRecords: [{ Value: '2001:DB8:0:0::1' }] },
          plan: { type: 'AAAA', values: { [EAST_REGION]: ['2001:db8::1'], [WEST_REGION]: ['2001:db8::2'] } },
        },
      ] as const;
      for (const { record, plan } of cases) {
        await restart([record, owner(1, EAST_REGION)]);
        const ref = refOf(plan);
        const { points, liveTtl } = await observe(ref);
        assert.deepEqual([points, liveTtl], [at(EAST_REGION), record.TTL]);
        assert.equal((await apply(await toWest(ref), tokenOf(2), ref)).kind, 'Accepted');
        assert.deepEqual((await observe(ref)).points, at(WEST_REGION));
      }
    });

    it('a wildcard and the apex are owned beside themselves', async () => {
      const cases = [
        ['*.example.com', '_maestro-dr._wildcard.example.com'],
        ['example.com', '_maestro-dr.example.com'],
      ] as const;
      for (const [recordName, ownerName] of cases) {
        await restart([a(recordName, '192.0.2.1')]);
        const values = { [EAST_REGION]: ['192.0.2.1'], [WEST_REGION]: ['192.0.2.2'] };
        const ref = refOf({ recordName, type: 'A', values });
        assert.deepEqual((await observe(ref)).ownership, { kind: 'Unclaimed' });
        assert.equal((await apply(await toWest(ref), tokenOf(2), ref)).kind, 'Accepted');
        const { ownership, points } = await observe(ref);
        assert.deepEqual([ownership, points], [mine(2, WEST_REGION), at(WEST_REGION)]);
        assert.equal(held(ownerName).length, 1);
      }
    });

    it('a record with a routing policy, an alias or another type beside it is drifted, and says how', async () => {
      const alias = { HostedZoneId: ZONE, DNSName: 'lb.example.com.', EvaluateTargetHealth: false };
      const cases: readonly (readonly [readonly RecordSet[], RegExp])[] = [
        [
          [weighted(NAME, 'e', 100, 'lb-use1.example.net'), weighted(NAME, 'w', 0, 'lb-usw2.example.net')],
          /2 CNAME sets with a routing policy/,
        ],
        [[weighted(NAME, 'e', 100, 'lb-use1.example.net')], /not a simple one: it has .*SetIdentifier/],
        [[a(NAME, '192.0.2.1')], /has a record of type A, the plan says CNAME/],
        [
          [a('lb.example.com', '192.0.2.1'), { Name: 'x.example.com', Type: 'A', AliasTarget: alias }],
          /not a simple one: it has AliasTarget/,
        ],
      ];
      for (const [records, expected] of cases) {
        await restart(records);
        const isAlias = records.some((set) => set.AliasTarget !== undefined);
        const { points } = await observe(isAlias ? refOf({ recordName: 'x.example.com', type: 'A' }) : refOf());
        assert.ok(points.kind === 'Drifted', points.kind);
        assert.match(points.detail, expected);
      }
    });

    it('absent is a known answer, and nothing is created from it', async () => {
      await restart([]);
      const { ownership, points, listed } = await observe();
      assert.deepEqual([ownership, points], [{ kind: 'Unclaimed' }, { kind: 'Absent' }]);
      refuses(await apply({ kind: 'Shift', to: WEST_REGION, listed }, tokenOf(2)), 'RecordDrifted', /neither/);
    });

    it('many names below the record do not hide its owner', async () => {
      const many = Array.from({ length: 120 }, (_, n) => a(`${String(n)}.${NAME}`, '192.0.2.1'));
      await restart([EAST, owner(1, EAST_REGION), ...many]);
      assert.deepEqual((await observe()).ownership, mine(1, EAST_REGION));
    });

    it('an ownership record that cannot be read stops everything', async () => {
      for (const text of ['heritage=maestro-dr,v=2,id=x', 'hello']) {
        await restart([EAST, txt(`_maestro-dr.${NAME}`, text)]);
        const { ownership } = await observe();
        assert.equal(ownership.kind, 'Conflict');
        refuses(await apply(await toWest(), tokenOf(2)), 'ForeignOwner', /cannot be read/);
      }
    });
  });
}

function unknowns(bench: TrafficBench): void {
  const { observe, answers } = bench;
  describe('the control plane that cannot say', () => {
    const why = async (): Promise<string> => {
      const fact = await bench.world.observer.observe(refOf(), signal());
      assert.ok(!fact.known, 'it is known');
      return fact.why;
    };

    it('unavailable or cut off is Unreachable', async () => {
      for (const outage of ['unavailable', 'dropped'] as const) {
        bench.world.model.faults.setOutage(outage);
        assert.equal(await why(), 'Unreachable');
      }
    });

    it('denied is Forbidden, throttled is Throttled, a cut list Unreachable, another zone Malformed', async () => {
      const cases = [
        ['denied', 'Forbidden'],
        ['throttled', 'Throttled'],
        ['cut-document', 'Unreachable'],
      ] as const;
      for (const [kind, expected] of cases) {
        bench.world.model.faults.add({ kind, operation: 'ListResourceRecordSets', times: 10 });
        assert.equal(await why(), expected);
        bench.world.model.faults.clear();
      }
      const fact = await bench.world.observer.observe(refOf({ hostedZoneId: 'ZNONE' }), signal());
      assert.deepEqual([fact.known, fact.known ? '' : fact.why], [false, 'Malformed']);
    });

    it('the servers answer meanwhile, ownership included', async () => {
      bench.world.model.faults.setOutage('unavailable');
      const { servers, inSync } = await answers();
      assert.equal(inSync, undefined);
      assert.deepEqual(
        servers.map(({ answers: said, ownership }) => [said, ownership]),
        [1, 2].map(() => [at(EAST_REGION), mine(1, EAST_REGION)]),
      );
    });

    it('what was listed last is kept beside it, by plan and record', async () => {
      const listed = await observe();
      bench.world.model.faults.setOutage('unavailable');
      const last = async (ref: TrafficRef): Promise<unknown> => {
        const fact = await bench.world.observer.observe(ref, signal());
        assert.ok(!fact.known, 'it is known');
        return fact.last?.value;
      };
      assert.deepEqual(await last(refOf()), listed);
      assert.equal(await last(refOf({}, 'billing/checkout')), undefined, 'whose it is was read for another plan');
      assert.equal(await last(refOf({ recordName: 'other.example.com' })), undefined);
    });
  });
}

function serverAnswers(bench: TrafficBench): void {
  const { restart, observe, answers, apply, toWest } = bench;
  describe('what the authoritative servers answer', () => {
    const said = async (ref: TrafficRef = refOf()): Promise<readonly unknown[]> =>
      (await answers(ref)).servers.map(({ answers: one }) => (one.kind === 'Region' ? one.region : one.kind));

    it('none in a private zone, whose change is in sync when the control plane says so', async () => {
      const nameServers = [{ name: NEAR, delayMs: 1000 }];
      await restart([EAST], {
        zones: [{ id: ZONE, name: 'example.com', nameServers, records: [EAST], private: true }],
      });
      const seen = async (): Promise<TrafficAnswers> => {
        const { nameServers: told } = await observe();
        const fact = await bench.world.observer.answers(refOf(), told, signal());
        assert.ok(fact.known, JSON.stringify(fact));
        return fact.value;
      };
      assert.deepEqual(await seen(), { servers: [] });
      assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
      assert.deepEqual(await seen(), { servers: [], inSync: false });
      bench.world.time.advance(INSYNC_MS);
      await eventually(async () => (await seen()).inSync === true);
    });

    it('each in its own time; in sync only when the control plane says so', async () => {
      assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
      assert.deepEqual(await said(), [EAST_REGION, EAST_REGION]);
      assert.equal((await answers()).inSync, false);
      bench.world.time.advance(1000);
      assert.deepEqual(await said(), [WEST_REGION, EAST_REGION]);
      const { servers } = await answers();
      assert.deepEqual(
        servers.map(({ ownership }) => ownership),
        [mine(2, WEST_REGION), mine(1, EAST_REGION)],
      );
      bench.world.time.advance(INSYNC_MS);
      assert.deepEqual(await said(), [WEST_REGION, WEST_REGION]);
      await eventually(async () => (await answers()).inSync === true);
    });

    it('in sync is asked for at once when the last server answers, however lately it was', async () => {
      assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
      assert.equal((await answers()).inSync, false);
      const asked = (): number => bench.world.audit.filter(({ operation }) => operation === 'GetChange').length;
      assert.equal(asked(), 0, 'while a server still answers otherwise it is not everywhere');
      bench.world.time.advance(INSYNC_MS);
      const { servers, inSync } = await answers();
      assert.equal(asked(), 1);
      assert.deepEqual(
        servers.map(({ answers: one }) => one),
        [WEST_REGION, WEST_REGION].map((region) => ({ kind: 'Region', region })),
      );
      assert.equal(inSync, true);
    });

    it('neither region is Other; no such name is Other; an error or a foreign zone is Silent', async () => {
      await restart([cname(NAME, 'maintenance.example.net')]);
      assert.deepEqual(await said(), ['Other', 'Other']);
      assert.deepEqual(await said(refOf({ recordName: 'none.example.com' })), ['Other', 'Other']);
      assert.deepEqual(await said(refOf({ recordName: 'checkout.example.org' })), ['Silent', 'Silent']);
      bench.world.nameServers[0]?.setState('servfail');
      const [first] = (await answers()).servers;
      assert.deepEqual(first?.answers, { kind: 'Silent', detail: 'it answered SERVFAIL' });
    });

    it('no TXT there is Unclaimed, another plan there is Foreign', async () => {
      await restart([EAST]);
      assert.deepEqual((await answers()).servers[0]?.ownership, { kind: 'Unclaimed' });
      await restart([EAST, owner(4, EAST_REGION)]);
      assert.equal((await answers(refOf({}, 'other/plan'))).servers[0]?.ownership?.kind, 'Foreign');
    });

    it('an answer that is not authoritative is no answer', async () => {
      const dns: Dns = {
        query: async (query, call) => ({ ...(await bench.world.dns.query(query, call)), authoritative: false }),
        resolve: (host, call) => bench.world.dns.resolve(host, call),
      };
      const { servers } = valueOf(await bench.world.observerWith({ dns }).answers(refOf(), [NEAR], signal()));
      assert.deepEqual(servers, [
        { name: NEAR, answers: { kind: 'Silent', detail: 'its answer is not authoritative' } },
      ]);
    });

    it('in sync is not known where it is refused, which is said with the right to grant, until it is granted', async () => {
      assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
      bench.world.model.faults.add({ kind: 'denied', operation: 'GetChange', times: 1 });
      bench.world.time.advance(INSYNC_MS);
      for (const look of ['asked', 'asked a moment ago']) {
        const { servers, inSync, unsaid = '' } = await answers();
        assert.equal(inSync, undefined, look);
        assert.match(
          unsaid,
          /^route53:GetChange is refused \(AccessDenied: .*arn:aws:route53:::change\/C0*1\); grant it/,
        );
        assert.deepEqual(
          servers.map(({ answers: one }) => one),
          [at(WEST_REGION), at(WEST_REGION)],
        );
      }
      await eventually(async () => (await answers()).inSync === true);
      assert.equal((await answers()).unsaid, undefined);
    });

    it('in sync is not known while the control plane does not answer, which is said too', async () => {
      assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
      bench.world.time.advance(INSYNC_MS);
      bench.world.model.faults.setOutage('unavailable');
      const { inSync, unsaid = '' } = await answers();
      assert.equal(inSync, undefined);
      assert.match(unsaid, /^route53:GetChange brought nothing \(Unreachable/);
    });

    it('an earlier change says nothing of one whose reply was lost', async () => {
      assert.equal((await apply(await toWest(), tokenOf(2))).kind, 'Accepted');
      bench.world.time.advance(INSYNC_MS);
      assert.equal((await answers()).inSync, true);
      const back = { kind: 'Shift', to: EAST_REGION, listed: (await observe()).listed } as const;
      bench.world.model.faults.add({ kind: 'lost-after', operation: 'ChangeResourceRecordSets' });
      assert.equal((await apply(back, tokenOf(3))).kind, 'OutcomeUnknown');
      assert.equal((await answers()).inSync, undefined);
    });

    it('servers that nobody knows yet are read from the zone, once; unknown where that cannot be', async () => {
      bench.world.model.faults.add({ kind: 'denied', operation: 'GetHostedZone' });
      const ask = (): Promise<Fact<TrafficAnswers>> => bench.world.observer.answers(refOf(), [], signal());
      assert.equal((await ask()).known, false);
      for (const fact of [await ask(), await ask()]) {
        assert.deepEqual(
          valueOf(fact).servers.map(({ answers: one }) => one),
          [at(EAST_REGION), at(EAST_REGION)],
        );
      }
      assert.equal(bench.world.audit.filter(({ operation }) => operation === 'GetHostedZone').length, 2);
    });

    it('a server whose name no longer resolves is asked where it was', async () => {
      let resolves = true;
      const place = bench.world.servers[NEAR];
      assert.ok(place);
      const dns: Dns = {
        query: (query, call) => bench.world.dns.query(query, call),
        resolve: async () => {
          if (resolves) return ['2001:db8::53', place.address];
          throw new PortError('Unreachable', 'no resolver');
        },
      };
      const observer = bench.world.observerWith({ dns, servers: {}, dnsPort: place.port });
      for (const state of [true, false]) {
        resolves = state;
        const { servers } = valueOf(await observer.answers(refOf(), [NEAR], signal()));
        assert.deepEqual(servers[0]?.answers, at(EAST_REGION));
      }
      resolves = false;
      const other = valueOf(await bench.world.observerWith({ dns, servers: {} }).answers(refOf(), [NEAR], signal()));
      assert.deepEqual(other.servers[0]?.answers, { kind: 'Silent', detail: 'no resolver' });
    });
  });
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
