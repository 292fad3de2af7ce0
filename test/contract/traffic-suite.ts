import assert from 'node:assert/strict';
import type { TrafficRef } from '../../src/drivers/traffic/driver.ts';
import type { FaultKind, RecordSet } from '../../src/sandbox/models/route53/index.ts';
import { a, cname, txt, weighted, ZONE } from './route53-world.ts';
import { movedByHand } from './traffic-by-hand.ts';
import { serverAnswers } from './traffic-servers.ts';
import { externalDns } from './traffic-external-dns.ts';
import { headings } from './traffic-heading.ts';
import { at, EAST, mine, put, refuses, signal, trafficBench, WEST } from './traffic-bench.ts';
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
