import assert from 'node:assert/strict';
import { compileCrd } from '../../../../../src/sandbox/models/kube-api/index.ts';
import {
  at,
  objectsAt,
  stringAt,
  withAt,
  type Json,
  type JsonObject,
} from '../../../../../src/sandbox/models/kube-api/json.ts';
import { fixture, message, names, widget, widgetCrd, WIDGETS, withWidgets } from '../fixture.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** The message of creating a widget with this spec under a schema of one property `x`; '' where it is accepted. */
function refusal(schema: JsonObject, x: Json): string {
  const { call } = withWidgets({ type: 'object', properties: { x: schema } });
  const answer = call('POST', WIDGETS, widget('w', { x }));
  if (answer.status === 201) return '';
  assert.equal(answer.status, 422);
  return message(answer).replace('Widget.test.maestro.io "w" is invalid: ', '');
}

describe('kube-api: definitions', () => {
  it('are served at once, and no more when deleted', () => {
    const { ok, call, time } = fixture();
    assert.equal(call('GET', WIDGETS).status, 404);
    const crd = ok('POST', CRDS, widgetCrd());
    const conditions = objectsAt(crd, 'status', 'conditions');
    assert.deepEqual(
      conditions.map((one) => [one['type'], one['status']]),
      [
        ['NamesAccepted', 'True'],
        ['Established', 'True'],
      ],
    );
    ok('POST', WIDGETS, { ...widget('one'), metadata: { name: 'one', finalizers: ['dr/keep'] } });
    const resources = objectsAt(ok('GET', '/apis/test.maestro.io/v1'), 'resources').map((one) => one['name']);
    assert.deepEqual(resources, ['widgets', 'widgets/status']);
    ok('DELETE', `${CRDS}/widgets.test.maestro.io`);
    time.advance(100);
    assert.equal(call('GET', `${WIDGETS}/one`).status, 200);
    ok('PATCH', `${WIDGETS}/one`, { metadata: { finalizers: null } });
    time.advance(100);
    assert.equal(call('GET', WIDGETS).status, 404);
    assert.equal(call('GET', '/apis/test.maestro.io/v1').status, 404);
  });

  it('are refused where their shape or schema is wrong', () => {
    const { call } = fixture();
    const post = (change: (crd: JsonObject) => JsonObject) => message(call('POST', CRDS, change(widgetCrd())));
    assert.match(
      post((crd) => withAt(crd, ['metadata', 'name'], 'gadgets.test.maestro.io')),
      /metadata.name: .*must be spec.names.plural/,
    );
    assert.match(
      post((crd) => withAt(crd, ['spec', 'scope'], 'Galactic')),
      /spec.scope: Unsupported value: "Galactic"/,
    );
    assert.match(
      message(call('POST', CRDS, widgetCrd({ type: 'object', properties: { x: { type: 'strin' } } }))),
      /properties\[x\].type: Invalid value|properties\[x\].type: Unsupported value: "strin"/,
    );
    assert.match(
      message(call('POST', CRDS, widgetCrd({ type: 'object', properties: { x: { type: 'string', pattern: '(' } } }))),
      /pattern: Invalid value: "\("/,
    );
  });

  it('take effect on what is there when they change', () => {
    const { ok, call } = withWidgets();
    ok('POST', WIDGETS, widget('one', { size: 3, note: 'long' }));
    const stricter = widgetCrd({
      type: 'object',
      properties: { size: { type: 'integer' }, note: { type: 'string', maxLength: 2 }, extra: { type: 'string' } },
    });
    const live = ok('GET', `${CRDS}/widgets.test.maestro.io`);
    ok('PUT', `${CRDS}/widgets.test.maestro.io`, { ...live, spec: stricter['spec'] ?? {} });
    assert.equal(call('POST', WIDGETS, widget('two', { note: 'long' })).status, 422);
    // Ratcheting: what was stored before stays editable elsewhere.
    assert.equal(at(ok('PATCH', `${WIDGETS}/one`, { spec: { extra: 'x' } }), 'spec', 'extra'), 'x');
    assert.equal(call('PATCH', `${WIDGETS}/one`, { spec: { note: 'longer' } }).status, 422);
  });

  it('may be compiled once and shared by clusters', () => {
    const crd = compileCrd(widgetCrd());
    const [a, b] = [fixture({ crds: [crd] }), fixture({ crds: [crd] })];
    a.ok('POST', WIDGETS, widget('one'));
    assert.deepEqual(names(b.ok('GET', WIDGETS)), []);
    assert.deepEqual(names(b.ok('GET', CRDS)), ['widgets.test.maestro.io']);
  });

  it('serve several versions of one stored object', () => {
    const crd = widgetCrd();
    const [v1] = objectsAt(crd, 'spec', 'versions');
    const v2 = { ...v1, name: 'v2', storage: false };
    const { ok } = fixture({ crds: [compileCrd(withAt(crd, ['spec', 'versions'], [v1 ?? {}, v2]))] });
    const path = WIDGETS.replace('/v1/', '/v2/');
    ok('POST', path, { ...widget('one'), apiVersion: 'test.maestro.io/v2' });
    assert.equal(ok('GET', `${WIDGETS}/one`)['apiVersion'], 'test.maestro.io/v1');
    assert.equal(ok('PATCH', `${path}/one`, { spec: { size: 5 } })['apiVersion'], 'test.maestro.io/v2');
    assert.equal(at(ok('GET', `${WIDGETS}/one`), 'spec', 'size'), 5);
  });

  it('scale, where they say how', () => {
    const crd = widgetCrd({ type: 'object', properties: { replicas: { type: 'integer' }, size: { type: 'integer' } } });
    const versions = objectsAt(crd, 'spec', 'versions').map((version) => ({
      ...version,
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
    }));
    const { ok, call } = fixture({ crds: [compileCrd(withAt(crd, ['spec', 'versions'], versions))] });
    ok('POST', WIDGETS, widget('one', { replicas: 2 }));
    assert.equal(at(ok('GET', `${WIDGETS}/one/scale`), 'spec', 'replicas'), 2);
    assert.equal(at(ok('PATCH', `${WIDGETS}/one/scale`, { spec: { replicas: 5 } }), 'spec', 'replicas'), 5);
    assert.equal(at(ok('GET', `${WIDGETS}/one`), 'spec', 'replicas'), 5);
    assert.equal(call('PATCH', `${WIDGETS}/one/scale`, { spec: { replicas: -1 } }).status, 422);
  });
});

