import assert from 'node:assert/strict';
import type { Fact } from '../../src/api/fact.ts';
import type { ApplyResult } from '../../src/drivers/outcome.ts';
import type { WorkloadState } from '../../src/drivers/workloads/driver.ts';
import { createClock } from '../../src/system/clock.ts';
import { ACCOUNT, bench, callMs, refuses, signal, token, valueOf, type Bench } from './workload-bench.ts';
import type { Kind } from './workload-kinds.ts';
import type { KubeSubject } from './workload-world.ts';

/** A kind of target on its bench, with the looks and the changes that every suite needs. */
export interface Stand extends Kind {
  readonly b: Bench;
  look(at?: Kind['ref'], ms?: number): Promise<Fact<WorkloadState>>;
  /** @throws AssertionError where it cannot be seen or does not exist. */
  state(): Promise<Extract<WorkloadState, { exists: true }>>;
  scale(size: number, at?: Kind['ref']): Promise<ApplyResult>;
  make(size: number, annotations?: Parameters<Kind['object']>[1]): Promise<void>;
  size(): Promise<unknown>;
}

export function standOf(kind: Kind, b: Bench): Stand {
  const look: Stand['look'] = async (at = kind.ref, ms = callMs) =>
    await kind.observer({ clusters: b.clusters, clock: createClock(), callMs: ms }).observe(at, signal());
  return {
    ...kind,
    b,
    look,
    state: async () => {
      const seen = valueOf(await look());
      assert.ok(seen.exists, 'it does not exist');
      return seen;
    },
    scale: async (size, at = kind.ref) =>
      await kind.actuator({ clusters: b.clusters, callMs }).scale(at, size, token, signal()),
    make: async (size, annotations) => await b.world.put('POST', kind.collection, kind.object(size, annotations)),
    size: async () => kind.sizeOf(await b.world.read(`${kind.collection}/api`)),
  };
}

/** The contract of a workload driver: observed as the operator, changed as the plan's own account. `more`: of its own. */
export function workloadSuite(kind: Kind, subject: KubeSubject, ...more: readonly ((s: Stand) => void)[]): void {
  describe(`workloads by ${kind.driver}, over ${subject.name}`, () => {
    const stand = standOf(kind, bench(subject, kind.driver));
    observing(stand);
    scaling(stand);
    refusals(stand);
    for (const part of more) part(stand);
  });
}

function observing(s: Stand): void {
  const { b } = s;
  describe('looking', () => {
    it('does not exist: neither it nor its namespace', async () => {
      assert.deepEqual(valueOf(await s.look()), { exists: false });
      assert.deepEqual(valueOf(await s.look({ ...s.ref, namespace: 'nowhere' })), { exists: false });
    });

    it('is at its size, and settled', async () => {
      await s.make(s.large);
      const wanted = { exists: true, wanted: s.large, ready: s.large, pods: s.running, settled: true, obstacles: [] };
      await b.world.within(10_000, async () => assert.deepEqual(await s.state(), wanted));
    });

    it('sends nothing that could change anything', async () => {
      await s.make(s.large);
      await s.look();
      await b.world.put('PATCH', `${s.collection}/api`, s.resize(0));
      await s.look();
      const asked = await b.world.asked();
      assert.ok(asked.length > 1);
      assert.deepEqual(
        [...new Set(asked.map(({ verb }) => verb))].filter((verb) => verb !== 'get' && verb !== 'list'),
        [],
      );
      assert.ok(
        asked.every(({ impersonated }) => impersonated === undefined),
        'with its own rights',
      );
    });

    it('is dated from before the request, with the plan generation it was asked for', async () => {
      await s.make(s.large);
      const before = Date.now();
      const fact = await s.look();
      assert.ok(fact.known && fact.generation === 7 && fact.at.wall >= before && fact.at.wall <= Date.now());
    });

    it('says why it cannot tell', async () => {
      await s.make(s.large);
      const why = async (ms = callMs): Promise<string> => {
        const fact = await s.look(s.ref, ms);
        return fact.known ? 'known' : fact.why;
      };
      b.world.fault('GET', 'reset');
      assert.equal(await why(), 'Unreachable');
      b.world.fault('GET', { status: 503, headers: {}, body: 'no leader' });
      assert.equal(await why(), 'Unreachable');
      b.world.fault('GET', 'hang');
      assert.equal(await why(300), 'Timeout');
      b.world.fault('GET', { status: 200, headers: {}, body: '<html>' });
      assert.equal(await why(), 'Malformed');
      const elsewhere = await s.look({ ...s.ref, region: 'us-east-1' });
      assert.deepEqual(elsewhere.known ? '' : [elsewhere.why, elsewhere.detail], [
        'Unreachable',
        'no Region us-east-1',
      ]);
      await b.restart(() => 'no such right');
      const denied = await s.look();
      assert.ok(!denied.known && denied.why === 'Forbidden', JSON.stringify(denied));
      assert.match(denied.detail, new RegExp(`cannot get resource "${s.written.resource}"`));
    });
  });
}

