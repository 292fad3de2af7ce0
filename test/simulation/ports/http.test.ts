import assert from 'node:assert/strict';
import type { HttpRequest } from '../../../src/ports/http.ts';
import type { Cut, Fault, Kernel } from '../kernel/index.ts';
import { hash32, SILENCE } from '../kernel/index.ts';
import type { HttpEndpoint, World } from './index.ts';
import { deadline, forever, get, observe, steady, text } from './support.ts';
import type { Observed } from './support.ts';

const answering = (body: string, where: Partial<HttpEndpoint> = {}): HttpEndpoint => ({
  handle: ({ method, url }) => ({
    status: 200,
    headers: { 'X-Seen': method },
    body: `${body} ${new URL(url).pathname}`,
  }),
  ...where,
});

describe('simulated Http', () => {
  it('reaches whoever answers at the host and port, at the pinned address, or at what the resolver says', async () => {
    const world: World = {
      http: {
        'east.example:443': answering('east'),
        'plain.example:80': answering('plain'),
        '10.0.0.1:8443': answering('pinned'),
        '10.0.0.2:443': answering('resolved'),
        '[2001:db8::1]:443': answering('six'),
      },
      resolve: (host) => (host === 'front.example' ? ['10.0.0.2', '10.0.0.1'] : undefined),
    };
    const { seen } = await observe(world, async ({ http }, tell) => {
      for (const request of [
        get('https://east.example/a'),
        get('http://plain.example/b'),
        get('https://east.example:8443/c', { address: '10.0.0.1' }),
        get('https://front.example/d'),
        get('https://any.example/e', { address: '2001:db8::1' }),
        get('https://nobody.example/f'),
      ]) {
        await http.send(request, forever()).then(async (response) => tell(await text(response)), tell);
      }
    });
    assert.deepEqual(seen, [
      '200 east /a @20',
      '200 plain /b @40',
      '200 pinned /c @60',
      '200 resolved /d @80',
      '200 six /e @100',
      'Unreachable: GET nobody.example: connection refused (ECONNREFUSED) @120',
    ]);
  });

  it('gives headers in lower case, and takes each endpoint’s latency', async () => {
    const world: World = { http: { 'far.example:443': answering('far', { latency: { thereMs: 100 } }) } };
    const { seen } = await observe(world, async ({ http }, tell) => {
      tell((await http.send(get('https://far.example/'), forever())).headers);
    });
    assert.deepEqual(seen, ['{"x-seen":"GET"} @110']);
  });

  it('ends with its signal, while the request takes effect', async () => {
    const arrived: string[] = [];
    const world: World = {
      http: {
        'slow.example:443': {
          handle: ({ method }) => {
            arrived.push(method);
            return SILENCE;
          },
        },
      },
    };
    const { seen, why } = await observe(world, async ({ http }, tell, process) => {
      await http.send(get('https://slow.example/', { method: 'PUT' }), deadline(process, 5)).catch(tell);
      await http.send(get('https://slow.example/', { method: 'POST' }), AbortSignal.abort()).catch(tell);
    });
    assert.equal(why, 'finished');
    assert.deepEqual(seen, ['Timeout: PUT slow.example: cancelled @5', 'Timeout: POST slow.example: cancelled @5']);
    assert.deepEqual(arrived, ['PUT']);
  });

  it('calls mutating what the endpoint says, or else every method but the reading ones', async () => {
    const world: World = {
      http: {
        'a.example:443': answering('a'),
        'b.example:443': answering('b', { mutates: ({ url }) => url.endsWith('/w') }),
      },
    };
    const { kernel } = await observe(world, async ({ http }) => {
      for (const method of ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']) {
        await http.send(get('https://a.example/x', { method, label: 'a' }), forever());
      }
      await http.send(get('https://b.example/r', { method: 'POST', label: 'b' }), forever());
      await http.send(get('https://b.example/w', { method: 'POST', body: '{"a":1}', label: 'b' }), forever());
    });
    assert.deepEqual(
      kernel.mutations().map(({ label, occurrence, detail }) => `${label} ${String(occurrence)} ${detail}`),
      [
        'a 3 POST /x',
        'a 4 PATCH /x',
        'a 5 DELETE /x',
        `b 2 POST /w #${hash32('{"a":1}').toString(16).padStart(8, '0')}`,
      ],
    );
    assert.deepEqual(kernel.callCounts(), { a: 5, b: 2 });
  });

  it('is answered by faults with a status or a port’s error', async () => {
    const ask = async (fault: Fault): Promise<readonly string[]> => {
      const { seen } = await observe(
        { http: { 'a.example:443': answering('a') } },
        async ({ http }, tell) => {
          await http
            .send(get('https://a.example/'), forever())
            .then(async (response) => tell(await text(response)), tell);
        },
        { faults: [fault] },
      );
      return seen;
    };
    assert.deepEqual(await ask({ do: 'error', error: { status: 503, body: 'busy' } }), ['503 busy @20']);
    assert.deepEqual(await ask({ do: 'error', error: { why: 'Malformed', message: 'no HTTP' } }), [
      'Malformed: GET a.example: no HTTP @20',
    ]);
    await assert.rejects(ask({ do: 'error', error: { sqlState: '57014' } }), /cannot be answered by/);
  });
});

