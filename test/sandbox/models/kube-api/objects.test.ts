import assert from 'node:assert/strict';
import { compileCrd } from '../../../../src/sandbox/models/kube-api/index.ts';
import { at, numberAt, objectsAt, stringAt, type JsonObject } from '../../../../src/sandbox/models/kube-api/json.ts';
import {
  DEPLOYMENTS,
  deployment,
  fixture,
  items,
  message,
  names,
  widget,
  widgetCrd,
  WIDGETS,
  withWidgets,
} from './fixture.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

function configMap(name: string, data: JsonObject = { a: 'b' }, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

function version(object: JsonObject): string {
  return stringAt(object, 'metadata', 'resourceVersion') ?? '';
}

describe('kube-api: objects', () => {
  it('creates, reads, replaces and deletes', () => {
    const { ok, call } = fixture();
    const made = ok('POST', CONFIG_MAPS, configMap('one'));
    assert.match(stringAt(made, 'metadata', 'uid') ?? '', /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    assert.equal(stringAt(made, 'metadata', 'creationTimestamp'), '2026-03-01T12:00:00Z');
    assert.equal(at(made, 'metadata', 'generation'), undefined);
    assert.deepEqual(ok('GET', `${CONFIG_MAPS}/one`), made);
    const replaced = ok('PUT', `${CONFIG_MAPS}/one`, { ...made, data: { a: 'c' } });
    assert.ok(Number(version(replaced)) > Number(version(made)));
    const deleted = ok('DELETE', `${CONFIG_MAPS}/one`);
    assert.equal(deleted['status'], 'Success');
    const missing = call('GET', `${CONFIG_MAPS}/one`);
    assert.equal(missing.status, 404);
    assert.equal(message(missing), 'configmaps "one" not found');
    assert.deepEqual(missing.body['details'], { name: 'one', kind: 'configmaps' });
  });

  it('refuses a second object of the name, and a name that is none', () => {
    const { ok, call } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 1));
    const again = call('POST', DEPLOYMENTS, deployment('api', 1));
    assert.equal(again.status, 409);
    assert.equal(stringAt(again.body, 'reason'), 'AlreadyExists');
    assert.equal(message(again), 'deployments.apps "api" already exists');
    const bad = call('POST', CONFIG_MAPS, configMap('Not_A_Name'));
    assert.equal(bad.status, 422);
    assert.match(
      message(bad),
      /^ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name": a lowercase/,
    );
  });

  it('makes names from generateName, each another', () => {
    const { ok } = fixture();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'run-' } };
    const made = [1, 2, 3].map(() => stringAt(ok('POST', CONFIG_MAPS, body), 'metadata', 'name') ?? '');
    assert.equal(new Set(made).size, 3);
    for (const name of made) assert.match(name, /^run-[a-z0-9]{5}$/);
  });

  it('refuses a stale resourceVersion by PUT and by PATCH', () => {
    const { ok, call } = fixture();
    const first = ok('POST', CONFIG_MAPS, configMap('one'));
    ok('PUT', `${CONFIG_MAPS}/one`, { ...first, data: { a: 'c' } });
    const put = call('PUT', `${CONFIG_MAPS}/one`, { ...first, data: { a: 'd' } });
    const patch = call('PATCH', `${CONFIG_MAPS}/one`, {
      metadata: { resourceVersion: version(first) },
      data: { a: 'd' },
    });
    for (const answer of [put, patch]) {
      assert.equal(answer.status, 409);
      assert.equal(stringAt(answer.body, 'reason'), 'Conflict');
      assert.equal(
        message(answer),
        'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    assert.equal(at(ok('GET', `${CONFIG_MAPS}/one`), 'data', 'a'), 'c');
  });

  it('refuses a patch meant for another UID, though the name is the same', () => {
    const { ok, call } = fixture();
    const first = ok('POST', CONFIG_MAPS, configMap('one'));
    ok('DELETE', `${CONFIG_MAPS}/one`);
    ok('POST', CONFIG_MAPS, configMap('one'));
    const uid = stringAt(first, 'metadata', 'uid') ?? '';
    const patch = call('PATCH', `${CONFIG_MAPS}/one`, { metadata: { uid }, data: { a: 'd' } });
    assert.equal(patch.status, 409);
    assert.match(message(patch), /Precondition failed: UID in precondition/);
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } };
    const removal = call('DELETE', `${CONFIG_MAPS}/one`, body);
    assert.equal(removal.status, 409);
    assert.equal(call('GET', `${CONFIG_MAPS}/one`).status, 200);
  });

  it('deletes under a resourceVersion only while it holds', () => {
    const { ok, call } = fixture();
    const first = ok('POST', CONFIG_MAPS, configMap('one'));
    const second = ok('PATCH', `${CONFIG_MAPS}/one`, { data: { a: 'c' } });
    const under = (object: JsonObject) =>
      call('DELETE', `${CONFIG_MAPS}/one`, { preconditions: { resourceVersion: version(object) } });
    assert.equal(under(first).status, 409);
    assert.equal(under(second).status, 200);
  });

  it('makes no version and no event of a write that changes nothing', () => {
    const { ok, watch, audit } = withWidgets();
    const made = ok('POST', WIDGETS, widget('one'));
    const watching = watch(`${WIDGETS}?watch=true&resourceVersion=${version(made)}`);
    const put = ok('PUT', `${WIDGETS}/one`, made);
    const patch = ok('PATCH', `${WIDGETS}/one`, { spec: { size: 3 } });
    assert.equal(version(put), version(made));
    assert.equal(version(patch), version(made));
    assert.deepEqual(watching.take(), []);
    assert.deepEqual(
      audit.slice(-2).map(({ verb, code, changed }) => ({ verb, code, changed })),
      [
        { verb: 'update', code: 200, changed: false },
        { verb: 'patch', code: 200, changed: false },
      ],
    );
  });

  it('counts generations by spec changes alone', () => {
    const { ok } = withWidgets();
    const generation = (object: JsonObject) => numberAt(object, 'metadata', 'generation');
    assert.equal(generation(ok('POST', WIDGETS, widget('one'))), 1);
    assert.equal(generation(ok('PATCH', `${WIDGETS}/one`, { metadata: { labels: { a: 'b' } } })), 1);
    assert.equal(generation(ok('PATCH', `${WIDGETS}/one/status`, { status: { phase: 'Ready' } })), 1);
    assert.equal(generation(ok('PATCH', `${WIDGETS}/one`, { spec: { size: 4 } })), 2);
    assert.equal(generation(ok('PATCH', `${WIDGETS}/one`, { metadata: { generation: 77 }, spec: { size: 5 } })), 3);
  });

  it('keeps spec and status apart', () => {
    const { ok } = withWidgets();
    const made = ok('POST', WIDGETS, { ...widget('one'), status: { phase: 'Ignored' } });
    assert.equal(at(made, 'status'), undefined);
    const throughStatus = ok('PATCH', `${WIDGETS}/one/status`, {
      metadata: { labels: { a: 'b' } },
      spec: { size: 9 },
      status: { phase: 'Ready' },
    });
    assert.equal(at(throughStatus, 'spec', 'size'), 3);
    assert.equal(at(throughStatus, 'metadata', 'labels'), undefined);
    assert.equal(at(throughStatus, 'status', 'phase'), 'Ready');
    const throughSpec = ok('PUT', `${WIDGETS}/one`, { ...throughStatus, spec: { size: 4 }, status: { phase: 'Lost' } });
    assert.equal(at(throughSpec, 'spec', 'size'), 4);
    assert.equal(at(throughSpec, 'status', 'phase'), 'Ready');
  });

  it('keeps an object with finalizers until they are gone, and takes no new ones', () => {
    const { ok, call, watch } = withWidgets();
    ok('POST', WIDGETS, { ...widget('one'), metadata: { name: 'one', finalizers: ['dr/keep', 'dr/other'] } });
    const watching = watch(`${WIDGETS}?watch=true`);
    const dying = ok('DELETE', `${WIDGETS}/one`);
    assert.equal(stringAt(dying, 'metadata', 'deletionTimestamp'), '2026-03-01T12:00:00Z');
    assert.equal(version(ok('DELETE', `${WIDGETS}/one`)), version(dying));
    const more = call('PATCH', `${WIDGETS}/one`, { metadata: { finalizers: ['dr/keep', 'dr/new'] } });
    assert.equal(more.status, 422);
    assert.match(message(more), /metadata.finalizers: Forbidden: no new finalizers can be added/);
    ok('PATCH', `${WIDGETS}/one`, { metadata: { finalizers: ['dr/keep'] } });
    assert.equal(call('GET', `${WIDGETS}/one`).status, 200);
    ok('PATCH', `${WIDGETS}/one`, { metadata: { finalizers: null } });
    assert.equal(call('GET', `${WIDGETS}/one`).status, 404);
    assert.deepEqual(
      watching.take().map(({ type }) => type),
      ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'],
    );
  });

  it('does everything but store on dryRun=All', () => {
    const { ok, call, api, audit } = withWidgets();
    ok('POST', WIDGETS, widget('one'));
    const before = api.hooks.resourceVersion();
    const tried = ok('PATCH', `${WIDGETS}/one?dryRun=All`, { spec: { size: 9 } });
    assert.equal(at(tried, 'spec', 'size'), 9);
    assert.equal(call('PATCH', `${WIDGETS}/one?dryRun=All`, { spec: { size: 99 } }).status, 422);
    ok('POST', `${WIDGETS}?dryRun=All`, widget('two'));
    ok('DELETE', `${WIDGETS}/one?dryRun=All`);
    assert.equal(api.hooks.resourceVersion(), before);
    assert.deepEqual(names(ok('GET', WIDGETS)), ['one']);
    assert.ok(audit.slice(-5, -1).every((entry) => entry.dryRun && !entry.changed));
    assert.equal(call('PATCH', `${WIDGETS}/one?dryRun=Maybe`, {}).status, 422);
  });

  it('asks for a resourceVersion in a PUT of a custom resource', () => {
    const { ok, call } = withWidgets();
    ok('POST', WIDGETS, widget('one'));
    const answer = call('PUT', `${WIDGETS}/one`, widget('one', { size: 4 }));
    assert.equal(answer.status, 422);
    assert.match(message(answer), /metadata.resourceVersion: Invalid value: .*must be specified for an update/);
  });

  it('refuses bodies of another kind, name or namespace than the path', () => {
    const { ok, call } = fixture();
    ok('POST', CONFIG_MAPS, configMap('one'));
    assert.equal(call('POST', CONFIG_MAPS, { ...configMap('two'), kind: 'Secret' }).status, 400);
    assert.match(message(call('PUT', `${CONFIG_MAPS}/one`, configMap('two'))), /does not match the name on the URL/);
    const elsewhere = call('POST', CONFIG_MAPS, configMap('two', {}, { namespace: 'other' }));
    assert.match(message(elsewhere), /namespace of the provided object does not match/);
    assert.equal(call('POST', '/api/v1/namespaces/absent/configmaps', configMap('two')).status, 404);
    assert.equal(call('GET', '/apis/nobody.example/v1/things').status, 404);
    assert.equal(call('POST', CONFIG_MAPS, '{"kind":').status, 400);
    assert.equal(
      call('POST', CONFIG_MAPS, 'k8s', { 'content-type': 'application/vnd.kubernetes.protobuf' }).status,
      415,
    );
  });

  it('knows who writes which field', () => {
    const { ok } = withWidgets();
    ok('POST', `${WIDGETS}?fieldManager=argocd`, widget('one'));
    const agent = { 'user-agent': 'kubectl/v1.35.2 (linux/amd64)' };
    const patched = ok('PATCH', `${WIDGETS}/one`, { spec: { size: 5 } }, agent);
    const owners = objectsAt(patched, 'metadata', 'managedFields')
      .filter((entry) => at(entry, 'fieldsV1', 'f:spec', 'f:size') !== undefined)
      .map((entry) => entry['manager']);
    assert.deepEqual(owners, ['kubectl']);
    const argocd = objectsAt(patched, 'metadata', 'managedFields').find((entry) => entry['manager'] === 'argocd');
    assert.notEqual(at(argocd, 'fieldsV1', 'f:spec', 'f:color'), undefined);
  });

  it('stores Secrets encoded and audits them redacted', () => {
    const { ok, audit } = fixture();
    const secrets = '/api/v1/namespaces/default/secrets';
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password: 'hunter2 é' } };
    const made = ok('POST', secrets, body);
    assert.equal(Buffer.from(stringAt(made, 'data', 'password') ?? '', 'base64').toString(), 'hunter2 é');
    assert.equal(made['stringData'], undefined);
    ok('PATCH', `${secrets}/s`, [{ op: 'add', path: '/data/x', value: 'aHVudGVyMg==' }], {
      'content-type': 'application/json-patch+json',
    });
    const text = JSON.stringify(audit);
    assert.doesNotMatch(text, /hunter2|aHVudGVyMg/);
    assert.match(text, /redacted/);
  });
});