describe('kube-api: schemas', () => {
  it('default, prune, and warn of or refuse what they do not know', () => {
    const { ok, call, api } = withWidgets();
    const path = `${WIDGETS}?fieldValidation=`;
    const body = { ...widget('one', { size: 3, foo: 1, bar: 2 }), metadata: { name: 'one', colour: 'x' } };
    const strict = call('POST', `${path}Strict`, body);
    assert.equal(strict.status, 400);
    assert.equal(
      message(strict),
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.colour", unknown field "spec.foo", unknown field "spec.bar"',
    );
    const warned = call('POST', `${path}Warn`, body);
    assert.equal(warned.status, 201);
    assert.match(warned.headers['warning'] ?? '', /^299 - "unknown field \\"metadata.colour\\""/);
    assert.deepEqual(warned.body['spec'], { size: 3, color: 'red' });
    assert.equal(call('POST', `${path}Ignore`, { ...body, metadata: { name: 'two' } }).headers['warning'], undefined);
    const before = api.hooks.resourceVersion();
    const patch = call('PATCH', `${WIDGETS}/one?fieldValidation=Strict`, { spec: { foo: 1 } });
    assert.equal(patch.status, 422);
    assert.match(message(patch), /strict decoding error: unknown field "spec.foo"/);
    assert.equal(api.hooks.resourceVersion(), before);
    assert.equal(stringAt(ok('GET', `${WIDGETS}/one`), 'spec', 'color'), 'red');
  });

  it('fill in defaults at every depth, and where null stands for nothing', () => {
    const { ok } = withWidgets({
      type: 'object',
      properties: {
        failover: {
          type: 'object',
          default: {},
          properties: { mode: { type: 'string', default: 'Auto' }, soak: { type: 'string', nullable: true } },
        },
        list: { type: 'array', items: { type: 'object', properties: { on: { type: 'boolean', default: true } } } },
      },
    });
    const made = ok('POST', WIDGETS, widget('one', { list: [{}, { on: false }] }));
    assert.deepEqual(made['spec'], { failover: { mode: 'Auto' }, list: [{ on: true }, { on: false }] });
    const nulls = ok('POST', WIDGETS, widget('two', { failover: { mode: null, soak: null } }));
    assert.deepEqual(nulls['spec'], { failover: { mode: 'Auto', soak: null } });
  });

  it('keep unknown fields where they are told to', () => {
    const { ok } = withWidgets({
      type: 'object',
      properties: {
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        map: { type: 'object', additionalProperties: { type: 'string' } },
      },
    });
    const spec = {
      free: { a: { b: 1 } },
      template: { kind: 'Job', metadata: { name: 'x' }, spec: { y: 1 } },
      map: { k: 'v' },
    };
    assert.deepEqual(ok('POST', WIDGETS, widget('one', spec))['spec'], spec);
  });

  const set = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } };
  const keyed = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, v: { type: 'integer' } } },
  };
  const oneOf = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
  };
  /** Schema of spec.x, its value, and what follows `is invalid: `; '' for accepted. */
  const table: readonly (readonly [JsonObject, Json, string])[] = [
    [{ type: 'integer' }, 3, ''],
    [{ type: 'integer' }, 3.5, 'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"'],
    [{ type: 'integer' }, 'a', 'spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
    [{ type: 'string' }, null, 'spec.x: Invalid value: "null": spec.x in body must be of type string: "null"'],
    [{ type: 'string', nullable: true }, null, ''],
    [
      { type: 'number', minimum: 1.5 },
      1,
      'spec.x: Invalid value: 1: spec.x in body should be greater than or equal to 1.5',
    ],
    [
      { type: 'integer', maximum: 5, exclusiveMaximum: true },
      5,
      'spec.x: Invalid value: 5: spec.x in body should be less than 5',
    ],
    [{ type: 'integer', multipleOf: 2 }, 3, 'spec.x: Invalid value: 3: spec.x in body should be a multiple of 2'],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', 'spec.x: Unsupported value: "c": supported values: "a", "b"'],
    [
      { type: 'string', pattern: '^[a-z/]+$' },
      'A',
      `spec.x: Invalid value: "A": spec.x in body should match '^[a-z/]+$'`,
    ],
    [
      { type: 'string', minLength: 2 },
      'é',
      'spec.x: Invalid value: "é": spec.x in body should be at least 2 chars long',
    ],
    [{ type: 'string', maxLength: 2 }, 'éé', ''],
    [{ type: 'string', maxLength: 2 }, 'abc', 'spec.x: Too long: may not be more than 2 bytes'],
    [
      { type: 'string', format: 'date-time' },
      '2026-02-30T00:00:00Z',
      'spec.x: Invalid value: "2026-02-30T00:00:00Z": spec.x in body must be of type date-time: "2026-02-30T00:00:00Z"',
    ],
    [{ type: 'string', format: 'date-time' }, '2026-02-28T00:00:00+01:00', ''],
    [
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['a', 'b'],
      'spec.x: Too many: 2: must have at most 1 items',
    ],
    [
      { type: 'array', minItems: 1, items: { type: 'string' } },
      [],
      'spec.x: Invalid value: 0: spec.x in body should have at least 1 items',
    ],
    [
      { type: 'array', items: { type: 'string' } },
      ['a', 1],
      'spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"',
    ],
    [set, ['a', 'b', 'a'], 'spec.x[2]: Duplicate value: "a"'],
    [
      keyed,
      [
        { name: 'a', v: 1 },
        { name: 'a', v: 2 },
      ],
      'spec.x[1]: Duplicate value: {"name":"a"}',
    ],
    [keyed, [{ v: 1 }], 'spec.x[0].name: Required value'],
    [
      { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 1 },
      { a: 1, b: 2 },
      'spec.x: Too many: 2: must have at most 1 items',
    ],
    [
      { type: 'object', additionalProperties: { type: 'integer' } },
      { a: 'x' },
      'spec.x.a: Invalid value: "string": spec.x.a in body must be of type integer: "string"',
    ],
    [{ 'x-kubernetes-int-or-string': true }, '25%', ''],
    [{ 'x-kubernetes-int-or-string': true }, 5, ''],
    [
      { 'x-kubernetes-int-or-string': true },
      true,
      'spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"',
    ],
    [oneOf, { a: '1' }, ''],
    [
      oneOf,
      { a: '1', b: '2' },
      'spec.x: Invalid value: {"a":"1","b":"2"}: "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ];
  for (const [schema, value, expected] of table) {
    it(`${JSON.stringify(value)} under ${JSON.stringify(schema)}`, () => {
      assert.equal(refusal(schema, value), expected);
    });
  }

  it('name every fault, each with its cause', () => {
    const { call } = withWidgets();
    const answer = call('POST', WIDGETS, widget('one', { size: 11, color: 'green' }));
    assert.equal(
      message(answer),
      'Widget.test.maestro.io "one" is invalid: [spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10, spec.color: Unsupported value: "green": supported values: "red", "blue"]',
    );
    assert.deepEqual(
      objectsAt(answer.body, 'details', 'causes').map((one) => [one['reason'], one['field']]),
      [
        ['FieldValueInvalid', 'spec.size'],
        ['FieldValueNotSupported', 'spec.color'],
      ],
    );
    assert.equal(stringAt(answer.body, 'details', 'kind'), 'Widget');
    const absent = call('POST', WIDGETS, { apiVersion: 'test.maestro.io/v1', kind: 'Widget', metadata: { name: 'x' } });
    assert.match(message(absent), /is invalid: spec: Required value$/);
  });

  it('may bound the object name', () => {
    const { call } = withWidgets(
      { type: 'object' },
      {
        properties: {
          metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 3 } } },
          spec: { type: 'object' },
        },
      },
    );
    assert.match(
      message(call('POST', WIDGETS, widget('long', {}))),
      /metadata.name: Too long: may not be more than 3 bytes/,
    );
    assert.equal(call('POST', WIDGETS, widget('abc', {})).status, 201);
  });
});
