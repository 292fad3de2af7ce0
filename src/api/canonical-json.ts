import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * JSON with object keys sorted by UTF-16 code unit and no white space: equal values give equal texts, so that texts and
 * their hashes can be compared. Fields that are undefined are left out, as JSON.stringify does; numbers are written as
 * JSON.stringify writes them.
 * @throws TypeError for what JSON cannot hold: a function, a symbol, a bigint, NaN, an infinite number.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${String(value)} has no form in JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`a value of type ${typeof value} has no form in JSON`);
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${fields.join(',')}}`;
}

/** 64 lower-case hexadecimal digits of the SHA-256 (FIPS 180-4) of the text's UTF-8 form. */
export function sha256Hex(text: string): string {
  // Joined, not added up byte by byte: of that the engine keeps each part for as long as the string is kept.
  return Array.from(sha256(utf8ToBytes(text)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Its only way to fail is a SyntaxError, which quotes the text; the caller names the field instead.
    return undefined;
  }
}
