import {
  createSignedReceiver,
  createSlackReceiver,
  type Receiver,
  type ReceiverRequest,
} from '../../src/sandbox/models/receivers/index.ts';
import type { ModelTime } from '../../src/sandbox/models/time.ts';
import { SILENCE } from '../simulation/kernel/index.ts';
import type { HttpEndpoint } from '../simulation/ports/world.ts';

/** Whoever knows it may write: a secret, that must be seen nowhere. */
export const hookToken = 'T0KEN-of-the-hooks';
export const hookKey = 'the key that signs what is sent';

type Json = Readonly<Record<string, unknown>>;

/** Whom the operator can tell, in no region. */
export interface Receivers {
  readonly lead: Receiver<Json>;
  readonly second: Receiver<Json>;
  readonly slack: Receiver<string>;
}

const hosts = Object.freeze({
  lead: { name: 'lead.hooks.example.net', address: '203.0.113.31' },
  second: { name: 'second.hooks.example.net', address: '203.0.113.32' },
  slack: { name: 'slack.hooks.example.net', address: '203.0.113.33' },
} as const satisfies Readonly<Record<keyof Receivers, { readonly name: string; readonly address: string }>>);

export const hookAddresses: Readonly<Record<string, string>> = Object.freeze(
  Object.fromEntries(Object.values(hosts).map(({ name, address }) => [name, address])),
);

const path = `/services/${hookToken}`;

export function createReceivers(time: ModelTime): Receivers {
  const signed = (): Receiver<Json> => createSignedReceiver({ time, path, hmacKey: hookKey });
  return { lead: signed(), second: signed(), slack: createSlackReceiver({ time, path }) };
}

export function hookUrl(who: keyof Receivers): string {
  return `https://${hosts[who].name}${path}`;
}

export function receiverEndpoints(receivers: Receivers): Readonly<Record<string, HttpEndpoint>> {
  const of = (who: keyof Receivers): readonly [string, HttpEndpoint] => [
    `${hosts[who].address}:443`,
    {
      handle: ({ method, url, headers, body = '' }) => {
        const { pathname, search } = new URL(url);
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
        const request: ReceiverRequest = { method, path: pathname + search, headers: lower, body };
        const reply = receivers[who].handle(request);
        return reply === 'Silence' ? SILENCE : reply;
      },
    },
  ];
  return Object.fromEntries([of('lead'), of('second'), of('slack')]);
}
