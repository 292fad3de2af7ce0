import assert from 'node:assert/strict';
import { createEventRecorder } from '../../src/kube/events.ts';
import type { EventNote } from '../../src/kube/events.ts';
import { isRecord } from '../../src/kube/json.ts';
import type { JsonRecord } from '../../src/kube/json.ts';
import { createRecordingLog } from '../support/recording-log.ts';
import type { Answer } from '../support/scripted-http.ts';
import { answering, hang, json, refuse } from '../support/scripted-http.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { clientOn } from './support.ts';

const checkout = {
  apiVersion: 'dr.maestro.io/v1alpha1',
  kind: 'DisasterRecoveryPlan',
  namespace: 'payments',
  name: 'checkout',
  uid: 'u1',
};
const blocked: EventNote = { type: 'Warning', reason: 'Blocked', message: 'waits for approval' };

const stores: Answer = (request) => {
  const body: unknown = JSON.parse(request.body ?? '{}');
  const metadata = isRecord(body) && isRecord(body.metadata) ? body.metadata : { name: 'known' };
  return json(201, { apiVersion: 'v1', kind: 'Event', metadata: { ...metadata, uid: 'e', resourceVersion: '1' } });
};

function recording(answer: Answer) {
  const time = createVirtualTime();
  const clock = time.machine('Life#1');
  const http = answering(answer);
  const log = createRecordingLog();
  const ending = new AbortController();
  const options = { clock, log, component: 'maestro-dr', instance: 'pod-1', signal: ending.signal };
  const recorder = createEventRecorder({ ...options, client: clientOn(http, clock) });
  const bodies = (): JsonRecord[] =>
    http.requests.map((request): unknown => JSON.parse(request.body ?? '{}')).filter(isRecord);
  return { time, http, log, recorder, bodies, ending };
}

describe('event recorder', () => {
  it('writes what kubectl describe reads', async () => {
    const { time, http, recorder, bodies } = recording(stores);
    recorder.record(checkout, { ...blocked, message: 'x'.repeat(5000) });
    await time.advance(100);
    assert.deepEqual(http.lines(), ['POST /api/v1/namespaces/payments/events']);
    const [body] = bodies();
    assert.deepEqual(body?.involvedObject, checkout);
    assert.deepEqual(
      [body.type, body.reason, body.count, body.firstTimestamp],
      ['Warning', 'Blocked', 1, '2030-01-01T00:00:00Z'],
    );
    assert.equal(String(body.message).length, 1024);
    assert.match(String(isRecord(body.metadata) ? body.metadata.name : ''), /^checkout\.[a-z0-9]+$/);
  });

  it('counts up one Event for the same note, and gathers what comes while it writes', async () => {
    const { time, http, recorder, bodies } = recording(stores);
    for (let index = 0; index < 10; index += 1) recorder.record(checkout, blocked);
    await time.advance(100);
    for (let index = 0; index < 5; index += 1) recorder.record(checkout, blocked);
    await time.advance(100);
    assert.deepEqual(bodies().at(-1), { count: 15, lastTimestamp: '2030-01-01T00:00:00Z' });
    assert.ok(http.requests.length <= 4, http.lines().join('\n'));
    assert.equal(http.lines().filter((line) => line.startsWith('POST')).length, 1);
    recorder.record({ ...checkout, uid: 'u2' }, blocked);
    recorder.record(checkout, { ...blocked, message: 'waits for a fence' });
    await time.advance(100);
    assert.equal(http.lines().filter((line) => line.startsWith('POST')).length, 3);
  });

  it('keeps to its rate and forgets the oldest beyond its bound', async () => {
    const { time, http, log, recorder } = recording(stores);
    for (let index = 0; index < 1000; index += 1) recorder.record(checkout, { ...blocked, message: String(index) });
    await time.advance(1000);
    assert.ok(http.requests.length <= 26, String(http.requests.length));
    await time.advance(3_600_000);
    assert.ok(http.requests.length >= 500 && http.requests.length <= 530, String(http.requests.length));
    assert.ok(log.entries.some((entry) => entry.message === 'event dropped'));
  });

  it('never throws or blocks: a failure is logged, the Event made anew next time', async () => {
    for (const broken of [hang, refuse]) {
      let answer: Answer = stores;
      const { time, http, log, recorder } = recording((request, signal) => answer(request, signal));
      recorder.record(checkout, blocked);
      await time.advance(1000);
      answer = broken;
      recorder.record(checkout, blocked);
      await time.advance(20_000);
      assert.deepEqual(
        log.entries.map((entry) => entry.message),
        ['event not recorded'],
      );
      answer = stores;
      recorder.record(checkout, blocked);
      await time.advance(1000);
      assert.match(http.lines().at(-1) ?? '', /^POST/);
    }
  });

  it('makes an Event that has expired anew, at once', async () => {
    const expired: Answer = (request, signal) =>
      request.method === 'PATCH'
        ? json(404, { kind: 'Status', status: 'Failure', reason: 'NotFound', message: 'gone', code: 404 })
        : stores(request, signal);
    const { time, http, log, recorder, bodies } = recording(expired);
    recorder.record(checkout, blocked);
    await time.advance(3_600_000);
    recorder.record(checkout, blocked);
    await time.advance(100);
    assert.deepEqual(
      http.lines().map((line) => line.split(' ')[0]),
      ['POST', 'PATCH', 'POST'],
    );
    assert.deepEqual([bodies().at(-1)?.reason, bodies().at(-1)?.count], ['Blocked', 2]);
    assert.deepEqual(log.entries, []);
  });

  it('stops with its signal, in the middle of a write and of a pause', async () => {
    const { time, http, log, recorder, ending } = recording(stores);
    for (let index = 0; index < 100; index += 1) recorder.record(checkout, { ...blocked, message: String(index) });
    await time.advance(2500);
    const sent = http.requests.length;
    ending.abort(new Error('shutdown'));
    await time.advance(60_000);
    recorder.record(checkout, blocked);
    await time.advance(60_000);
    assert.equal(http.requests.length, sent);
    assert.deepEqual(log.entries, []);
  });
});
