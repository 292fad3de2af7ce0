import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** 192 bits, as the specification asks for. */
export const shortestKeyBytes = 24;
const prefix = 'whsec_';

/**
 * The key as bytes: what follows `whsec_` is base64 (the form that libraries of Standard Webhooks expect), anything
 * else is taken as it stands. undefined where it is no base64, or too short to be a secret.
 */
export function signingKey(text: string): Uint8Array | undefined {
  const key = text.startsWith(prefix) ? fromBase64(text.slice(prefix.length)) : utf8ToBytes(text);
  return key === undefined || key.length < shortestKeyBytes ? undefined : key;
}

/**
 * Headers of Standard Webhooks 1.0 (https://www.standardwebhooks.com): an HMAC-SHA256 over `id.timestamp.body`. The
 * timestamp is of this attempt, so that a receiver can refuse what is old; the id is the message's, so that it can
 * refuse what it has had. @param wallMs now.
 */
export function signedHeaders(
  key: Uint8Array,
  id: string,
  wallMs: number,
  body: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(wallMs / 1000));
  const mac = hmac(sha256, key, utf8ToBytes(`${id}.${timestamp}.${body}`));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${toBase64(mac)}` };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    // Of a length that base64 cannot have; the caller says that it is no key.
    return undefined;
  }
}
