import assert from 'node:assert/strict';
import type { Channel } from '../../src/api/plan.ts';
import type { Delivery, Notifier, NotifierOptions } from '../../src/drivers/notifiers/driver.ts';
import { createNotifier } from '../../src/drivers/notifiers/index.ts';
import type { Dns } from '../../src/ports/dns.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { Receiver } from '../../src/sandbox/models/receivers/index.ts';
import type { ModelTime } from '../../src/sandbox/models/time.ts';
import { createClock } from '../../src/system/clock.ts';
import type { Message } from '../../src/view/message.ts';
import { aMessage, everyMessage } from '../view/support.ts';
import { ran } from './matrix.ts';
import { HOST, type Front, type NotifierSubject } from './notifier-world.ts';

export const hostTime: ModelTime = { now: () => Date.now(), after: () => () => undefined };

/** The part of a URL that whoever knows it may write with: it must not be seen anywhere. */
const TOKEN = 'T0KEN-3c1f-s3cret';
export const PATH = `/services/${TOKEN}`;
export const HMAC_KEY = 'a key that is at least 24 bytes long';

/** One driver, and a receiver that understands it. */
export interface NotifierCase {
  readonly kind: Channel['kind'];
  readonly channel: Channel;
  /** What the Secret holds beside the URL. */
  readonly secret: Readonly<Record<string, string>>;
  readonly receiver: () => Receiver<unknown>;
}

export interface Bench {
  readonly receiver: Receiver<unknown>;
  readonly front: Front;
  readonly secret: Record<string, string>;
  notifier(options?: Partial<NotifierOptions>): Notifier;
  send(message?: Message, options?: Partial<NotifierOptions>): Promise<Delivery>;
}

/** The contract of a notifier: one attempt, one answer, no redirect, no secret in what it says. */
export function notifierSuite(subject: NotifierSubject, given: NotifierCase): void {
  describe(`notifiers by ${given.kind}, over ${subject.name}`, () => {
    const b = bench(subject, given);
    deliveries(b);
    answers(b);
    reach(b);
    secrets(b, given);
  });
}

export function bench(subject: NotifierSubject, given: NotifierCase): Bench {
  let receiver = given.receiver();
  let front: Front | undefined;
  const secret: Record<string, string> = {};
  const current = (): Front => {
    assert.ok(front !== undefined, 'the receiver has not been started');
    return front;
  };
  beforeEach(async () => {
    receiver = given.receiver();
    front = await subject.open({ handle: (request) => receiver.handle(request) });
    for (const key of Object.keys(secret)) Reflect.deleteProperty(secret, key);
    const { ca, origin } = front;
    Object.assign(secret, { url: `${origin}${PATH}`, ...given.secret, ...(ca === undefined ? {} : { 'ca.crt': ca }) });
  });
  afterEach(async function closed() {
    await front?.close();
    if (this.currentTest?.state === 'passed') ran('notifiers', given.kind, subject.against);
  });
  const dns: Dns = {
    query: async () => Promise.reject(new PortError('Unreachable', 'notifiers ask no name server')),
    resolve: async (host) => {
      if (/^[\d.]+$|:/.test(host)) return [host];
      if (host === HOST) return [current().address];
      throw new PortError('Unreachable', `the host name ${host} was not found`);
    },
  };
  const notifier = (options: Partial<NotifierOptions> = {}): Notifier =>
    createNotifier({
      http: current().http,
      dns,
      clock: createClock(),
      secrets: async (namespace, name) => {
        assert.equal(`${namespace}/${name}`, 'payments/dr-hook');
        return await Promise.resolve({ ...secret });
      },
      sendMs: 30_000,
      allow: (address) => address === current().address,
      allowPlainHttp: false,
      ...options,
    });
  return {
    get receiver() {
      return receiver;
    },
    get front() {
      return current();
    },
    secret,
    notifier,
    send: async (message = aMessage(), options = {}) =>
      await notifier(options).send('payments', given.channel, message, new AbortController().signal),
  };
}

function deliveries(b: Bench): void {
  describe('a message', () => {
    it('of every kind is taken by a receiver that is particular', async () => {
      for (const message of everyMessage()) {
        assert.deepEqual(await b.send(message), { kind: 'Delivered' }, message.kind);
      }
      assert.equal(b.receiver.taken.length, everyMessage().length);
      assert.deepEqual(b.receiver.refused, []);
    });

    it('holds plan, from, to, mode, reason, step, command, what is left of the RTO, loss, fence and time', async () => {
      const message = aMessage();
      await b.send(message);
      const text = JSON.stringify(b.receiver.taken[0]?.message).replaceAll('\\"', '"');
      const wanted = ['payments/checkout', 'us-east-1', 'us-west-2', 'Forced', 'ApprovalRequired', 'approve'];
      for (const word of [...wanted, 'kubectl patch', 'not promoted', 'not fenced', '2030-01-01']) {
        assert.ok(text.includes(word), `${word} in ${text}`);
      }
      assert.match(text, /9m25s left/);
      assert.match(text, /Weaker than the safe defaults: orders: not fenced are postgres/);
    });

    it('is sent once: whoever calls decides whether it is tried again', async () => {
      b.receiver.behave({ do: 'Fail', status: 500 });
      await b.send();
      assert.equal(b.front.sent.length, 1);
    });
  });
}