describe('simulated Http: bodies that go on', () => {
  interface Feed {
    readonly endpoint: HttpEndpoint;
    /** Virtual ms at which the server learned that its reader is gone. */
    readonly cancelled: number[];
  }
  /** Emits a at once, b twice at 30 after the request's arrival, c at 60, and ends at 100. */
  const feed = (kernel: () => Kernel): Feed => {
    const cancelled: number[] = [];
    const handle = (_request: HttpRequest): ReturnType<HttpEndpoint['handle']> => ({
      status: 200,
      stream: (emit, end) => {
        emit('a1 ');
        emit('a2 ');
        const { time } = kernel();
        time.after(30, () => emit('b1 '));
        time.after(30, () => emit('b2 '));
        time.after(60, () => emit('c '));
        time.after(100, end);
        return () => void cancelled.push(kernel().now());
      },
    });
    return { endpoint: { handle, region: 'east' }, cancelled };
  };
  const watch = async (
    options: {
      readonly faults?: readonly Fault[];
      readonly cuts?: readonly Cut[];
      readonly abortAt?: number;
      readonly stopAfter?: number;
      readonly jitterMs?: number;
      readonly seed?: number;
    } = {},
    prepare?: (kernel: Kernel) => void,
  ): Promise<Observed & { readonly cancelled: readonly number[] }> => {
    let made: Kernel | undefined;
    const { endpoint, cancelled } = feed(() => {
      assert.ok(made !== undefined);
      return made;
    });
    const observed = await observe(
      { http: { 'east.example:443': endpoint }, latency: { ...steady, jitterMs: options.jitterMs ?? 0 } },
      async ({ http }, tell, process, kernel) => {
        made = kernel;
        const signal = options.abortAt === undefined ? forever() : deadline(process, options.abortAt);
        try {
          const { status, body } = await http.send(get('https://east.example/watch'), signal);
          tell(status);
          let chunks = 0;
          for await (const chunk of body) {
            tell(new TextDecoder().decode(chunk));
            chunks += 1;
            if (chunks === options.stopAfter) break;
          }
          tell('end');
        } catch (error) {
          tell(error);
        }
      },
      { faults: options.faults ?? [], cuts: options.cuts ?? [], seed: options.seed ?? 1 },
      prepare,
    );
    return { ...observed, cancelled };
  };

  it('arrive in order, after the head, what was sent at one instant together', async () => {
    const { seen, cancelled, why } = await watch();
    assert.deepEqual(seen, ['200 @20', 'a1 a2  @20', 'b1 b2  @50', 'c  @80', 'end @120']);
    assert.deepEqual(cancelled, [], 'the server ended it itself');
    assert.equal(why, 'finished');
  });

  it('end with the signal, which the server learns later', async () => {
    const { seen, cancelled } = await watch({ abortAt: 55 });
    assert.deepEqual(seen, ['200 @20', 'a1 a2  @20', 'b1 b2  @50', 'Timeout: GET east.example: cancelled @55']);
    assert.deepEqual(cancelled, [65]);
  });

  it('are closed by a reader that stops', async () => {
    const { seen, cancelled } = await watch({ stopAfter: 1 });
    assert.deepEqual(seen, ['200 @20', 'a1 a2  @20', 'end @20']);
    assert.deepEqual(cancelled, [30]);
  });

  it('are closed by the death of their process, even before the head came', async () => {
    const late = await watch({}, (kernel) => void kernel.at(55, 'power cut', () => kernel.kill('operator')));
    assert.deepEqual(late.seen, ['200 @20', 'a1 a2  @20', 'b1 b2  @50']);
    assert.deepEqual(late.cancelled, [65]);
    const early = await watch({}, (kernel) => void kernel.at(5, 'power cut', () => kernel.kill('operator')));
    assert.deepEqual(early.seen, []);
    assert.deepEqual(early.cancelled, [20]);
  });

  it('fall silent for ever when a cut begins, also once it has healed, and the server learns nothing', async () => {
    const { seen, cancelled, why } = await watch({
      cuts: [{ match: { region: 'east' }, how: 'hang', from: 35, to: 36 }],
    });
    assert.deepEqual(seen, ['200 @20', 'a1 a2  @20']);
    assert.deepEqual(cancelled, []);
    assert.equal(why, 'stuck');
  });

  it('break when a cut begins that refuses', async () => {
    const { seen } = await watch({ cuts: [{ match: { region: 'east' }, how: 'refuse', from: 35 }] });
    assert.deepEqual(seen, [
      '200 @20',
      'a1 a2  @20',
      'Unreachable: GET east.example: the connection broke (ECONNRESET) @35',
    ]);
  });

  it('follow a head that is late', async () => {
    const { seen, kernel } = await watch({ faults: [{ do: 'delay', leg: 'reply', ms: 45 }] });
    const replies = kernel.trace
      .filter(({ kind }) => kind === 'reply')
      .map(({ t, detail }) => `${detail.slice(0, 3)}@${String(t)}`);
    assert.deepEqual(replies.slice(0, 2), ['200@65', '… #@65']);
    assert.deepEqual(seen, ['200 @65', 'a1 a2  @65', 'b1 b2  @65', 'c  @80', 'end @120']);
  });

  it('never overtake each other, however long each takes', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { seen } = await watch({ jitterMs: 100, seed });
      const told = seen.map((what) => what.split(' @')[0]).join('');
      assert.equal(told, '200a1 a2 b1 b2 c end');
    }
  });

  it('go on where only requests are lost', async () => {
    const { seen } = await watch({ cuts: [{ match: { region: 'east' }, how: 'hang', lose: 'requests', from: 35 }] });
    assert.equal(seen.at(-1), 'end @120');
  });

  it('never begin where the head was lost', async () => {
    const { seen, why, kernel } = await watch({ faults: [{ do: 'drop-reply' }] });
    assert.deepEqual(seen, []);
    assert.deepEqual(
      kernel.trace.filter(({ kind }) => kind === 'reply'),
      [],
    );
    assert.equal(why, 'stuck');
  });

  it('wait for a process that stands still', async () => {
    const { seen } = await watch({}, (kernel) => void kernel.at(25, 'it stops', () => kernel.suspend('operator', 65)));
    assert.deepEqual(seen, ['200 @20', 'a1 a2  @20', 'b1 b2  @90', 'c  @90', 'end @120']);
  });
});
