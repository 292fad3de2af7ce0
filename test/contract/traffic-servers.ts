import assert from 'node:assert/strict';
import { PortError } from '../../src/ports/port-error.ts';
import type { Dns } from '../../src/ports/dns.ts';
import type { Fact } from '../../src/api/fact.ts';
import type { SubmittedChange, TrafficAnswers, TrafficRef } from '../../src/drivers/traffic/driver.ts';
import { createChanges } from '../../src/drivers/traffic/route53/changes.ts';
import { cname, INSYNC_MS, NEAR, ZONE } from './route53-world.ts';
import { at, EAST, mine, signal, valueOf } from './traffic-bench.ts';
import type { TrafficBench } from './traffic-bench.ts';
import { EAST_REGION, NAME, owner, refOf, tokenOf, WEST_REGION } from './traffic-world.ts';

/** What the zone's own servers say, and whether the control plane says that it is everywhere. */
export function serverAnswers(bench: TrafficBench): void {
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

    it('in sync is known to a successor that is told what the change is called', async () => {
      const result = await apply(await toWest(), tokenOf(2));
      assert.ok(result.kind === 'Accepted' && result.change !== undefined, JSON.stringify(result));
      const successor = bench.world.observerWith({ changes: createChanges() });
      const ask = async (change: SubmittedChange | undefined): Promise<boolean | undefined> => {
        const ref = { ...refOf(), ...(change === undefined ? {} : { change }) };
        return valueOf(await successor.answers(ref, [NEAR], signal())).inSync;
      };
      const change = { id: result.change, to: WEST_REGION };
      assert.equal(await ask(undefined), undefined);
      assert.equal(await ask(change), false);
      bench.world.time.advance(INSYNC_MS);
      await eventually(async () => (await ask(change)) === true);
      assert.equal(await ask({ id: '/change/CNONE', to: WEST_REGION }), undefined, 'of another one nothing is said');
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
