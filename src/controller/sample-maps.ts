import type { PositionSample } from '../api/run.ts';
import { sampleMapsAtMost } from '../api/samples.ts';

/** Smaller ones are written sooner: only one is written at a time. */
const plansAMap = 200;
/** A ConfigMap holds 1 MiB, keys and values together (`MaxSecretSize` of the API server). */
const bytesAMap = 900_000;

type Samples = ReadonlyMap<string, readonly PositionSample[]>;

/** What is to be changed in one map. */
export interface MapChange {
  readonly number: number;
  /** By plan UID. */
  readonly put: Samples;
  /** Plan UIDs. */
  readonly drop: readonly string[];
}

/**
 * Which of the maps `maestro-dr-samples-<n>` holds which plan's samples. A plan stays in its map until the map grows
 * too long; then it moves, and is taken out of the old map once it is in the new one.
 */
export interface SampleMaps {
  /** A map was read: `samples` are what is known of its plans now, those read among them. */
  found(number: number, samples: Samples): void;
  /**
   * The next map that is not what it is to be, in turns. `exists`: whether there is a plan of this UID.
   * Call `wrote` once it is so.
   */
  next(all: Samples, exists: (uid: string) => boolean): MapChange | undefined;
  /** `Anew`: the map was not there, and holds nothing but what was written. */
  wrote(change: MapChange, into: 'There' | 'Anew'): void;
  /** Plans that found room in no map, at the last `next`. */
  homeless(): number;
}

interface Place {
  number: number;
  /** As they are in the map; undefined: nothing is there yet. Compared by identity. */
  saved: readonly PositionSample[] | undefined;
  /** What it takes there, or will when it is written. */
  bytes: number;
}

interface State {
  readonly places: Map<string, Place>;
  /** For each map, whom it holds still though they are gone or have moved. */
  readonly leaving: Set<string>[];
  /** Who is to be written, in the place that it has. */
  due: Samples;
  /** The map whose turn it is. */
  turn: number;
  homeless: number;
}

export function createSampleMaps(): SampleMaps {
  const state: State = { places: new Map(), leaving: [], due: new Map(), turn: 0, homeless: 0 };
  return {
    found: (number, samples) => {
      found(state, number, samples);
    },
    next: (all, exists) => next(state, all, exists),
    wrote: (change, into) => {
      if (into === 'Anew') emptied(state, change.number);
      wrote(state, change);
    },
    homeless: () => state.homeless,
  };
}

function found({ places, leaving }: State, number: number, samples: Samples): void {
  leaving[number] ??= new Set();
  for (const [uid, saved] of samples) {
    const had = places.get(uid);
    // On its way from one to the other when the operator ended.
    if (had !== undefined) leaving[had.number]?.add(uid);
    places.set(uid, { number, saved, bytes: bytesOf(uid, saved) });
  }
}

function next(state: State, all: Samples, exists: (uid: string) => boolean): MapChange | undefined {
  settle(state, all, exists);
  const numbers = [...state.leaving.keys()];
  for (const number of [...numbers.slice(state.turn), ...numbers.slice(0, state.turn)]) {
    const change = changeOf(state, number);
    if (change === undefined) continue;
    state.turn = number + 1;
    return change;
  }
  return undefined;
}

/** Who is gone leaves, who is new is given a place, and who no longer fits moves. */
function settle(state: State, all: Samples, exists: (uid: string) => boolean): void {
  const { places, leaving } = state;
  for (const [uid, { number }] of places) {
    if (exists(uid)) continue;
    places.delete(uid);
    leaving[number]?.add(uid);
  }
  const room = roomOf(state);
  const due = new Map<string, readonly PositionSample[]>();
  state.homeless = 0;
  for (const [uid, samples] of all) {
    if (!exists(uid) || places.get(uid)?.saved === samples) continue;
    if (place(state, room, uid, bytesOf(uid, samples))) due.set(uid, samples);
    // What a map holds of it stays there: old samples still bound a loss.
    else state.homeless += 1;
  }
  state.due = due;
}

/** False where no map has room. */
function place({ places, leaving }: State, room: Room, uid: string, bytes: number): boolean {
  const had = places.get(uid);
  if (had !== undefined && room.grows(had.number, bytes - had.bytes)) {
    had.bytes = bytes;
    return true;
  }
  const number = room.find(bytes, had?.number);
  if (number === undefined) return false;
  if (had?.saved !== undefined) leaving[had.number]?.add(uid);
  places.set(uid, { number, saved: undefined, bytes });
  leaving[number] ??= new Set();
  return true;
}

interface Room {
  /** Takes the room if it is there. */
  grows(number: number, bytes: number): boolean;
  /** The first map with room, which is then taken. */
  find(bytes: number, except: number | undefined): number | undefined;
}

function roomOf({ places }: State): Room {
  const used = Array.from({ length: sampleMapsAtMost }, () => ({ plans: 0, bytes: 0 }));
  for (const { number, bytes } of places.values()) {
    const map = used[number];
    if (map === undefined) continue;
    map.plans += 1;
    map.bytes += bytes;
  }
  return {
    grows: (number, bytes) => {
      const map = used[number];
      if (map === undefined || map.bytes + bytes > bytesAMap) return false;
      map.bytes += bytes;
      return true;
    },
    find: (bytes, except) => {
      const number = used.findIndex(
        (map, index) => index !== except && map.plans < plansAMap && map.bytes + bytes <= bytesAMap,
      );
      const map = used[number];
      if (map === undefined) return undefined;
      map.plans += 1;
      map.bytes += bytes;
      return number;
    },
  };
}

function changeOf({ places, leaving, due }: State, number: number): MapChange | undefined {
  const drop = [...(leaving[number] ?? [])].filter((uid) => {
    const there = places.get(uid);
    // Not before it is where it moves to.
    return there === undefined || (there.number !== number && there.saved !== undefined);
  });
  const put = new Map([...due].filter(([uid]) => places.get(uid)?.number === number));
  return drop.length === 0 && put.size === 0 ? undefined : { number, put, drop };
}

function emptied({ places, leaving }: State, number: number): void {
  leaving[number]?.clear();
  for (const there of places.values()) if (there.number === number) there.saved = undefined;
}

function wrote({ places, leaving }: State, { number, put, drop }: MapChange): void {
  for (const uid of drop) leaving[number]?.delete(uid);
  for (const [uid, samples] of put) {
    leaving[number]?.delete(uid);
    const there = places.get(uid);
    if (there?.number === number) there.saved = samples;
  }
}

function bytesOf(uid: string, samples: readonly PositionSample[]): number {
  // Of names and numbers: a character is a byte.
  return uid.length + JSON.stringify(samples).length;
}