function scaling(s: Stand): void {
  const { b } = s;
  const patches = async (): Promise<readonly unknown[]> =>
    (await b.world.asked()).filter(({ verb }) => verb === 'patch');
  describe('scaling', () => {
    it('reads and patches one resource, as the account of the plan', async () => {
      await s.make(s.small);
      assert.deepEqual(await s.scale(s.large), { kind: 'Accepted', detail: s.says(s.small, s.large) });
      assert.equal(await s.size(), s.large);
      const { resource, subresource } = s.written;
      const asked = await b.world.asked();
      assert.deepEqual(
        asked.map((entry) => [entry.verb, entry.resource, entry.subresource, entry.impersonated]),
        ['get', 'patch'].map((verb) => [verb, resource, subresource, ACCOUNT]),
      );
      await b.world.within(10_000, async () => {
        const { wanted, settled } = await s.state();
        assert.deepEqual({ wanted, settled }, { wanted: s.large, settled: true });
      });
    });

    it('what is there already is accepted without a write', async () => {
      for (const [index, size] of [s.large, s.small].entries()) {
        if (index === 0) await s.make(size);
        else await b.world.put('PATCH', `${s.collection}/api`, s.resize(size));
        assert.deepEqual(await s.scale(size), { kind: 'Accepted', detail: s.says(size, size) });
      }
      assert.deepEqual(await patches(), []);
    });

    it('to nothing and back', async () => {
      await s.make(s.large);
      const runs = async (): Promise<void> => assert.equal((await s.state()).ready, s.large);
      await b.world.within(10_000, runs);
      assert.equal((await s.scale(0)).kind, 'Accepted');
      await b.world.within(10_000, async () => {
        const stopped = await s.state();
        assert.deepEqual([stopped.wanted, stopped.ready, stopped.pods], [0, 0, 0]);
      });
      assert.equal((await s.scale(s.large)).kind, 'Accepted');
      await b.world.within(10_000, runs);
    });
  });
}

function refusals(s: Stand): void {
  const { b } = s;
  describe('what becomes of a change', () => {
    it('a lost reply is an unknown outcome, which the next look resolves', async () => {
      await s.make(s.small);
      b.world.fault('PATCH', 'drop-reply');
      assert.equal((await s.scale(s.large)).kind, 'OutcomeUnknown');
      assert.equal((await s.state()).wanted, s.large);
      assert.deepEqual(await s.scale(s.large), { kind: 'Accepted', detail: s.says(s.large, s.large) });
    });

    it('a request that may have been lost on its way is an unknown outcome too', async () => {
      await s.make(s.small);
      b.world.fault('PATCH', 'reset');
      assert.equal((await s.scale(s.large)).kind, 'OutcomeUnknown');
      assert.equal(await s.size(), s.small);
    });

    it('what failed before anything was written is refused', async () => {
      await s.make(s.small);
      b.world.fault('GET', 'reset');
      refuses(await s.scale(s.large), 'Unreachable', new RegExp(`get .*${s.written.resource}/api`));
      refuses(await s.scale(s.large, { ...s.ref, region: 'us-east-1' }), 'Unreachable', /no Region us-east-1/);
      refuses(await s.scale(s.large, { ...s.ref, namespace: 'nowhere' }), 'NotFound', /./);
      assert.equal(await s.size(), s.small);
    });

    it('without the right in the target it is refused, though the operator itself may', async () => {
      const { resource, subresource } = s.written;
      await b.restart((asked) =>
        asked.user === ACCOUNT && asked.subresource === subresource ? 'not bound' : undefined,
      );
      await s.make(s.small);
      const what = subresource === undefined ? resource : `${resource}/${subresource}`;
      refuses(await s.scale(s.large), 'Forbidden', new RegExp(`User "${ACCOUNT}" cannot get resource "${what}"`));
      assert.equal(await s.size(), s.small);
    });
  });
}
