import assert from 'node:assert/strict';
import type { HttpResponse } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { JsonRecord } from '../../src/kube/json.ts';
import type { Reflector, ReflectorOptions } from '../../src/kube/reflector.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createRecordingLog } from '../support/recording-log.ts';
import type { Answer, ScriptedHttp, Stream } from '../support/scripted-http.ts';
import { answering, hang, json, refuse, scripted, status, stream } from '../support/scripted-http.ts';
import type { VirtualTime } from '../support/virtual-clock.ts';
import { createSeededRandom, createVirtualTime } from '../support/virtual-clock.ts';
import { clientOn, plan, planList, plans } from './support.ts';

interface Fixture {
  readonly time: VirtualTime;
  readonly http: ScriptedHttp;
  readonly reflector: Reflector;
  /** What handlers were told: `add payments/a@1`. */
  readonly changes: string[];
  readonly watches: Stream[];
  readonly log: ReturnType<typeof createRecordingLog>;
  readonly stop: () => Promise<void>;
}

/** The place in the script where a watch is opened. */
const watch = 'watch';
type Script = readonly (Answer | typeof watch)[];

function reflecting(script: Script, options: Partial<ReflectorOptions> = {}): Fixture {
  const time = createVirtualTime();
  const clock = time.machine();
  const watches: Stream[] = [];
  const open: Answer = (_request, signal) => {
    const one = stream(signal);
    watches.push(one);
    return one.response;
  };
  const http = scripted(...script.map((answer) => (answer === watch ? open : answer)));
  const changes: string[] = [];
  const log = createRecordingLog();
  const reflector = createReflector({
    client: clientOn(http, clock),
    clock,
    random: createSeededRandom(1),
    log,
    collection: plans,
    ...options,
  });
  reflector.subscribe(({ type, key, object }) => changes.push(`${type} ${key}@${object.metadata.resourceVersion}`));
  const ending = new AbortController();
  const running = reflector.run(ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort(new Error('the test is over'));
    await time.settle(running);
  };
  return { time, http, reflector, changes, watches, log, stop };
}

const listed =
  (version: string, ...items: readonly JsonRecord[]): Answer =>
  () =>
    json(200, planList(version, items));

const gone = (): HttpResponse => status(410, 'Expired');

