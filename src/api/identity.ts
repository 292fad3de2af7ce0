import { sha256Hex } from './canonical-json.ts';

/**
 * How a plan's identity is written where it is public or short of room (an ownership TXT, a role of at most 63 bytes):
 * the first 16 hexadecimal digits of its SHA-256.
 */
export function identityHash(identity: string): string {
  return sha256Hex(identity).slice(0, 16);
}
