/** A number in [0, 1), uniform. */
export type Draw = () => number;

/** The random stream named `label`, the same object at each asking. */
export type Streams = (label: string) => Draw;

/** Streams depend on seed and label alone, so that a new draw elsewhere shifts nobody's sequence. */
export function createStreams(seed: number): Streams {
  const streams = new Map<string, Draw>();
  return (label) => {
    const known = streams.get(label);
    if (known !== undefined) return known;
    const draw = mulberry32(hash32(`${String(seed)}/${label}`));
    streams.set(label, draw);
    return draw;
  };
}

function mulberry32(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a over UTF-16 units with murmur3's finalizer, for FNV alone leaves neighbours alike. Unsigned 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