describe('reflector', () => {
  it('lists in pages, watches from there, and tells what changes', async () => {
    const paged: Answer[] = [
      () => json(200, planList('10', [plan('a', '1')], 'more')),
      () => json(200, planList('10', [plan('b', '2')])),
    ];
    const { time, http, reflector, changes, watches, stop } = reflecting([...paged, watch], { pageSize: 1 });
    await time.until(() => watches.length === 1);
    assert.equal(reflector.synced(), true);
    watches[0]?.event('MODIFIED', plan('a', '11'));
    watches[0]?.event('ADDED', plan('c', '12'));
    watches[0]?.event('DELETED', plan('b', '13'));
    await time.until(() => changes.length === 5);
    assert.deepEqual(changes, [
      'add payments/a@1',
      'add payments/b@2',
      'update payments/a@11',
      'add payments/c@12',
      'delete payments/b@13',
    ]);
    assert.equal(reflector.cache.get('payments/a')?.metadata.resourceVersion, '11');
    assert.equal(reflector.cache.size(), 2);
    assert.match(http.lines()[1] ?? '', /plans\?limit=1&continue=more$/);
    assert.match(http.lines()[2] ?? '', /watch=true&resourceVersion=10&/);
    await stop();
  });

  it('goes on after an orderly end from the last bookmark, without a list', async () => {
    const { time, http, watches, changes, stop } = reflecting([listed('10', plan('a', '1')), watch, watch]);
    await time.until(() => watches.length === 1);
    watches[0]?.event('BOOKMARK', { metadata: { resourceVersion: '55' } });
    watches[0]?.end();
    await time.until(() => watches.length === 2);
    assert.match(http.lines()[2] ?? '', /resourceVersion=55&/);
    assert.deepEqual([time.now(), changes], [0, ['add payments/a@1']]);
    await stop();
  });

  const interruptions: readonly (readonly [string, (one: Stream) => void])[] = [
    [
      '410 in the stream',
      (one) => one.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }),
    ],
    ['500 in the stream', (one) => one.event('ERROR', { kind: 'Status', code: 500, message: 'etcd leader changed' })],
    [
      'a reset in the middle of a line',
      (one) => {
        one.push('{"type":"ADD');
        one.break(new PortError('Unreachable', 'reset'));
      },
    ],
    [
      'an end in the middle of a line',
      (one) => {
        one.push('{"type":"ADD');
        one.end();
      },
    ],
    ['something that is not JSON', (one) => one.push('<html>\n')],
    ['silence', () => undefined],
  ];
  for (const [name, interrupt] of interruptions) {
    it(`lists again after ${name}, and finds what was deleted and made anew meanwhile`, async () => {
      const anew = plan('c', '22', {
        metadata: { name: 'c', namespace: 'payments', uid: 'another', resourceVersion: '22' },
      });
      const script: Script = [
        listed('10', plan('a', '1'), plan('b', '2'), plan('c', '3')),
        watch,
        listed('20', plan('b', '21'), anew),
        watch,
      ];
      const { time, changes, watches, reflector, stop } = reflecting(script);
      await time.until(() => watches.length === 1);
      if (watches[0] !== undefined) interrupt(watches[0]);
      await time.until(() => watches.length === 2, 100_000);
      assert.deepEqual(changes.slice(3), [
        'delete payments/a@1',
        'update payments/b@21',
        'delete payments/c@3',
        'add payments/c@22',
      ]);
      assert.deepEqual([watches[0]?.closed(), reflector.trouble()], [true, undefined]);
      await stop();
    });
  }

  it('lists again after a 410 by HTTP, a refused connection, a 401 and a 503', async () => {
    const refusals = [gone, refuse, () => status(401, 'Unauthorized'), () => status(503, 'ServiceUnavailable')];
    for (const refusal of refusals) {
      const { time, watches, http, stop } = reflecting([listed('10'), refusal, listed('20'), watch]);
      await time.until(() => watches.length === 1, 1000);
      assert.match(http.lines()[3] ?? '', /resourceVersion=20&/);
      await stop();
    }
  });

  it('takes the list in one piece when a continuation has expired', async () => {
    const script: Script = [
      () => json(200, planList('10', [plan('a', '1')], 'more')),
      gone,
      listed('11', plan('b', '2')),
      watch,
    ];
    const { time, watches, http, changes, stop } = reflecting(script);
    await time.until(() => watches.length === 1);
    assert.match(http.lines()[2] ?? '', /\/plans$/);
    assert.deepEqual(changes, ['add payments/b@2'], 'half a list is told to nobody');
    await stop();
  });

  it('asks for less at a time where an answer is too long to be held, and goes on from where it was', async () => {
    const long = 'x'.repeat(150_000);
    const all = Array.from({ length: 300 }, (_none, index) => plan(`p${String(index)}`, '1', { spec: { long } }));
    const http = answering((request, signal) => {
      const query = new URL(request.url).searchParams;
      if (query.has('watch')) return stream(signal).response;
      const from = Number(query.get('continue') ?? '0');
      const end = Math.min(from + Number(query.get('limit') ?? all.length), all.length);
      return json(200, planList('10', all.slice(from, end), end < all.length ? String(end) : undefined));
    });
    const { time, reflector, log, stop } = reflecting([], { client: clientOn(http, createVirtualTime().machine()) });
    await time.until(() => http.lines().some((line) => line.includes('watch=true')), 60_000);
    assert.deepEqual([reflector.synced(), reflector.cache.size()], [true, 300]);
    assert.deepEqual(
      http.lines().flatMap((line) => /limit=\d+.*$/.exec(line) ?? []),
      ['limit=500', 'limit=250', 'limit=125', 'limit=125&continue=125', 'limit=125&continue=250'],
    );
    assert.deepEqual(log.entries, [], 'nothing was interrupted');
    await stop();
  });

  it('gives up a single object that is too long, and says so', async () => {
    const whole = listed('10', plan('a', '1', { spec: { long: 'x'.repeat(33 * 1024 * 1024) } }));
    const { time, http, reflector, stop } = reflecting([whole, whole, hang], { pageSize: 2 });
    await time.until(() => reflector.trouble() !== undefined, 1_000);
    assert.equal(reflector.trouble()?.code, 'TooLong');
    assert.deepEqual(
      http.lines().map((line) => /limit=\d/.exec(line)?.[0]),
      ['limit=2', 'limit=1'],
    );
    await stop();
  });

  it('keeps of each page what is kept of it before it asks for the next', async () => {
    const seen: string[] = [];
    const page =
      (name: string, next?: string): Answer =>
      () => {
        seen.push(`asked for ${name}`);
        return json(200, planList('10', [plan(name, '1')], next));
      };
    const { time, watches, stop } = reflecting([page('a', 'more'), page('b'), watch], {
      keep: (object) => {
        seen.push(`kept ${object.metadata.name}`);
        return object;
      },
    });
    await time.until(() => watches.length === 1);
    assert.deepEqual(seen, ['asked for a', 'kept a', 'asked for b', 'kept b']);
    await stop();
  });

  it('gives up a hung list after its deadline and backs off with growing, jittered pauses', async () => {
    const script: Script = [hang, refuse, refuse, refuse, refuse, refuse, listed('10'), watch];
    const { time, watches, log, reflector, stop } = reflecting(script);
    await time.advance(30_000);
    assert.equal(reflector.trouble()?.code, 'Timeout');
    assert.equal(reflector.synced(), false);
    await time.until(() => watches.length === 1);
    const pauses = log.entries.map((entry) => Number(entry.fields.retryInMs));
    assert.equal(pauses.length, 6);
    pauses.forEach((pause, index) => assert.ok(pause <= Math.min(10_000, 500 * 2 ** index), String(pauses)));
    assert.ok(new Set(pauses).size > 3, 'jitter');
    assert.equal(reflector.trouble(), undefined);
    await stop();
  });

  it('does not spin on a server that ends every watch at once', async () => {
    const ends: Answer = (request, signal) => {
      if (!request.url.includes('watch=true')) return json(200, planList('10', []));
      const one = stream(signal);
      one.end();
      return one.response;
    };
    const { time, http, stop } = reflecting(Array.from({ length: 500 }, () => ends));
    await time.advance(60_000);
    assert.ok(http.requests.length < 80, `${String(http.requests.length)} requests in a minute`);
    await stop();
  });

  it('waits as long as a throttling server asks', async () => {
    const busy = (): HttpResponse => status(429, 'TooManyRequests', { 'retry-after': '40' });
    const { time, watches, stop } = reflecting([busy, listed('10'), watch]);
    await time.until(() => watches.length === 1);
    assert.ok(time.now() >= 40_000, String(time.now()));
    await stop();
  });

  it('dates what it knows by the start of the list, then by events and bookmarks', async () => {
    const slow: Answer = async () => {
      await new Promise<void>((resolve) => fixture.time.after(8000, resolve));
      return json(200, planList('10', [plan('a', '1')]));
    };
    const fixture = reflecting([slow, watch, hang]);
    const { time, watches, reflector, stop } = fixture;
    assert.equal(reflector.lastHeard(), undefined);
    await time.until(() => watches.length === 1);
    assert.equal(reflector.lastHeard()?.monotonic, 0);
    await time.advance(12_000);
    watches[0]?.event('BOOKMARK', { metadata: { resourceVersion: '12' } });
    await time.until(() => reflector.lastHeard()?.monotonic === 20_000, 1000);
    await time.advance(100_000);
    assert.equal(reflector.lastHeard()?.monotonic, 20_000, 'silence does not refresh it');
    assert.equal(reflector.trouble()?.code, 'Timeout');
    await stop();
  });

  it('survives a handler that throws, and tells a late subscriber what is there', async () => {
    const { time, watches, reflector, log, changes, stop } = reflecting([listed('10', plan('a', '1')), watch]);
    reflector.subscribe(() => {
      throw new Error('a defect');
    });
    await time.until(() => watches.length === 1);
    watches[0]?.event('ADDED', plan('b', '11'));
    await time.until(() => changes.length === 2);
    assert.equal(log.entries.filter((entry) => entry.message === 'a watch handler failed').length, 2);
    const late: string[] = [];
    const leave = reflector.subscribe((change) => late.push(change.key));
    assert.deepEqual(late, ['payments/a', 'payments/b']);
    leave();
    watches[0]?.event('ADDED', plan('c', '12'));
    await time.until(() => changes.length === 3);
    assert.equal(late.length, 2);
    await stop();
  });

  it('lets callers wait for the first list, or give up', async () => {
    const late: Answer = async () => {
      await new Promise<void>((resolve) => fixture.time.after(5000, resolve));
      return json(200, planList('10', []));
    };
    const fixture = reflecting([late, watch]);
    const impatient = new AbortController();
    const gaveUp = assert.rejects(fixture.reflector.whenSynced(impatient.signal), /no patience/);
    impatient.abort(new Error('no patience'));
    await gaveUp;
    await fixture.time.settle(fixture.reflector.whenSynced(new AbortController().signal));
    assert.equal(fixture.time.now(), 5000);
    await fixture.stop();
  });
});
