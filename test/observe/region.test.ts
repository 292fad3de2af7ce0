import assert from 'node:assert/strict';
import { known, type Fact } from '../../src/api/fact.ts';
import type { RegionHealth } from '../../src/api/region.ts';
import { shareRegionLooks } from '../../src/observe/region.ts';
import { instant } from '../../src/ports/clock.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';

describe('looks at a region, shared', () => {
  const { signal } = new AbortController();
  function given() {
    const time = createVirtualTime();
    const clock = time.machine();
    const reach = (detail: string) => ({ kind: 'Unavailable', why: 'Unreachable', detail }) as const;
    let way = reach('first');
    const ends: ((fact: Fact<RegionHealth>) => void)[] = [];
    const observe = () => new Promise<Fact<RegionHealth>>((resolve) => ends.push(resolve));
    const looks = shareRegionLooks({ observe }, { get: () => way }, clock, 1_000);
    return {
      time,
      looks,
      ends,
      end: () => ends.at(-1)?.(known({ clusterUid: `uid-${String(ends.length)}` }, instant(clock))),
      turn: () => {
        way = reach('second');
      },
    };
  }

  it('are one for all who ask while it is under way, and for a second', async () => {
    const { time, looks, ends, end } = given();
    const both = Promise.all([looks.observe('east', signal), looks.observe('east', signal)]);
    await time.advance(5_000);
    assert.equal(ends.length, 1, 'a hung one is not asked again');
    end();
    await both;
    const third = looks.observe('east', signal);
    assert.equal(ends.length, 2, 'that one began too long ago');
    end();
    await third;
    await time.advance(999);
    await looks.observe('east', signal);
    assert.equal(ends.length, 2);
    void looks.observe('west', signal);
    assert.equal(ends.length, 3, 'each region its own');
  });
  it('begin anew as soon as the way leads elsewhere', async () => {
    const { looks, ends, end, turn } = given();
    const first = looks.observe('east', signal);
    end();
    await first;
    turn();
    void looks.observe('east', signal);
    assert.equal(ends.length, 2);
  });
});