describe('kube-api: lists', () => {
  it('selects by labels and fields', () => {
    const { ok, call } = fixture();
    for (const [name, tier] of [
      ['a', 'web'],
      ['b', 'db'],
      ['c', 'cache'],
    ] as const) {
      ok('POST', CONFIG_MAPS, configMap(name, {}, { labels: { tier } }));
    }
    ok('POST', CONFIG_MAPS, configMap('d'));
    const select = (query: string) => names(ok('GET', `${CONFIG_MAPS}?${query}`));
    const labels = (selector: string) => select(`labelSelector=${encodeURIComponent(selector)}`);
    assert.deepEqual(labels('tier=web'), ['a']);
    assert.deepEqual(labels('tier!=web'), ['b', 'c', 'd']);
    assert.deepEqual(labels('tier in (web,db)'), ['a', 'b']);
    assert.deepEqual(labels('tier notin (web,db),tier'), ['c']);
    assert.deepEqual(labels('!tier'), ['d']);
    assert.deepEqual(select('fieldSelector=metadata.name%3Db'), ['b']);
    assert.deepEqual(select('fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault'), ['a', 'c', 'd']);
    assert.equal(call('GET', `${CONFIG_MAPS}?fieldSelector=spec.nonsense%3Db`).status, 400);
  });

  it('pages consistently, and says when a page has expired', () => {
    const { ok, call, api } = fixture();
    for (const name of ['a', 'b', 'c', 'd', 'e']) ok('POST', CONFIG_MAPS, configMap(name));
    const first = ok('GET', `${CONFIG_MAPS}?limit=2`);
    assert.deepEqual(names(first), ['a', 'b']);
    assert.equal(numberAt(first, 'metadata', 'remainingItemCount'), 3);
    ok('DELETE', `${CONFIG_MAPS}/c`);
    ok('POST', CONFIG_MAPS, configMap('bb'));
    const token = encodeURIComponent(stringAt(first, 'metadata', 'continue') ?? '');
    const second = ok('GET', `${CONFIG_MAPS}?limit=2&continue=${token}`);
    assert.deepEqual(names(second), ['c', 'd']);
    assert.equal(version(second), version(first));
    ok('DELETE', `${CONFIG_MAPS}/d`);
    api.hooks.expireHistory();
    const rest = encodeURIComponent(stringAt(second, 'metadata', 'continue') ?? '');
    const late = call('GET', `${CONFIG_MAPS}?limit=2&continue=${rest}`);
    assert.equal(late.status, 410);
    assert.equal(stringAt(late.body, 'reason'), 'Expired');
  });

  it('shows a past version exactly, while history reaches', () => {
    const { ok, call, api } = fixture();
    ok('POST', CONFIG_MAPS, configMap('a'));
    const then = api.hooks.resourceVersion();
    ok('POST', CONFIG_MAPS, configMap('b'));
    ok('PATCH', `${CONFIG_MAPS}/a`, { data: { a: 'z' } });
    const path = `${CONFIG_MAPS}?resourceVersion=${then}&resourceVersionMatch=Exact`;
    const past = ok('GET', path);
    assert.deepEqual(names(past), ['a']);
    assert.equal(at(items(past)[0], 'data', 'a'), 'b');
    api.hooks.expireHistory();
    ok('PATCH', `${CONFIG_MAPS}/a`, { data: { a: 'y' } });
    assert.equal(call('GET', path).status, 410);
    assert.equal(call('GET', `${CONFIG_MAPS}?resourceVersion=99999`).status, 504);
  });

  it('leaves kind and apiVersion out of built-in items, not of custom ones', () => {
    const { ok } = withWidgets();
    ok('POST', WIDGETS, widget('one'));
    ok('POST', CONFIG_MAPS, configMap('a'));
    assert.equal(items(ok('GET', CONFIG_MAPS))[0]?.['kind'], undefined);
    assert.equal(items(ok('GET', WIDGETS))[0]?.['kind'], 'Widget');
    assert.equal(ok('GET', WIDGETS)['kind'], 'WidgetList');
  });

  it('deletes a collection by selector', () => {
    const { ok } = fixture();
    ok('POST', CONFIG_MAPS, configMap('a', {}, { labels: { x: 'y' } }));
    ok('POST', CONFIG_MAPS, configMap('b'));
    ok('DELETE', `${CONFIG_MAPS}?labelSelector=x%3Dy`);
    assert.deepEqual(names(ok('GET', CONFIG_MAPS)), ['b']);
  });
});

