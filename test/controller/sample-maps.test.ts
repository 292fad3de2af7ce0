import assert from 'node:assert/strict';
import type { PositionSample } from '../../src/api/run.ts';
import { createSampleMaps, type MapChange, type SampleMaps } from '../../src/controller/sample-maps.ts';

type Samples = ReadonlyMap<string, readonly PositionSample[]>;

const everybody = (): boolean => true;

function list(at: number, bytes = 100): readonly PositionSample[] {
  return [{ database: 'd'.repeat(bytes), region: 'us-east-1', at, lsn: '0/1' }];
}

function plans(count: number, bytes?: number): Map<string, readonly PositionSample[]> {
  return new Map(Array.from({ length: count }, (_none, index) => [`u${String(index)}`, list(index, bytes)]));
}

/** What the maps hold once all is written, by plan: the numbers of its maps. And how much is in each. */
function written(
  maps: SampleMaps,
  all: Samples,
  exists: (uid: string) => boolean = everybody,
  held = new Map<number, Map<string, string>>(),
) {
  const changes: MapChange[] = [];
  for (let change = maps.next(all, exists); change !== undefined; change = maps.next(all, exists)) {
    assert.ok(changes.length < 100, 'it comes to an end');
    changes.push(change);
    const map = held.get(change.number) ?? new Map<string, string>();
    held.set(change.number, map);
    for (const uid of change.drop) map.delete(uid);
    for (const [uid, samples] of change.put) map.set(uid, JSON.stringify(samples));
    maps.wrote(change, 'There');
  }
  const sizes = [...held].map(([number, map]) => [number, map.size]);
  const bytes = [...held.values()].map((map) =>
    [...map].reduce((sum, [uid, text]) => sum + uid.length + text.length, 0),
  );
  return { changes, held, sizes, bytes };
}

describe('maps of samples', () => {
  it('are written one at a time, in turns, and only what has changed', () => {
    const maps = createSampleMaps();
    const all = plans(230);
    const first = written(maps, all);
    assert.deepEqual(first.sizes, [
      [0, 200],
      [1, 30],
    ]);
    all.set('u3', list(1_000)).set('u210', list(1_001));
    const { changes } = written(maps, all, everybody, first.held);
    assert.deepEqual(
      changes.map(({ number, put, drop }) => [number, [...put.keys()], drop]),
      [
        [0, ['u3'], []],
        [1, ['u210'], []],
      ],
    );
  });

  it('are written again where the write was not confirmed', () => {
    const maps = createSampleMaps();
    const all = plans(2);
    assert.deepEqual(maps.next(all, everybody), maps.next(all, everybody));
  });

  it('that somebody deleted are filled again, though only one of their plans has changed', () => {
    const maps = createSampleMaps();
    const all = plans(3);
    written(maps, all);
    all.set('u1', list(1_000));
    const change = maps.next(all, everybody);
    assert.deepEqual([...(change?.put.keys() ?? [])], ['u1']);
    assert.ok(change !== undefined);
    maps.wrote(change, 'Anew');
    assert.deepEqual([...(maps.next(all, everybody)?.put.keys() ?? [])], ['u0', 'u2']);
  });

  it('never grow beyond what a ConfigMap holds: who no longer fits moves, and leaves the old map after', () => {
    const maps = createSampleMaps();
    const all = plans(100, 8_000);
    const before = written(maps, all);
    assert.deepEqual(before.sizes, [[0, 100]]);
    for (const uid of [...all.keys()].slice(0, 60)) all.set(uid, list(5_000, 12_000));
    const { sizes, bytes, changes, held } = written(maps, all, everybody, before.held);
    assert.ok(Math.max(...bytes) <= 900_000, String(bytes));
    assert.equal(
      sizes.reduce((sum, [, size = 0]) => sum + size, 0),
      100,
      'each in one map',
    );
    const moved = [...(held.get(1)?.keys() ?? [])];
    assert.ok(moved.length > 10);
    const arrival = changes.findIndex(({ put }) => put.has(moved[0] ?? ''));
    const leave = changes.findIndex(({ drop }) => drop.includes(moved[0] ?? ''));
    assert.ok(arrival >= 0 && leave > arrival, `${String(arrival)} ${String(leave)}`);
  });

  it('forget plans that are gone, and give their room away', () => {
    const maps = createSampleMaps();
    const all = plans(200);
    const { held } = written(maps, all);
    all.set('new', list(1));
    const { sizes } = written(maps, all, (uid) => uid !== 'u7', held);
    assert.deepEqual(sizes, [[0, 200]]);
    assert.ok(held.get(0)?.has('new') === true && !held.get(0)?.has('u7'));
  });

  it('that were read go on: who stands in two was on the way, and stays in the later', () => {
    const maps = createSampleMaps();
    const all = plans(3);
    const held = new Map([
      [0, new Map([...all].map(([uid, samples]) => [uid, JSON.stringify(samples)]))],
      [1, new Map([['u1', JSON.stringify(all.get('u1'))]])],
    ]);
    maps.found(0, all);
    maps.found(1, new Map([['u1', all.get('u1') ?? []]]));
    const { changes, sizes } = written(maps, all, everybody, held);
    assert.deepEqual(
      changes.map(({ number, drop, put }) => [number, drop, put.size]),
      [[0, ['u1'], 0]],
    );
    assert.deepEqual(sizes, [
      [0, 2],
      [1, 1],
    ]);
  });

  it('say for how many there is no room, and keep what they hold of them', () => {
    const maps = createSampleMaps();
    const all = plans(16, 890_000);
    const { held } = written(maps, all);
    all.set('u16', list(1, 890_000)).set('u2', list(2, 950_000));
    const { changes } = written(maps, all, everybody, held);
    assert.deepEqual(changes, []);
    assert.equal(maps.homeless(), 2);
    assert.equal(held.size, 16);
  });
});
