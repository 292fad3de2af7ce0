import assert from 'node:assert/strict';
import type { HttpRequest, HttpResponse } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { KubeErrorCode } from '../../src/kube/kube-error.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import type { WatchEvent } from '../../src/kube/client.ts';
import type { CallOutcome } from '../../src/kube/transport.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { hang, json, refuse, scripted, status, stream } from '../support/scripted-http.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { access, checkout, clientOn, noFiles, plan, planList, plans } from './support.ts';

const call = { deadlineMs: 10_000 };

async function failure(work: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof KubeError, String(error));
  return error;
}

describe('kube client', () => {
  it('keeps fields it does not know, and speaks as the user it impersonates', async () => {
    const time = createVirtualTime();
    const http = scripted(() => json(200, plan('checkout', '7', { spec: { later: { deep: [1, 2] } } })));
    const client = clientOn(http, time.machine()).withImpersonation('system:serviceaccount:payments:maestro-dr');
    const found = await time.settle(client.get(checkout, call));
    assert.deepEqual(found.spec, { later: { deep: [1, 2] } });
    assert.deepEqual(http.lines(), ['GET /apis/dr.maestro.io/v1alpha1/namespaces/payments/plans/checkout']);
    const { authorization, 'impersonate-user': user } = http.requests[0]?.headers ?? {};
    assert.deepEqual([authorization, user], ['Bearer secret', 'system:serviceaccount:payments:maestro-dr']);
  });

  it('builds the paths and bodies of each verb', async () => {
    const time = createVirtualTime();
    const http = scripted(
      () => json(200, planList('9', [{ metadata: { name: 'a', uid: 'u', resourceVersion: '1' } }], 'next')),
      () => json(201, plan('checkout', '1')),
      () => json(200, plan('checkout', '2')),
      () => json(200, { kind: 'Status', apiVersion: 'v1', status: 'Success' }),
      () =>
        json(200, {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'kube-system', uid: 'c', resourceVersion: '1' },
        }),
    );
    const client = clientOn(http, time.machine());
    const list = await client.list(plans, { labelSelector: 'a=b,c', limit: 2, continue: 'x y' }, call);
    assert.equal(list.continue, 'next');
    assert.equal(list.items[0]?.kind, 'Plan', 'items get the type that lists leave out');
    await client.create({ ...plans, namespace: 'payments' }, plan('checkout', ''), { ...call, dryRun: true });
    await client.patch(checkout, { status: { epoch: 1 } }, { ...call, type: 'merge', subresource: 'status' });
    await client.remove(checkout, { ...call, uid: 'u', propagationPolicy: 'Background' });
    await client.get({ group: '', version: 'v1', resource: 'namespaces', name: 'kube-system' }, call);
    assert.deepEqual(http.lines(), [
      'GET /apis/dr.maestro.io/v1alpha1/plans?labelSelector=a%3Db%2Cc&limit=2&continue=x%20y',
      'POST /apis/dr.maestro.io/v1alpha1/namespaces/payments/plans?dryRun=All',
      'PATCH /apis/dr.maestro.io/v1alpha1/namespaces/payments/plans/checkout/status',
      'DELETE /apis/dr.maestro.io/v1alpha1/namespaces/payments/plans/checkout',
      'GET /api/v1/namespaces/kube-system',
    ]);
    assert.equal(http.requests[2]?.headers['content-type'], 'application/merge-patch+json');
    assert.deepEqual(JSON.parse(http.requests[3]?.body ?? ''), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u' },
      propagationPolicy: 'Background',
    });
  });

  for (const name of ['', '..', 'a/b', 'a?b']) {
    it(`sends nothing for the name "${name}"`, async () => {
      const http = scripted();
      const client = clientOn(http, createVirtualTime().machine());
      await assert.rejects(async () => client.remove({ ...checkout, name }, call), { code: 'Invalid' });
      assert.equal(http.requests.length, 0);
    });
  }

  const meanings: readonly (readonly [number, string, KubeErrorCode, boolean])[] = [
    [400, 'BadRequest', 'Invalid', false],
    [401, 'Unauthorized', 'Unauthorized', false],
    [403, 'Forbidden', 'Forbidden', false],
    [404, 'NotFound', 'NotFound', false],
    [409, 'Conflict', 'Conflict', false],
    [409, 'AlreadyExists', 'AlreadyExists', false],
    [410, 'Expired', 'Gone', false],
    [422, 'Invalid', 'Invalid', false],
    [429, 'TooManyRequests', 'Throttled', false],
    [500, 'InternalError', 'Unavailable', true],
    [503, 'ServiceUnavailable', 'Unavailable', true],
    [504, 'Timeout', 'Timeout', true],
    [302, '', 'Malformed', false],
  ];
  for (const [code, reason, meaning, unknown] of meanings) {
    it(`takes ${String(code)} ${reason} of a patch for ${meaning}, and sends it once`, async () => {
      const http = scripted(() => status(code, reason));
      const error = await failure(
        clientOn(http, createVirtualTime().machine()).patch(checkout, {}, { ...call, type: 'merge' }),
      );
      assert.deepEqual([error.code, error.status, error.outcomeUnknown], [meaning, code, unknown]);
      assert.match(error.message, /patch .*plans\/checkout in cluster east: HTTP \d+/);
      assert.equal(http.requests.length, 1);
    });
  }

  it('says that a mutation without an answer may have happened, and a read not', async () => {
    const time = createVirtualTime();
    const client = clientOn(scripted(hang, refuse, refuse), time.machine());
    const late = await time.settle(failure(client.patch(checkout, {}, { ...call, type: 'merge' })));
    assert.deepEqual([late.code, late.outcomeUnknown, time.now()], ['Timeout', true, 10_000]);
    const refused = await time.settle(failure(client.create(plans, {}, call)));
    assert.deepEqual([refused.code, refused.outcomeUnknown], ['Unreachable', true]);
    const read = await time.settle(failure(client.get(checkout, call)));
    assert.deepEqual([read.code, read.outcomeUnknown], ['Unreachable', false]);
  });

  it('says that a mutation whose answer is cut may have happened', async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"apiVersion":');
      throw new PortError('Unreachable', 'reset');
    }
    const client = clientOn(
      scripted(() => ({ status: 200, headers: {}, body: cut() })),
      createVirtualTime().machine(),
    );
    const error = await failure(client.patch(checkout, {}, { ...call, type: 'merge' }));
    assert.deepEqual([error.code, error.outcomeUnknown], ['Unreachable', true]);
  });

  it('knows that a mutation which never got its turn was not sent', async () => {
    const time = createVirtualTime();
    const clock = time.machine();
    const http = scripted(hang, () => json(200, plan('checkout', '2')));
    const limiter = createLimiter(clock, { ratePerSecond: 100, burst: 10, maxInFlight: 1 });
    const client = clientOn(http, clock, { limiter });
    const first = failure(client.get(checkout, { deadlineMs: 10_000 }));
    const second = await time.settle(failure(client.patch(checkout, {}, { type: 'merge', deadlineMs: 1000 })));
    assert.deepEqual([second.code, second.outcomeUnknown, http.requests.length], ['Timeout', false, 1]);
    assert.equal((await time.settle(first)).code, 'Timeout');
    await time.settle(client.get(checkout, call));
    assert.equal(http.requests.length, 2, 'the abandoned patch is not sent later');
  });

  it('waits out a 429 for as long as Retry-After says, for reads only and within the deadline', async () => {
    const time = createVirtualTime();
    const busy = (): HttpResponse => status(429, 'TooManyRequests', { 'retry-after': '7' });
    const client = clientOn(
      scripted(busy, () => json(200, plan('checkout', '1')), busy, busy),
      time.machine(),
    );
    await time.settle(client.get(checkout, call));
    assert.equal(time.now(), 7000);
    const write = await time.settle(failure(client.create(plans, {}, call)));
    assert.deepEqual([write.code, write.retryAfterMs, time.now()], ['Throttled', 7000, 7000]);
    const hurried = await time.settle(failure(client.get(checkout, { deadlineMs: 5000 })));
    assert.deepEqual([hurried.code, hurried.retryAfterMs, time.now()], ['Throttled', 7000, 7000]);
  });

  it('reads a rotated token file again after a 401, once, even for a mutation', async () => {
    const time = createVirtualTime();
    const clock = time.machine();
    const tokens = ['old', 'new', 'new', 'new'];
    const files = { read: () => Promise.resolve(`${tokens.shift() ?? 'none left'}\n`) };
    const guarded = (request: HttpRequest): HttpResponse =>
      request.headers['authorization'] === 'Bearer new'
        ? json(200, plan('checkout', '2'))
        : status(401, 'Unauthorized');
    const http = scripted(guarded, guarded, guarded, () => status(401, 'Unauthorized'));
    const client = clientOn(http, clock, {
      ports: { clock, http, files },
      access: () => ({ server: 'https://east.example', tls: {}, tokenFile: '/token' }),
    });
    await client.patch(checkout, {}, { ...call, type: 'merge' });
    assert.equal(http.requests.length, 2);
    await client.get(checkout, call);
    assert.equal(http.requests.length, 3, 'the new token serves on');
    const error = await failure(client.get(checkout, call));
    assert.deepEqual([error.code, http.requests.length], ['Unauthorized', 4], 'the same token is not tried twice');
  });

  it('asks for rotated credentials after a 401 also where no file holds them', async () => {
    const clock = createVirtualTime().machine();
    const tokens = ['a', 'a', 'b', 'b'];
    const http = scripted(
      () => status(401, 'Unauthorized'),
      () => json(200, plan('checkout', '1')),
    );
    const rotated = clientOn(http, clock, { access: () => ({ ...access, token: tokens.shift() ?? 'b' }) });
    await rotated.get(checkout, call);
    assert.equal(http.requests[1]?.headers['authorization'], 'Bearer b');
  });

  it('reports each call for metrics, without its path', async () => {
    const clock = createVirtualTime().machine();
    const outcomes: CallOutcome[] = [];
    const http = scripted(
      () => json(200, plan('checkout', '1')),
      () => status(404, 'NotFound'),
    );
    const client = clientOn(http, clock, {
      ports: { clock, http, files: noFiles },
      onCall: (one) => outcomes.push(one),
    });
    await client.get(checkout, call);
    await failure(client.get(checkout, call));
    assert.deepEqual(outcomes, [
      { cluster: 'east', verb: 'get', code: 'OK', durationMs: 0 },
      { cluster: 'east', verb: 'get', code: 'NotFound', durationMs: 0 },
    ]);
  });

  it('refuses what is no API object instead of passing it on', async () => {
    const client = clientOn(
      scripted(
        () => json(200, { hello: 'world' }),
        () => json(200, planList('1', [{ spec: {} }])),
      ),
      createVirtualTime().machine(),
    );
    assert.equal((await failure(client.get(checkout, call))).code, 'Malformed');
    assert.equal((await failure(client.list(plans, {}, call))).code, 'Malformed');
  });
});