function answers(b: Bench): void {
  describe('what an answer means', () => {
    it('5xx, 408, 425 and 429: again', async () => {
      for (const status of [500, 502, 503, 504, 408, 425, 429]) {
        b.receiver.behave({ do: 'Fail', status });
        assert.deepEqual(await b.send(), { kind: 'Again', why: `HTTP ${String(status)}` });
      }
    });

    it('Retry-After says not before when', async () => {
      b.receiver.behave({ do: 'Fail', status: 429, retryAfter: '30' });
      assert.deepEqual(await b.send(), { kind: 'Again', why: 'HTTP 429', afterMs: 30_000 });
      b.receiver.behave({ do: 'Fail', status: 503, retryAfter: new Date(Date.now() + 90_000).toUTCString() });
      const delivery = await b.send();
      assert.ok(delivery.kind === 'Again' && delivery.afterMs !== undefined);
      assert.ok(delivery.afterMs > 80_000 && delivery.afterMs <= 90_000, String(delivery.afterMs));
      b.receiver.behave({ do: 'Fail', status: 429, retryAfter: 'soon' });
      assert.deepEqual(await b.send(), { kind: 'Again', why: 'HTTP 429' });
    });

    it('any other 4xx: refused, with the status', async () => {
      for (const status of [400, 401, 403, 404, 410]) {
        b.receiver.behave({ do: 'Fail', status });
        assert.deepEqual(await b.send(), { kind: 'Refused', why: `HTTP ${String(status)}` });
      }
    });

    it('a redirect is not followed: it could lead the secret anywhere', async () => {
      b.receiver.behave({ do: 'Fail', status: 307 });
      assert.deepEqual(await b.send(), { kind: 'Refused', why: 'HTTP 307: redirects are not followed' });
      assert.equal(b.front.sent.length, 1);
    });

    it('silence ends with the deadline, and is tried again', async () => {
      b.receiver.behave({ do: 'Hang' });
      assert.deepEqual(await b.send(aMessage(), { sendMs: 200 }), { kind: 'Again', why: 'it did not answer in time' });
    });

    it('a receiver that is gone is tried again', async () => {
      await b.front.close();
      const gone = b.front.address === '127.0.0.1' ? b.front.address : '203.0.113.99';
      const dns = { query: async () => Promise.reject(new Error('not asked')), resolve: async () => [gone] };
      const delivery = await b.send(aMessage(), { dns, allow: () => true });
      assert.deepEqual(delivery, { kind: 'Again', why: 'it cannot be reached (ECONNREFUSED)' });
    });
  });
}

function reach(b: Bench): void {
  describe('where it goes', () => {
    it('to the address that was judged, under the name of the URL', async () => {
      await b.send();
      assert.equal(b.front.sent[0]?.address, b.front.address);
    });

    it('guarded addresses are refused unless the configuration allows them', async () => {
      for (const [address, kind] of [
        ['127.0.0.1', 'loopback'],
        ['169.254.169.254', 'link-local'],
        ['::ffff:127.0.0.1', 'loopback'],
        ['fd00:ec2::254', 'metadata service'],
      ] as const) {
        const dns = { query: async () => Promise.reject(new Error('not asked')), resolve: async () => [address] };
        const delivery = await b.send(aMessage(), { dns, allow: () => false });
        assert.match(
          delivery.kind === 'Refused' ? delivery.why : '',
          new RegExp(`is a ${kind} address, which is not`),
          address,
        );
      }
      assert.deepEqual(b.front.sent, []);
    });

    it('an API server is guarded too', async () => {
      const apiServerAddresses = (): readonly string[] => [b.front.address];
      const delivery = await b.send(aMessage(), { allow: () => false, apiServerAddresses });
      assert.match(delivery.kind === 'Refused' ? delivery.why : '', /is an API server's address/);
    });

    it('http is refused, unless everything is on one machine', async () => {
      b.secret.url = `http://${HOST}${PATH}`;
      const delivery = await b.send();
      assert.match(delivery.kind === 'Refused' ? delivery.why : '', /use https/);
      assert.deepEqual(b.front.sent, []);
      await b.send(aMessage(), { allowPlainHttp: true, sendMs: 500 });
      assert.equal(b.front.sent.length, 1);
    });
  });
}

function secrets(b: Bench, given: NotifierCase): void {
  describe('its Secret', () => {
    it('without the URL, or with what is none, is named', async () => {
      b.secret.url = '';
      assert.deepEqual(await b.send(), { kind: 'Refused', why: 'Secret dr-hook has no url' });
      for (const url of ['hooks', 'ftp://x/', 'https://']) {
        b.secret.url = url;
        assert.deepEqual(await b.send(), { kind: 'Refused', why: 'the Secret holds no http or https URL' });
      }
    });

    it('that cannot be read is tried again', async () => {
      const unread = async (): Promise<never> => Promise.reject(new Error('secrets "dr-hook" not found'));
      const delivery = await b.send(aMessage(), { secrets: unread });
      assert.deepEqual(delivery, {
        kind: 'Again',
        why: 'Secret dr-hook cannot be read: secrets "dr-hook" not found',
      });
    });

    it('is never quoted, nor the host of its URL, whatever happens', async () => {
      const said: Delivery[] = [];
      const note = async (options: Partial<NotifierOptions> = {}): Promise<void> => {
        said.push(await b.send(aMessage(), { sendMs: 300, ...options }));
      };
      for (const status of [400, 404, 429, 500, 302]) {
        b.receiver.behave({ do: 'Fail', status });
        await note();
      }
      b.receiver.behave({ do: 'Hang' });
      await note();
      await note({ allow: () => false, apiServerAddresses: () => [b.front.address] });
      b.secret.url = `https://nowhere.${TOKEN}.example.com/`;
      await note();
      b.secret.url = `http://${TOKEN}/`;
      await note();
      b.secret.url = TOKEN;
      await note();
      const all = [...Object.values(given.secret), TOKEN, HOST];
      assert.equal(said.length, 10);
      for (const secret of all) {
        assert.ok(!JSON.stringify(said).includes(secret), `${secret} in ${JSON.stringify(said)}`);
      }
    });
  });
}
