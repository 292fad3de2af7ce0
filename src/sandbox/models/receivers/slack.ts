import type { ModelTime } from '../time.ts';
import { createReceiver, type Judged, type Receiver, type ReceiverRequest } from './receiver.ts';

/**
 * Slack's incoming webhook: JSON with a `text`, answered by the word `ok`, and what is wrong by another word.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function createSlackReceiver({
  time,
  path,
}: {
  readonly time: ModelTime;
  readonly path: string;
}): Receiver<string> {
  return createReceiver(time, (request) => judge(request, path));
}

function judge({ method, path, headers, body }: ReceiverRequest, own: string): Judged<string> {
  const refuse = (status: number, word: string): Judged<string> => ({
    kind: 'Refuse',
    why: word,
    reply: { status, body: word, headers: { 'content-type': 'text/html' } },
  });
  if (path !== own) return refuse(404, 'no_service');
  const json = headers['content-type']?.startsWith('application/json') === true;
  if (method !== 'POST' || !json) return refuse(400, 'invalid_payload');
  const payload = parsed(body);
  if (typeof payload !== 'object' || payload === null) return refuse(400, 'invalid_payload');
  const text = 'text' in payload ? payload.text : undefined;
  if (typeof text !== 'string' || text.trim() === '') return refuse(400, 'no_text');
  return { kind: 'Take', message: text, reply: { status: 200, body: 'ok' } };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // Its only way to fail is a SyntaxError; the answer says `invalid_payload`.
    return undefined;
  }
}
