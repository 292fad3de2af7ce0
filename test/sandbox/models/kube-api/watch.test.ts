import assert from 'node:assert/strict';
import { at, objectsAt, stringAt, type JsonObject } from '../../../../src/sandbox/models/kube-api/json.ts';
import { fixture, message, widget, WIDGETS, withWidgets } from './fixture.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';

function secret(name: string, labels: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels } };
}

function shown(events: readonly { readonly type: string; readonly object: JsonObject }[]): readonly string[] {
  return events.map(({ type, object }) => `${type} ${stringAt(object, 'metadata', 'name') ?? ''}`);
}

describe('kube-api: watches', () => {
  it('begins with what is there, or after a resourceVersion', () => {
    const { ok, watch, api } = fixture();
    ok('POST', SECRETS, secret('a'));
    const then = api.hooks.resourceVersion();
    ok('POST', SECRETS, secret('b'));
    const whole = watch(`${SECRETS}?watch=true`);
    const since = watch(`${SECRETS}?watch=1&resourceVersion=${then}`);
    assert.deepEqual(shown(whole.take()), ['ADDED a', 'ADDED b']);
    assert.deepEqual(shown(since.take()), ['ADDED b']);
    ok('PATCH', `${SECRETS}/a`, { metadata: { labels: { x: 'y' } } });
    ok('DELETE', `${SECRETS}/b`);
    for (const one of [whole, since]) assert.deepEqual(shown(one.take()), ['MODIFIED a', 'DELETED b']);
    whole.cancel();
    ok('DELETE', `${SECRETS}/a`);
    assert.deepEqual(whole.take(), []);
    assert.equal(api.hooks.watches(), 1);
  });

  it('misses nothing that happened between the answer and the reading of it', () => {
    const { api, ok } = fixture();
    const response = api.handle({
      method: 'GET',
      path: `${SECRETS}?watch=true&resourceVersion=${api.hooks.resourceVersion()}`,
      headers: {},
    });
    assert.ok('stream' in response);
    ok('POST', SECRETS, secret('a'));
    const lines: string[] = [];
    response.stream(
      (line) => lines.push(line),
      () => undefined,
    );
    assert.equal(lines.length, 1);
  });

  it('shows an object that begins or ceases to match as added or deleted', () => {
    const { ok, watch } = fixture();
    ok('POST', SECRETS, secret('a'));
    const watching = watch(`${SECRETS}?watch=true&labelSelector=x%3Dy`);
    ok('PATCH', `${SECRETS}/a`, { metadata: { labels: { x: 'y' } } });
    ok('PATCH', `${SECRETS}/a`, { metadata: { labels: { x: 'z' } } });
    ok('PATCH', `${SECRETS}/a`, { metadata: { labels: { x: 'w' } } });
    const events = watching.take();
    assert.deepEqual(shown(events), ['ADDED a', 'DELETED a']);
    assert.equal(at(events[1]?.object, 'metadata', 'labels', 'x'), 'y');
    const [added, deleted] = events.map(({ object }) => Number(stringAt(object, 'metadata', 'resourceVersion')));
    assert.ok((deleted ?? 0) > (added ?? 0));
  });

  it('selects one object by field or by path, in one namespace or all', () => {
    const { ok, watch } = fixture();
    ok('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    const one = watch(`${SECRETS}?watch=true&fieldSelector=metadata.name%3Db`);
    const path = watch(`${SECRETS}/b?watch=true`);
    const all = watch('/api/v1/secrets?watch=true');
    ok('POST', SECRETS, secret('a'));
    ok('POST', SECRETS, secret('b'));
    ok('POST', '/api/v1/namespaces/other/secrets', secret('b'));
    assert.deepEqual(shown(one.take()), ['ADDED b']);
    assert.deepEqual(shown(path.take()), ['ADDED b']);
    assert.deepEqual(shown(all.take()), ['ADDED a', 'ADDED b', 'ADDED b']);
  });

  it('ends a watch from a forgotten version with 410 in the stream', () => {
    const { ok, watch, api } = fixture();
    const then = api.hooks.resourceVersion();
    ok('POST', SECRETS, secret('a'));
    api.hooks.expireHistory();
    const watching = watch(`${SECRETS}?watch=true&resourceVersion=${then}`);
    const [event] = watching.take();
    assert.equal(event?.type, 'ERROR');
    assert.equal(event.object['code'], 410);
    assert.equal(event.object['reason'], 'Expired');
    assert.ok(watching.ended());
    const now = watch(`${SECRETS}?watch=true&resourceVersion=${api.hooks.resourceVersion()}`);
    assert.deepEqual(now.take(), []);
    assert.ok(!now.ended());
  });

  it('bounds its history by itself', () => {
    const { ok, watch, api } = fixture({ historyLimit: 10 });
    const then = api.hooks.resourceVersion();
    ok('POST', SECRETS, secret('a'));
    for (let count = 0; count < 40; count += 1) {
      ok('PATCH', `${SECRETS}/a`, { metadata: { labels: { x: `v${String(count)}` } } });
    }
    assert.equal(watch(`${SECRETS}?watch=true&resourceVersion=${then}`).take()[0]?.type, 'ERROR');
    const recent = Number(api.hooks.resourceVersion()) - 5;
    assert.equal(watch(`${SECRETS}?watch=true&resourceVersion=${String(recent)}`).take().length, 5);
  });

  it('sends bookmarks to those who want them, and causes no events when nobody does', () => {
    const { ok, watch, time, api } = fixture();
    const plain = watch(`${SECRETS}?watch=true`);
    const quiet = time.pending();
    const wanting = watch(`${SECRETS}?watch=true&allowWatchBookmarks=true`);
    assert.equal(time.pending(), quiet + 2);
    ok('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
    });
    time.advance(61_000);
    const [mark] = wanting.take();
    assert.equal(mark?.type, 'BOOKMARK');
    assert.equal(stringAt(mark.object, 'metadata', 'resourceVersion'), api.hooks.resourceVersion());
    assert.equal(mark.object['kind'], 'Secret');
    assert.deepEqual(plain.take(), []);
    wanting.cancel();
    assert.equal(time.pending(), quiet);
  });

  it('ends after timeoutSeconds', () => {
    const { watch, time, api } = fixture();
    const watching = watch(`${SECRETS}?watch=true&timeoutSeconds=5`);
    time.advance(4_900);
    assert.ok(!watching.ended());
    time.advance(200);
    assert.ok(watching.ended());
    assert.equal(api.hooks.watches(), 0);
  });

  it('refuses a streaming list with 422, on which clients fall back', () => {
    const { call } = fixture();
    const answer = call('GET', `${SECRETS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
    assert.equal(answer.status, 422);
    assert.match(message(answer), /sendInitialEvents: Forbidden/);
  });

  it('refuses a version from the future, as after a restored snapshot', () => {
    const { call } = fixture();
    const answer = call('GET', `${SECRETS}?watch=true&resourceVersion=99999`);
    assert.equal(answer.status, 504);
    assert.equal(stringAt(objectsAt(answer.body, 'details', 'causes')[0], 'reason'), 'ResourceVersionTooLarge');
    assert.equal(call('GET', `${SECRETS}?watch=true&resourceVersion=abc`).status, 400);
  });

  it('shows events as tables to kubectl', () => {
    const { ok, watch } = withWidgets();
    const watching = watch(`${WIDGETS}?watch=true`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    ok('POST', WIDGETS, widget('one'));
    ok('PATCH', `${WIDGETS}/one`, { spec: { size: 7 } });
    const [added, modified] = watching.take();
    assert.equal(added?.object['kind'], 'Table');
    assert.equal(objectsAt(added.object, 'columnDefinitions').length, 4);
    assert.deepEqual(at(added.object, 'rows', 0, 'cells'), ['one', 3, null, '0s']);
    assert.deepEqual(at(modified?.object, 'rows', 0, 'cells'), ['one', 7, null, '0s']);
    assert.equal(modified?.object['columnDefinitions'], null);
  });
});