describe('kube-api: access', () => {
  it('lets in only known tokens, and names who acted as whom', () => {
    const { call, ok, audit } = fixture({ tokens: { good: 'system:serviceaccount:dr:maestro-dr' } });
    assert.equal(call('GET', '/api/v1/namespaces').status, 401);
    assert.equal(call('GET', '/api/v1/namespaces', undefined, { authorization: 'Bearer bad' }).status, 401);
    assert.equal(call('GET', '/apis').status, 401);
    assert.equal(call('GET', '/readyz').status, 200);
    ok('GET', '/api/v1/namespaces', undefined, {
      authorization: 'Bearer good',
      'impersonate-user': 'system:serviceaccount:payments:maestro-dr',
    });
    const entry = audit.at(-1);
    assert.equal(entry?.user, 'system:serviceaccount:dr:maestro-dr');
    assert.equal(entry.impersonated, 'system:serviceaccount:payments:maestro-dr');
  });

  it('asks its authorizer, which decides for the impersonated user', () => {
    const { call, ok } = fixture({
      authorize: ({ user, verb }) => (user === 'viewer' && verb !== 'get' ? '' : undefined),
    });
    const answer = call('POST', CONFIG_MAPS, configMap('a'), { 'impersonate-user': 'viewer' });
    assert.equal(answer.status, 403);
    assert.equal(
      message(answer),
      'configmaps is forbidden: User "viewer" cannot create resource "configmaps" in API group "" in the namespace "default"',
    );
    const review = { spec: { resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: 'default' } } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    assert.equal(at(ok('POST', path, review, { 'impersonate-user': 'viewer' }), 'status', 'allowed'), false);
    assert.equal(at(ok('POST', path, review), 'status', 'allowed'), true);
  });
});

