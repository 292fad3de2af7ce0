import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { webhookBody } from '../../../../src/drivers/notifiers/webhook/payload.ts';
import { signedHeaders, signingKey } from '../../../../src/drivers/notifiers/webhook/signature.ts';
import { createSignedReceiver } from '../../../../src/sandbox/models/receivers/index.ts';
import { bench, HMAC_KEY, hostTime, notifierSuite, PATH, type NotifierCase } from '../../../contract/notifier-suite.ts';
import { overHttps, overModel } from '../../../contract/notifier-world.ts';
import { aMessage, next } from '../../../view/support.ts';

const webhook: NotifierCase = {
  kind: 'webhook',
  channel: { kind: 'webhook', secretRef: { name: 'dr-hook' } },
  secret: { hmacKey: HMAC_KEY },
  receiver: () => createSignedReceiver({ time: hostTime, path: PATH, hmacKey: HMAC_KEY }),
};

notifierSuite(overModel, webhook);
notifierSuite(overHttps, webhook);

describe('notifiers by webhook', () => {
  const b = bench(overModel, webhook);

  it('a receiver with another key takes nothing', async () => {
    b.secret.hmacKey = `${HMAC_KEY}, and another`;
    assert.deepEqual(await b.send(), { kind: 'Refused', why: 'HTTP 401' });
    assert.deepEqual(b.receiver.refused, ['the signature is wrong']);
  });

  it('the same message twice is taken once', async () => {
    assert.deepEqual([await b.send(), await b.send()], [{ kind: 'Delivered' }, { kind: 'Delivered' }]);
    assert.equal(b.receiver.taken.length, 1);
  });

  it('what is recorded on the way and sent again later is refused', async () => {
    await b.send();
    const [request] = b.front.sent;
    assert.ok(request?.body !== undefined);
    const late = createSignedReceiver({
      time: { ...hostTime, now: () => Date.now() + 301_000 },
      path: PATH,
      hmacKey: HMAC_KEY,
    });
    const { method, body, headers } = request;
    const reply = late.handle({ method, path: PATH, headers, body });
    assert.ok(reply !== 'Silence');
    assert.equal(reply.status, 401);
    assert.deepEqual(late.refused, ['the timestamp is too old']);
    const changed = { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 300) };
    late.handle({ method, path: PATH, headers: changed, body });
    assert.equal(late.refused[1], 'the signature is wrong', 'the time is under the signature');
  });

  it('a key that is missing or too short to be one is named, and nothing is sent', async () => {
    for (const [key, why] of [
      ['', 'Secret dr-hook has no hmacKey'],
      ['short', 'hmacKey in Secret dr-hook is shorter than 24 bytes, or whsec_ without base64'],
      ['whsec_not base64 at all', 'hmacKey in Secret dr-hook is shorter than 24 bytes, or whsec_ without base64'],
    ] as const) {
      b.secret.hmacKey = key;
      assert.deepEqual(await b.send(), { kind: 'Refused', why });
    }
    assert.deepEqual(b.front.sent, []);
  });

  it('the key after whsec_ is base64, any other text is itself', () => {
    const bytes = Buffer.from('0123456789abcdef0123456789abcdef');
    assert.deepEqual(Buffer.from(signingKey(`whsec_${bytes.toString('base64')}`) ?? []), bytes);
    assert.deepEqual(Buffer.from(signingKey(HMAC_KEY) ?? []), Buffer.from(HMAC_KEY));
    assert.equal(signingKey(`whsec_${Buffer.from('short').toString('base64')}`), undefined);
  });

  it('signs as Node’s own HMAC does, over what is not ASCII too', () => {
    const key = Buffer.from(HMAC_KEY);
    const body = '{"what":"übernahme"}';
    const headers = signedHeaders(key, 'msg_1', 1_700_000_000_999, body);
    const mac = createHmac('sha256', key).update(`msg_1.1700000000.${body}`).digest('base64');
    assert.deepEqual(headers, {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${mac}`,
    });
  });

  it('its body has the documented form', () => {
    const { text, plan, run, steps, ...rest } = JSON.parse(webhookBody(aMessage())) as Readonly<
      Record<string, unknown>
    >;
    assert.match(String(text), /^BLOCKED: /);
    assert.deepEqual(rest, {
      version: 1,
      id: aMessage().id,
      kind: 'RunBlocked',
      severity: 'Critical',
      title: 'BLOCKED: failover of payments/checkout, us-east-1 -> us-west-2: ApprovalRequired',
      reason: 'ApprovalRequired',
      what: 'Forced failover of payments/checkout from us-east-1 to us-west-2 waits for a person.',
      at: '2030-01-01T00:00:35.000Z',
      since: '2030-01-01T00:00:30.000Z',
      repeat: 0,
      contact: { role: 'DR Lead', name: 'Ana' },
    });
    assert.deepEqual(plan, {
      namespace: 'payments',
      name: 'checkout',
      identity: 'payments/checkout',
      activeRegion: 'us-east-1',
      wanted: 'us-east-1',
      enforcement: 'Act',
      rtoSeconds: 600,
      rpoSeconds: 30,
      weaker: ['orders: not fenced are postgres'],
    });
    assert.deepEqual(run, {
      name: 'checkout-7',
      epoch: 7,
      type: 'Failover',
      phase: 'Activation',
      from: 'us-east-1',
      to: 'us-west-2',
      mode: 'Forced',
      rtoLeftSeconds: 565,
      loss: [{ database: 'orders', grade: 'NotYet', words: 'not promoted' }],
      fence: [{ database: 'orders', region: 'us-east-1', state: 'Open', words: 'not fenced yet' }],
    });
    assert.deepEqual(steps, [
      {
        step: 'approve',
        state: 'Waiting',
        reason: 'ApprovalRequired',
        what: 'Forced failover of payments/checkout from us-east-1 to us-west-2 waits for a person.',
        since: '2030-01-01T00:00:30.000Z',
        evidence: ['orders@us-east-1: Unreachable'],
        next,
      },
    ]);
  });
});