describe('kube watch', () => {
  const query = { resourceVersion: '5', timeoutSeconds: 300 };
  const bounds = { openMs: 30_000, silenceMs: 90_000 };

  async function collect(events: AsyncIterable<WatchEvent>): Promise<{ seen: string[]; error: unknown }> {
    const seen: string[] = [];
    try {
      for await (const event of events) {
        seen.push(
          event.type === 'BOOKMARK'
            ? `BOOKMARK ${event.resourceVersion}`
            : `${event.type} ${event.object.metadata.name}`,
        );
      }
    } catch (error) {
      return { seen, error };
    }
    return { seen, error: undefined };
  }

  function watching(feed: (opened: ReturnType<typeof stream>) => void) {
    const time = createVirtualTime();
    const opened: ReturnType<typeof stream>[] = [];
    const http = scripted((_request, signal) => {
      const one = stream(signal);
      opened.push(one);
      feed(one);
      return one.response;
    });
    const client = clientOn(http, time.machine());
    return { time, http, opened, result: collect(client.watch(plans, query, bounds)) };
  }

  it('takes events as they come, however the bytes are cut', async () => {
    const line = new TextEncoder().encode(`${JSON.stringify({ type: 'ADDED', object: plan('größe', '6') })}\n`);
    const { time, http, result } = watching((one) => {
      for (const byte of line) one.push(new Uint8Array([byte]));
      one.push(`\n${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } })}\n`);
      one.end();
    });
    assert.deepEqual(await time.settle(result), { seen: ['ADDED größe', 'BOOKMARK 8'], error: undefined });
    assert.deepEqual(http.lines(), [
      'GET /apis/dr.maestro.io/v1alpha1/plans?watch=true&resourceVersion=5&timeoutSeconds=300&allowWatchBookmarks=true',
    ]);
  });

  it('gives up a half line when the connection resets, and when it just ends', async () => {
    for (const finish of [
      (one: ReturnType<typeof stream>) => one.break(new PortError('Unreachable', 'reset')),
      (one: ReturnType<typeof stream>) => one.end(),
    ]) {
      const { time, result } = watching((one) => {
        one.event('ADDED', plan('a', '6'));
        one.push('{"type":"MODIFIED","object":{"metadata":{"na');
        finish(one);
      });
      const { seen, error } = await time.settle(result);
      assert.deepEqual(seen, ['ADDED a']);
      assert.ok(error instanceof KubeError);
      assert.equal(error.code, 'Unreachable');
    }
  });

  it('tells a 410 within the stream from one by HTTP by nothing but its status', async () => {
    const { time, result } = watching((one) =>
      one.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }),
    );
    const { error } = await time.settle(result);
    assert.ok(error instanceof KubeError);
    assert.deepEqual([error.code, error.status], ['Gone', 410]);
    const { seen } = await collect(
      clientOn(
        scripted(() => status(410, 'Expired')),
        createVirtualTime().machine(),
      ).watch(plans, query, bounds),
    );
    assert.deepEqual(seen, []);
  });

  it('closes a watch that fell silent, and one whose reader leaves', async () => {
    const { time, opened, result } = watching((one) => one.event('ADDED', plan('a', '6')));
    const { error } = await time.settle(result);
    assert.ok(error instanceof KubeError);
    assert.deepEqual([error.code, time.now(), opened[0]?.closed()], ['Timeout', 90_000, true]);

    const left = createVirtualTime();
    const streams: ReturnType<typeof stream>[] = [];
    const http = scripted((_request, signal) => {
      const one = stream(signal);
      streams.push(one);
      one.event('ADDED', plan('a', '6'));
      return one.response;
    });
    for await (const event of clientOn(http, left.machine()).watch(plans, query, bounds)) {
      assert.equal(event.type, 'ADDED');
      break;
    }
    assert.equal(streams[0]?.closed(), true);
  });
});