describe('kube-api: acting in another name', () => {
  const as = (user: string): Record<string, string> => ({ 'impersonate-user': user });
  const account = 'system:serviceaccount:default:maestro-dr';

  it('is a right of its own, of whoever logged in', () => {
    const asked: string[] = [];
    const { call } = fixture({
      authorize: ({ user, verb, resource, namespace = '', name = '' }) => {
        if (verb !== 'impersonate') return undefined;
        asked.push([user, resource, namespace, name].join(' '));
        return resource === 'users' ? 'nobody may be anybody' : undefined;
      },
    });
    assert.equal(call('POST', CONFIG_MAPS, configMap('a'), as(account)).status, 201);
    const refused = call('POST', CONFIG_MAPS, configMap('b'), as('root'));
    assert.equal(refused.status, 403);
    assert.match(message(refused), /cannot impersonate resource "users" in API group "" at the cluster scope/);
    assert.deepEqual(asked, ['system:admin serviceaccounts default maestro-dr', 'system:admin users  root']);
  });
});

describe('kube-api: a cluster', () => {
  it('is told by the UID of kube-system', () => {
    const { ok } = fixture();
    const uid = stringAt(ok('GET', '/api/v1/namespaces/kube-system'), 'metadata', 'uid');
    assert.equal(uid, '3f0c2d52-0000-4000-a000-000000000001');
  });

  it('says the same in every replay', () => {
    const run = () => {
      const { ok, time, api } = fixture();
      ok('POST', DEPLOYMENTS, deployment('api', 3));
      time.advance(5_000);
      ok('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: 1 } });
      time.advance(5_000);
      return api.snapshot();
    };
    assert.equal(run(), run());
  });

  it('costs next to nothing to make: definitions are compiled once for all worlds', () => {
    const crds = [compileCrd(widgetCrd())];
    const compile = (): never => assert.fail('compiled again');
    const begun = performance.now();
    for (let count = 0; count < 200; count += 1) fixture({ crds, compile });
    // 2 ms each is what a simulation can afford; usually it is a tenth of one. Ten times that, for busy machines.
    assert.ok((performance.now() - begun) / 200 < 20);
  });
});
