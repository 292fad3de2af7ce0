import assert from 'node:assert/strict';
import { arrayAt, at, objectsAt, stringAt } from '../../../../src/sandbox/models/kube-api/json.ts';
import { DEPLOYMENTS, deployment, fixture, widget, WIDGETS, withWidgets, type Fixture } from './fixture.ts';

const ACCEPT = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

function rows({ ok }: Fixture, path: string): readonly unknown[] {
  return objectsAt(ok('GET', path, undefined, ACCEPT), 'rows').map((row) => row['cells']);
}

describe('kube-api: tables', () => {
  it('show custom resources by their columns, dates as ages', () => {
    const made = withWidgets();
    const { ok, time } = made;
    ok('POST', WIDGETS, widget('one'));
    ok('PATCH', `${WIDGETS}/one/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    time.advance(200_000);
    assert.deepEqual(rows(made, WIDGETS), [['one', 3, 'True', '3m20s']]);
    const table = ok('GET', `${WIDGETS}/one`, undefined, ACCEPT);
    assert.deepEqual(
      objectsAt(table, 'columnDefinitions').map((one) => one['name']),
      ['Name', 'Size', 'Ready', 'Age'],
    );
    assert.equal(at(table, 'rows', 0, 'object', 'kind'), 'PartialObjectMetadata');
    assert.equal(at(table, 'rows', 0, 'object', 'metadata', 'name'), 'one');
    const whole = ok('GET', `${WIDGETS}?includeObject=Object`, undefined, ACCEPT);
    assert.equal(at(whole, 'rows', 0, 'object', 'spec', 'size'), 3);
  });

  it('show built-in kinds as kubectl users know them', () => {
    const made = fixture();
    made.ok('POST', DEPLOYMENTS, deployment('api', 2));
    made.time.advance(5_000);
    assert.deepEqual((rows(made, DEPLOYMENTS)[0] as unknown[]).slice(0, 5), ['api', '2/2', 2, 2, '5s']);
    const pods = rows(made, '/api/v1/namespaces/default/pods');
    assert.deepEqual((pods[0] as unknown[]).slice(1, 5), ['1/1', 'Running', '0', '5s']);
    assert.deepEqual(rows(made, '/api/v1/namespaces/default'), [['default', 'Active', '5s']]);
    const [event] = rows(made, '/api/v1/namespaces/default/events');
    assert.match(JSON.stringify(event), /"Normal","ScalingReplicaSet","deployment\/api"|"SuccessfulCreate"/);
  });

  it('do not replace what other clients get', () => {
    const { ok } = fixture();
    const list = ok('GET', '/api/v1/namespaces', undefined, { accept: 'application/json' });
    assert.equal(list['kind'], 'NamespaceList');
    assert.equal(arrayAt(list, 'items').length, 4);
  });
});

describe('kube-api: discovery', () => {
  it('lists groups, resources and the version', () => {
    const { ok } = withWidgets();
    assert.deepEqual(ok('GET', '/api')['versions'], ['v1']);
    const groups = objectsAt(ok('GET', '/apis'), 'groups').map((group) => group['name']);
    assert.ok(['apps', 'batch', 'coordination.k8s.io', 'test.maestro.io'].every((name) => groups.includes(name)));
    const apps = objectsAt(ok('GET', '/apis/apps/v1'), 'resources').map((one) => one['name']);
    assert.ok(['deployments', 'deployments/status', 'deployments/scale'].every((name) => apps.includes(name)));
    assert.equal(ok('GET', '/version')['gitVersion'], 'v1.35.4');
    assert.equal(ok('GET', '/readyz')['text'], 'ok');
  });

  it('advertises field validation, so that kubectl asks for it', () => {
    const { ok } = withWidgets();
    const paths = at(ok('GET', '/openapi/v3'), 'paths');
    const url = stringAt(paths, 'apis/test.maestro.io/v1', 'serverRelativeURL') ?? '';
    const patch = at(
      ok('GET', url),
      'paths',
      '/apis/test.maestro.io/v1/namespaces/{namespace}/widgets/{name}',
      'patch',
    );
    assert.ok(objectsAt(patch, 'parameters').some((one) => one['name'] === 'fieldValidation'));
  });

  it('serves Events under both of their groups', () => {
    const { ok } = fixture();
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e' },
      regarding: { kind: 'Pod', name: 'p', namespace: 'default', uid: 'u' },
      note: 'it happened',
      reason: 'Happened',
      type: 'Normal',
      reportingController: 'maestro-dr',
    };
    ok('POST', '/apis/events.k8s.io/v1/namespaces/default/events', event);
    const core = ok(
      'GET',
      '/api/v1/namespaces/default/events?fieldSelector=involvedObject.uid%3Du,involvedObject.kind%3DPod',
    );
    assert.equal(at(core, 'items', 0, 'message'), 'it happened');
    assert.equal(at(core, 'items', 0, 'involvedObject', 'name'), 'p');
    assert.equal(at(ok('GET', '/apis/events.k8s.io/v1/namespaces/default/events/e'), 'note'), 'it happened');
  });
});
