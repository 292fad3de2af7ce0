import assert from 'node:assert/strict';
import { known, lookedAt, unknown, type Fact } from '../../src/api/fact.ts';
import { createLooks } from '../../src/observe/looks.ts';
import { instant } from '../../src/ports/clock.ts';
import { createVirtualTime, type VirtualClock } from '../support/virtual-clock.ts';

interface Fixture {
  readonly clock: VirtualClock;
  /** Looks once, `ms` later. Returns how long the row is. */
  readonly see: (value: string | undefined, ms?: number) => Promise<{ readonly count: number; readonly forMs: number }>;
}

/** What asks for a look, and how many were begun. */
function counted(reuseMs: number): { readonly ask: (since?: number) => Promise<number>; readonly clock: VirtualClock } {
  const clock = createVirtualTime().machine();
  const looks = createLooks<string>({ clock, reuseMs, onLate: () => undefined }, {});
  let begun = 0;
  const look = (): Promise<Fact<string>> => {
    begun += 1;
    return Promise.resolve(known('ok', instant(clock)));
  };
  return {
    clock,
    ask: async (since) => {
      await looks.look('orders', look, since);
      return begun;
    },
  };
}

function looking(): Fixture {
  const time = createVirtualTime();
  const clock = time.machine();
  const looks = createLooks<string>({ clock, reuseMs: 0, onLate: () => undefined }, { ok: (value) => value });
  return {
    clock,
    see: async (value, ms = 1_000) => {
      await time.advance(ms);
      const at = instant(clock);
      const fact = value === undefined ? unknown<string>('Timeout', 'hung', at) : known(value, at);
      await looks.look('edge', () => Promise.resolve(fact));
      const row = looks.seen('edge')?.streaks.ok;
      return { count: row?.count ?? 0, forMs: row === undefined ? 0 : clock.wall() - row.since.wall };
    },
  };
}

describe('looks', () => {
  it('count how long something has looked the same', async () => {
    const { see } = looking();
    await see('ok');
    await see('ok');
    assert.deepEqual(await see('ok'), { count: 3, forMs: 2_000 });
    assert.deepEqual(await see('red'), { count: 1, forMs: 0 });
  });

  it('begin anew behind one that brought nothing', async () => {
    const { see } = looking();
    await see('ok');
    assert.equal((await see(undefined)).count, 0);
    assert.equal((await see('ok')).count, 1);
  });

  for (const ms of [3_600_000, -3_600_000]) {
    it(`begin anew behind a jump of the wall clock by ${String(ms)} ms, and again when it is set right`, async () => {
      const { see, clock } = looking();
      await see('ok');
      await see('ok');
      clock.jumpWall(ms);
      assert.deepEqual(await see('ok'), { count: 1, forMs: 0 });
      assert.deepEqual(await see('ok'), { count: 2, forMs: 1_000 });
      clock.jumpWall(-ms);
      assert.deepEqual(await see('ok'), { count: 1, forMs: 0 });
    });
  }

  it('do not mind a clock that is slowly set right', async () => {
    const { see, clock } = looking();
    await see('ok');
    clock.jumpWall(300);
    assert.equal((await see('ok')).count, 2);
  });

  it('tell of what stays unknown since when it is, and when it was last looked at', async () => {
    const time = createVirtualTime();
    const clock = time.machine();
    const looks = createLooks<string>({ clock, reuseMs: 0, onLate: () => undefined }, {});
    const see = async (ask: () => Promise<Fact<string>>): Promise<readonly [since: number, looked: number]> => {
      await time.advance(1_000);
      await looks.look('orders', ask);
      const fact = looks.seen('orders')?.fact ?? assert.fail();
      return [fact.known ? NaN : fact.since.wall - began, lookedAt(fact).wall - began];
    };
    const began = clock.wall();
    const hung = (): Promise<Fact<string>> => Promise.resolve(unknown('Timeout', 'hung', instant(clock)));
    const thrown = (): Promise<Fact<string>> => Promise.reject(new Error('no such thing'));
    assert.deepEqual(await see(hung), [1_000, 1_000]);
    assert.deepEqual(await see(hung), [1_000, 2_000]);
    assert.deepEqual(await see(thrown), [1_000, 3_000]);
    assert.deepEqual(await see(() => Promise.resolve(known('ok', instant(clock)))), [NaN, 4_000]);
    assert.deepEqual(await see(hung), [5_000, 5_000]);
  });

  it('are taken again when the last is not younger than was asked for, however young it is', async () => {
    const { ask, clock } = counted(150);
    assert.equal(await ask(), 1);
    assert.equal(await ask(), 1, 'it serves again');
    assert.equal(await ask(clock.wall()), 1, 'it began no earlier than that');
    assert.equal(await ask(clock.wall() + 1), 2);
  });
});
