import assert from 'node:assert/strict';
import type { Dns } from '../../src/ports/dns.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { cname, txt } from './route53-world.ts';
import { at, EAST, put, signal, valueOf, type TrafficBench } from './traffic-bench.ts';
import { EAST_REGION, NAME, refOf } from './traffic-world.ts';

const HERITAGE = 'heritage=external-dns,external-dns/owner=default';

/** Another tool that manages the name would flip it back. */
export function externalDns(bench: TrafficBench): void {
  const { restart, observe } = bench;
  describe('external-dns', () => {
    for (const name of [`a-${NAME}`, `aaaa-${NAME}`, `cname-${NAME}`]) {
      it(`at ${name} is a conflict`, async () => {
        await restart([EAST, txt(name, HERITAGE)]);
        const { ownership } = await observe();
        assert.ok(ownership.kind === 'Conflict');
        assert.match(ownership.detail, /external-dns .* exclude the name there/);
      });
    }

    it('claims no other name by a wildcard, which DNS answers under any', async () => {
      await restart([EAST, txt('*.example.com', HERITAGE)]);
      assert.equal((await observe()).ownership.kind, 'Unclaimed');
    });

    it('is asked after at one of the zone’s servers, and at the control plane of what it says, or of all where it does not', async () => {
      await restart([EAST, txt(`cname-${NAME}`, HERITAGE)]);
      const lists = (): number =>
        bench.world.audit.filter(({ operation }) => operation === 'ListResourceRecordSets').length;
      assert.equal((await observe()).ownership.kind, 'Conflict');
      assert.equal(lists(), 2);
      bench.world.nameServers[0]?.setState('servfail');
      const other = bench.world.observerWith({});
      assert.equal(valueOf(await other.observe(refOf(), signal())).ownership.kind, 'Conflict');
      assert.equal(lists(), 7);
    });

    it('is asked after only where a name can be, for a long record', async () => {
      const long = `${'x'.repeat(60)}.example.com`;
      await restart([cname(long, 'lb-use1.example.net')]);
      const asked: string[] = [];
      const dns: Dns = {
        query: async (query, call) => {
          asked.push(query.name);
          return await bench.world.dns.query(query, call);
        },
        resolve: (host, call) => bench.world.dns.resolve(host, call),
      };
      const fact = await bench.world.observerWith({ dns }).observe(refOf({ recordName: long }), signal());
      assert.deepEqual(valueOf(fact).points, at(EAST_REGION));
      assert.deepEqual(asked, [long, `a-${long}`]);
    });

    it('is asked after again after a minute, or when whoever asks thinks it too old', async () => {
      const time = createVirtualTime();
      const observer = bench.world.observerWith({ clock: time.machine() });
      const kind = async (claimMs?: number): Promise<string> => {
        const ref = claimMs === undefined ? refOf() : { ...refOf(), claimMs };
        return valueOf(await observer.observe(ref, signal())).ownership.kind;
      };
      assert.notEqual(await kind(), 'Conflict');
      put(bench.world, [], [txt(`a-${NAME}`, HERITAGE)]);
      bench.world.time.advance(1_000);
      await time.advance(60_000);
      assert.notEqual(await kind(60_001), 'Conflict');
      assert.equal(await kind(), 'Conflict');
    });
  });
}
