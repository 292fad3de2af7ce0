import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ModelTime } from '../time.ts';
import { createReceiver, type Judged, type Receiver, type ReceiverRequest } from './receiver.ts';

export interface SignedReceiverOptions {
  readonly time: ModelTime;
  /** Of the URL: whoever knows it may write, as with any webhook. */
  readonly path: string;
  /** The key as bytes are made of it: the text itself. */
  readonly hmacKey: string;
}

type Json = Readonly<Record<string, unknown>>;

/** How far a timestamp may lie from the receiver's own clock, as Standard Webhooks advises. */
const toleranceMs = 300_000;

/**
 * A receiver of signed JSON that does what docs/notifications.md tells receivers to do: checks the signature over
 * `id.timestamp.body`, refuses what is old, and takes a message once, however often it comes.
 */
export function createSignedReceiver({ time, path, hmacKey }: SignedReceiverOptions): Receiver<Json> {
  const had = new Set<string>();
  return createReceiver(time, (request) => judge(request, { now: time.now(), path, hmacKey, had }));
}

interface Rules {
  readonly now: number;
  readonly path: string;
  readonly hmacKey: string;
  readonly had: Set<string>;
}

function judge({ method, path, headers, body }: ReceiverRequest, rules: Rules): Judged<Json> {
  const refuse = (status: number, why: string): Judged<Json> => ({ kind: 'Refuse', why, reply: { status, body: why } });
  if (path !== rules.path) return refuse(404, 'no such hook');
  if (method !== 'POST') return refuse(405, 'POST only');
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signatures = '' } = headers;
  if (id === '' || !/^\d+$/.test(timestamp)) return refuse(400, 'webhook-id or webhook-timestamp is missing');
  const wanted = `v1,${signature(rules.hmacKey, `${id}.${timestamp}.${body}`)}`;
  if (!signatures.split(' ').some((one) => same(one, wanted))) return refuse(401, 'the signature is wrong');
  if (Math.abs(rules.now - Number(timestamp) * 1000) > toleranceMs) return refuse(401, 'the timestamp is too old');
  const reply = { status: 204, body: '' };
  if (rules.had.has(id)) return { kind: 'Had', reply };
  rules.had.add(id);
  return { kind: 'Take', message: { ...(JSON.parse(body) as Json) }, reply };
}

function signature(key: string, content: string): string {
  return btoa(String.fromCharCode(...hmac(sha256, utf8ToBytes(key), utf8ToBytes(content))));
}

/** Looks at every character, so that its time tells nothing of where they begin to differ. */
function same(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
