const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Names and UIDs that are the same in every replay: a counter, hashed with the cluster's UID. */
export interface Identities {
  uid(): string;
  /** Five characters for generateName. */
  suffix(): string;
  /** The next of a plain sequence. */
  next(): number;
  count(): number;
}

export function createIdentities(seed: string, start: number): Identities {
  let count = start;
  return {
    uid: () => {
      count += 1;
      return uuid(`${seed}/${String(count)}`);
    },
    suffix: () => {
      count += 1;
      return safeHash(hash(`${seed}#${String(count)}`, 7), 5);
    },
    next: () => (count += 1),
    count: () => count,
  };
}

function uuid(text: string): string {
  const hex = [1, 2, 3, 4].map((salt) => hash(text, salt).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** FNV-1a with an avalanche at the end; not for secrets. */
export function hash(text: string, salt: number): number {
  let value = (0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1)) >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b) >>> 0;
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35) >>> 0;
  return (value ^ (value >>> 16)) >>> 0;
}

/** As Kubernetes writes hashes into names: without vowels and look-alikes. */
export function safeHash(value: number, length: number): string {
  let rest = value;
  let text = '';
  while (text.length < length) {
    text += ALPHABET.charAt(rest % ALPHABET.length);
    rest = Math.floor(rest / ALPHABET.length) || hash(text, value);
  }
  return text;
}
