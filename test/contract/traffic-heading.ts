import assert from 'node:assert/strict';
import type { Fact } from '../../src/api/fact.ts';
import type { TrafficHeading, TrafficObserver } from '../../src/drivers/traffic/driver.ts';
import type { RecordSet } from '../../src/sandbox/models/route53/index.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { a, cname, weighted } from './route53-world.ts';
import { at, EAST, put, signal, valueOf, WEST, type TrafficBench } from './traffic-bench.ts';
import { EAST_REGION, NAME, owner, refOf, WEST_REGION } from './traffic-world.ts';

const nameOf = (index: number): string => `n${String(index).padStart(3, '0')}.example.com`;

/** Where the records of plans at rest lead: cheap for many, and never from before what the caller has seen. */
export function headings(bench: TrafficBench): void {
  const { restart } = bench;
  const look = async (
    record: Parameters<typeof refOf>[0] = {},
    since = 0,
    observer: TrafficObserver = bench.world.observer,
  ): Promise<Fact<TrafficHeading>> => await observer.heading(refOf(record), since, signal());
  const lists = (): number =>
    bench.world.audit.filter(({ operation }) => operation === 'ListResourceRecordSets').length;

  describe('where a record leads', () => {
    it('is a region, neither, or nowhere, with the TTL it lives with', async () => {
      assert.deepEqual(valueOf(await look()), { points: at(EAST_REGION), liveTtl: 30 });
      await restart([cname(NAME, 'LB-USW2.Example.NET.', 299), owner(1, EAST_REGION)]);
      assert.deepEqual(valueOf(await look()), { points: at(WEST_REGION), liveTtl: 299 });
      await restart([weighted(NAME, 'blue', 1, 'lb-use1.example.net')]);
      assert.equal(valueOf(await look()).points.kind, 'Drifted');
      await restart([a(`other.${NAME}`, '192.0.2.1')]);
      assert.deepEqual(valueOf(await look()), { points: { kind: 'Absent' } });
    });

    it('is listed once for all names of a page, however many ask at once', async () => {
      const names = Array.from({ length: 250 }, (_, index) => nameOf(index));
      await restart(names.map((name) => cname(name, 'lb-use1.example.net')));
      const facts = await Promise.all(names.map((recordName) => look({ recordName })));
      for (const fact of facts) assert.deepEqual(valueOf(fact).points, at(EAST_REGION));
      assert.equal(lists(), 1);
    });

    it('is listed again where a page ends within its name', async () => {
      const first = Array.from({ length: 299 }, (_, index) => a(nameOf(index), '192.0.2.9'));
      const last = 'zz.example.com';
      const both: readonly RecordSet[] = [a(last, '192.0.2.9'), { ...a(last, '2001:db8::1'), Type: 'AAAA' }];
      await restart([...first, ...both]);
      await look({ recordName: nameOf(0), type: 'A' });
      const values = { [EAST_REGION]: ['2001:db8::1'], [WEST_REGION]: ['2001:db8::2'] };
      const fact = await look({ recordName: last, type: 'AAAA', values });
      assert.deepEqual([valueOf(fact).points, lists()], [at(EAST_REGION), 2]);
    });

    it('is of the time at which its page was listed, and not from before what the caller has seen', async () => {
      const before = await look();
      assert.ok(before.known);
      put(bench.world, [EAST], [WEST]);
      const kept = await look();
      assert.ok(kept.known);
      assert.deepEqual([kept.value.points, kept.at], [at(EAST_REGION), before.at]);
      const anew = await look({}, before.at.wall + 1);
      assert.deepEqual(valueOf(anew).points, at(WEST_REGION));
    });

    it('is listed anew after five minutes', async () => {
      const time = createVirtualTime();
      const observer = bench.world.observerWith({ clock: time.machine() });
      await look({}, 0, observer);
      put(bench.world, [EAST], [WEST]);
      await time.advance(299_000);
      assert.deepEqual(valueOf(await look({}, 0, observer)).points, at(EAST_REGION));
      await time.advance(1_000);
      assert.deepEqual(valueOf(await look({}, 0, observer)).points, at(WEST_REGION));
    });

    it('is unknown while the control plane does not answer, and asked for anew then', async () => {
      bench.world.model.faults.setOutage('unavailable');
      const [first, second] = await Promise.all([look(), look()]);
      assert.deepEqual([first.known || first.why, second.known || second.why], ['Unreachable', 'Unreachable']);
      bench.world.model.faults.setOutage('none');
      assert.deepEqual(valueOf(await look()).points, at(EAST_REGION));
    });
  });
}
