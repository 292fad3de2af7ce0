import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HttpRequest } from '../../src/ports/http.ts';
import { recordAt } from '../../src/kube/json.ts';
import type { Contender, LeaseWorld, Weather } from './lease-world.ts';
import { createLeaseWorld } from './lease-world.ts';

const fair: Weather = { requestMs: 5, replyMs: 5 };
const lost: Weather = { requestMs: 5, replyMs: Infinity };
const dropped: Weather = { requestMs: Infinity, replyMs: Infinity };

/** Fails as soon as two may send effects at the same time. */
function never2(...contenders: readonly Contender[]): () => void {
  return () => {
    const holders = contenders.filter(({ lease, clock }) => !clock.suspended() && lease.remainingMs() > 0);
    assert.ok(holders.length <= 1, `${holders.map(({ name }) => name).join(' and ')} both hold the lease`);
  };
}

function specOf(world: LeaseWorld): Readonly<Record<string, unknown>> {
  return recordAt(world.stored() ?? {}, 'spec');
}

describe('lease', () => {
  it('is taken at once where there is none, renewed, and released for the next', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    assert.equal(specOf(world).leaseDurationSeconds, 15);
    assert.match(String(specOf(world).renewTime), /^2030-01-01T00:00:00\.\d{6}Z$/);
    await world.time.advance(60_000, () => assert.ok(a.lease.remainingMs() > 9000, String(a.lease.remainingMs())));
    assert.equal(specOf(world).leaseTransitions, 0, 'a renewal is no transition');
    const b = world.contender('b');
    await world.time.advance(60_000, never2(a, b));
    assert.equal(b.lease.held(), false);
    const stoppedAt = world.time.now();
    await a.stop();
    assert.equal(a.lease.remainingMs(), 0);
    assert.equal(specOf(world).holderIdentity, undefined);
    await world.time.until(() => b.lease.held(), 5000);
    assert.ok(world.time.now() - stoppedAt < 4000, 'a released lease is not waited out');
    assert.equal(specOf(world).leaseTransitions, 1);
    assert.deepEqual(a.told.length, 1, 'giving it up is no loss');
    await b.stop();
  });

  it('goes to another only after it was unchanged for its whole duration', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    const b = world.contender('b');
    await world.time.advance(20_000);
    const renewedAt = String(specOf(world).renewTime);
    a.kill();
    const killedAt = world.time.now();
    await world.time.until(() => b.lease.held(), 60_000);
    assert.notEqual(specOf(world).renewTime, renewedAt);
    const waited = world.time.now() - killedAt;
    assert.ok(waited >= 15_000 - 5000 && waited <= 18_000, String(waited));
    await b.stop();
  });

  it('is not believed to be its own by a new life under an old name', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    const impostor = world.contender('a');
    await world.time.advance(40_000, never2(a, impostor));
    assert.equal(impostor.lease.held(), false);
    await a.stop();
    await impostor.stop();
  });

  it('does not last through a suspension that the monotonic clock never saw', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    const b = world.contender('b');
    await world.time.advance(7000);
    a.clock.suspend();
    await world.time.advance(60_000, never2(a, b));
    assert.equal(b.lease.held(), true);
    const before = a.clock.monotonic();
    a.clock.resume();
    assert.equal(a.clock.monotonic(), before);
    assert.equal(a.lease.remainingMs(), 0, 'at the first instant awake');
    await world.time.advance(30_000, never2(a, b));
    assert.match(a.told.at(-1) ?? '', /^lost@/);
    await b.stop();
    await a.stop();
  });

  it('is worth nothing after a jump of the wall clock, either way, until it is renewed', async () => {
    for (const jump of [3_600_000, -3_600_000, 1000, -1000]) {
      const world = createLeaseWorld();
      const a = world.contender('a');
      await world.time.until(() => a.lease.held(), 1000);
      await world.time.advance(2000);
      a.clock.jumpWall(jump);
      assert.deepEqual([a.lease.remainingMs(), a.lease.held()], [0, false], String(jump));
      await world.time.until(() => a.lease.held(), 10_000);
      assert.match(a.told[1] ?? '', /clock jumped/);
      await a.stop();
    }
  });

  it('counts a suspension too short to spoil the term', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    const before = a.lease.remainingMs();
    a.clock.suspend();
    await world.time.advance(500);
    a.clock.resume();
    assert.equal(a.lease.remainingMs(), before - 500);
    await a.stop();
  });

  it('finds out by reading whether a renewal without a reply took effect', async () => {
    const world = createLeaseWorld();
    let patches = 0;
    const weather = ({ method }: HttpRequest): Weather => {
      if (method !== 'PATCH') return fair;
      patches += 1;
      return patches % 2 === 1 ? lost : fair;
    };
    const a = world.contender('a', weather);
    await world.time.advance(120_000);
    assert.ok(patches > 8, String(patches));
    assert.deepEqual([a.told, a.lease.held()], [['acquired@20'], true]);
    await a.stop();
  });

  it('counts a lost reply from when the request was sent, not from when it was found out', async () => {
    const world = createLeaseWorld();
    const weather = ({ method }: HttpRequest): Weather => (method === 'GET' ? fair : lost);
    const a = world.contender('a', weather);
    await world.time.until(() => a.lease.held(), 30_000);
    assert.ok(a.lease.remainingMs() <= 15_000 * 0.95 - 5000, String(a.lease.remainingMs()));
    await a.stop();
  });

  it('is lost on time, and told so, when nothing gets through any more', async () => {
    const world = createLeaseWorld();
    let cut = false;
    const a = world.contender('a', () => (cut ? dropped : fair));
    await world.time.until(() => a.lease.held(), 1000);
    cut = true;
    await world.time.until(() => !a.lease.held(), 20_000);
    const at = world.time.now();
    assert.ok(at >= 14_000 && at <= 14_300, String(at));
    await world.time.until(() => a.told.length === 2, 2);
    cut = false;
    await world.time.until(() => a.lease.held(), 30_000);
    await a.stop();
  });

  it('is lost at the next renewal to whoever stole it, before the thief can send anything', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    const b = world.contender('b');
    await world.time.advance(6000);
    world.edit((lease) => ({ ...lease, spec: { ...recordAt(lease, 'spec'), holderIdentity: 'b' } }));
    await world.time.advance(6000, never2(a, b));
    assert.match(a.told.at(-1) ?? '', /held by b now/);
    await world.time.until(() => a.lease.held() || b.lease.held(), 60_000);
    await a.stop();
    await b.stop();
  });

  it('is not believed to be its own by a candidate that somebody else wrote in', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    // Its own write of the same instant never arrives, so it looks out for it.
    const b = world.contender('b', ({ method }) => (method === 'POST' ? dropped : fair));
    await world.time.until(() => a.lease.held(), 1000);
    world.edit((lease) => ({ ...lease, spec: { ...recordAt(lease, 'spec'), holderIdentity: 'b' } }));
    await world.time.advance(14_000, never2(a, b));
    assert.equal(b.lease.held(), false);
    await a.stop();
    await b.stop();
  });

  it('is not taken over at once by those who saw it before it was deleted', async () => {
    const world = createLeaseWorld();
    const a = world.contender('a');
    await world.time.until(() => a.lease.held(), 1000);
    const b = world.contender('b');
    await world.time.advance(6000);
    world.edit(() => undefined);
    const deletedAt = world.time.now();
    await world.time.until(() => a.told.length === 2 || b.lease.held(), 20_000);
    assert.match(a.told.at(-1) ?? '', /deleted/);
    await world.time.until(() => a.lease.held() || b.lease.held(), 60_000);
    assert.ok(world.time.now() - deletedAt >= 15_000);
    never2(a, b)();
    await a.stop();
    await b.stop();
  });

  const weathers = fc.record({
    requestMs: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20_000 }), fc.constant(Infinity)),
    replyMs: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20_000 }), fc.constant(Infinity)),
  });
  const mishap = fc.record({
    after: fc.integer({ min: 1, max: 25_000 }),
    who: fc.nat(2),
    what: fc.constantFrom('suspend', 'resume', 'wall forward', 'wall back', 'steal', 'touch', 'nothing'),
  });

  it('property: no two of three contenders may send at the same time, whatever the network and their machines do', async () => {
    let handovers = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(9), weathers), { minLength: 5, maxLength: 40 }),
        fc.array(mishap, { maxLength: 15 }),
        fc.integer({ min: 1, max: 1000 }),
        async (skies, mishaps, seed) => {
          const world = createLeaseWorld(seed);
          let exchange = 0;
          const weather = (): Weather => {
            exchange += 1;
            const [luck, sky] = skies[exchange % skies.length] ?? [9, fair];
            return luck < 4 ? sky : fair;
          };
          const contenders = ['a', 'b', 'c'].map((name) => world.contender(name, weather));
          const check = never2(...contenders);
          for (const { after, who, what } of mishaps) {
            await world.time.advance(after, check);
            strike(world, contenders[who], what);
            check();
          }
          for (const { clock } of contenders) clock.resume();
          await world.time.advance(60_000, check);
          handovers += contenders.filter(({ told }) => told.length > 0).length - 1;
        },
      ),
      { numRuns: 120 },
    );
    assert.ok(
      handovers > 50,
      `the lease changed hands only ${String(handovers)} times: the property was hardly tested`,
    );
  });
});

function strike(world: LeaseWorld, contender: Contender | undefined, what: string): void {
  if (contender === undefined) return;
  const { clock, name } = contender;
  if (what === 'suspend') clock.suspend();
  if (what === 'resume') clock.resume();
  // By more than all suspensions together: a jump that cancels one out exactly cannot be told from no suspension.
  if (what === 'wall forward') clock.jumpWall(3_600_000);
  if (what === 'wall back') clock.jumpWall(-3_600_000);
  if (what === 'steal') {
    world.edit((lease) => ({ ...lease, spec: { ...recordAt(lease, 'spec'), holderIdentity: name } }));
  }
  if (what === 'touch') world.edit((lease) => lease);
}
