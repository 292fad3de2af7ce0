import assert from 'node:assert/strict';
import { at, type Json, type JsonObject } from '../../../../../src/sandbox/models/kube-api/json.ts';
import { fixture, message, widget, widgetCrd, WIDGETS, withWidgets } from '../fixture.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const PREFIX = 'Widget.test.maestro.io "w" is invalid: ';

const STRING: JsonObject = { type: 'string' };
const DATABASES: JsonObject = {
  type: 'array',
  maxItems: 32,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: {
    type: 'object',
    required: ['name'],
    properties: {
      name: STRING,
      size: { type: 'integer' },
      postgresql: { type: 'object', properties: { host: STRING } },
    },
    'x-kubernetes-validations': [
      { rule: 'self.size == oldSelf.size', message: 'size is immutable', fieldPath: '.size' },
      {
        rule: 'has(self.postgresql) != has(self.size)',
        message: 'set exactly one of postgresql, size',
        messageExpression: "'database ' + self.name + ': set exactly one of postgresql, size'",
      },
    ],
  },
};

function schema(rules: readonly JsonObject[], properties: JsonObject = {}): JsonObject {
  return {
    type: 'object',
    properties: {
      n: { type: 'integer' },
      ratio: { type: 'number' },
      text: STRING,
      at: { type: 'string', format: 'date-time' },
      namespace: STRING,
      'max-surge': { 'x-kubernetes-int-or-string': true },
      regions: { type: 'array', 'x-kubernetes-list-type': 'set', items: STRING },
      plain: { type: 'array', items: STRING },
      map: { type: 'object', additionalProperties: { type: 'object', properties: { n: { type: 'integer' } } } },
      nested: { type: 'object', properties: { on: { type: 'boolean' } } },
      ...properties,
    },
    'x-kubernetes-validations': rules,
  };
}

/** What a new widget, or a change of one, is refused with; '' for accepted. */
function check(rules: readonly JsonObject[], spec: JsonObject, old?: JsonObject, properties?: JsonObject): string {
  const { call, ok } = withWidgets(schema(rules, properties));
  if (old !== undefined) ok('POST', WIDGETS, widget('w', old));
  const live = old === undefined ? undefined : ok('GET', `${WIDGETS}/w`);
  const answer =
    live === undefined ? call('POST', WIDGETS, widget('w', spec)) : call('PUT', `${WIDGETS}/w`, { ...live, spec });
  return answer.status < 300 ? '' : message(answer).replace(PREFIX, '');
}

function refusedDefinition(rule: JsonObject, properties?: JsonObject): string {
  const { call } = fixture();
  const answer = call('POST', CRDS, widgetCrd(schema([rule], properties)));
  assert.equal(answer.status, 422, message(answer));
  return message(answer);
}

describe('kube-api: CEL rules', () => {
  const yes: readonly (readonly [string, JsonObject])[] = [
    ['self.n > 2 && self.n <= 5', { n: 5 }],
    ['self.ratio < 0.5', { ratio: 0.25 }],
    ['!has(self.n)', {}],
    ['has(self.nested.on) && self.nested.on', { nested: { on: true } }],
    ['size(self.regions) == 2', { regions: ['a', 'b'] }],
    ["self.regions.all(r, r in ['a', 'b'])", { regions: ['a', 'b'] }],
    ["self.plain.exists_one(r, r == 'a')", { plain: ['a', 'b'] }],
    ["self.plain.map(r, r + '!').exists(r, r == 'a!')", { plain: ['a'] }],
    ["self.plain.filter(r, r != 'a').size() == 1", { plain: ['a', 'b'] }],
    ['self.plain.isSorted()', { plain: ['a', 'b'] }],
    ['!self.plain.isSorted()', { plain: ['b', 'a'] }],
    ["self.plain.indexOf('b') == 1", { plain: ['a', 'b'] }],
    ['[3, 1, 2].max() == 3 && [3, 1, 2].min() == 1 && [1, 2].sum() == 3', {}],
    ["sets.contains(self.plain, ['a']) && sets.equivalent(self.plain, ['b', 'a'])", { plain: ['a', 'b'] }],
    ["!sets.intersects(self.plain, ['c'])", { plain: ['a'] }],
    ["self.map.all(k, k.startsWith('us-') && self.map[k].n > 0)", { map: { 'us-east-1': { n: 1 } } }],
    ["'us' in self.map", { map: { us: {} } }],
    ["self.text.matches('^[a-z]+$') && self.text.size() == 2", { text: 'ab' }],
    ["duration(self.text) < duration('1h')", { text: '5m30s' }],
    ["self.at > timestamp('2026-01-01T00:00:00Z')", { at: '2026-02-01T00:00:00Z' }],
    ["self.__namespace__ == 'x'", { namespace: 'x' }],
    ["type(self.max__dash__surge) == string && self.max__dash__surge == '25%'", { 'max-surge': '25%' }],
    ['type(self.max__dash__surge) == int', { 'max-surge': 3 }],
    ["self.text.find('[0-9]+') == '42' && self.text.replace('4', '5') == 'a52'", { text: 'a42' }],
    ['self.?nested.?on.orValue(true) && self.?text.hasValue() == false', {}],
    ["self.n == 1 ? self.text == 'a' : true", { n: 2 }],
    ['cel.bind(x, self.n * 2, x == 6)', { n: 3 }],
  ];
  for (const [rule, spec] of yes) {
    it(`${rule} holds for ${JSON.stringify(spec)}`, () => {
      assert.equal(check([{ rule }], spec), '');
    });
  }

  it('say what failed: message, expression, path, reason', () => {
    const rule = 'self.n > 2';
    const spec = { n: 1, text: 'x' };
    assert.equal(check([{ rule: ' self.n > 2 ' }], spec), 'spec: Invalid value: "object": failed rule: self.n > 2');
    assert.equal(check([{ rule, message: 'too small' }], spec), 'spec: Invalid value: "object": too small');
    assert.equal(
      check([{ rule, message: 'plain', messageExpression: "'n is ' + string(self.n)" }], spec),
      'spec: Invalid value: "object": n is 1',
    );
    assert.equal(
      check([{ rule, message: 'plain', messageExpression: 'self.plain[7]' }], spec),
      'spec: Invalid value: "object": plain',
    );
    assert.equal(check([{ rule, message: 'm', fieldPath: '.n' }], spec), 'spec.n: Invalid value: "object": m');
    assert.equal(check([{ rule, message: 'm', reason: 'FieldValueForbidden' }], spec), 'spec: Forbidden: m');
    assert.equal(check([{ rule, message: 'm', reason: 'FieldValueRequired' }], spec), 'spec: Required value: m');
    assert.equal(
      check([{ rule: 'self.plain[3] == "a"', message: 'm' }], { plain: ['x'] }),
      'spec: Invalid value: "object": No such key: index out of bounds, index 3 >= size 1 evaluating rule: m'.replace(
        'No such',
        'no such',
      ),
    );
  });

  it('compare with the old value where there is one', () => {
    const rules = [{ rule: 'self.n == oldSelf.n', message: 'immutable' }];
    assert.equal(check(rules, { n: 1 }), '');
    assert.equal(check(rules, { n: 1, text: 'x' }, { n: 1 }), '');
    assert.equal(check(rules, { n: 2 }, { n: 1 }), 'spec: Invalid value: "object": immutable');
  });

  it('on a field do not run when it is added or removed', () => {
    const properties = {
      once: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'immutable' }] },
    };
    assert.equal(check([], { once: 'a' }, {}, properties), '');
    assert.equal(check([], {}, { once: 'a' }, properties), '');
    assert.equal(check([], { once: 'b' }, { once: 'a' }, properties), 'spec.once: Invalid value: "string": immutable');
  });

  it('with optionalOldSelf always run', () => {
    const rules = [{ rule: 'oldSelf.hasValue() || self.n == 1', message: 'begins at 1', optionalOldSelf: true }];
    assert.equal(check(rules, { n: 1 }), '');
    assert.equal(check(rules, { n: 2 }), 'spec: Invalid value: "object": begins at 1');
    assert.equal(check(rules, { n: 2 }, { n: 1 }), '');
    const kept = [{ rule: 'self.n >= oldSelf.orValue(self).n', message: 'never less', optionalOldSelf: true }];
    assert.equal(check(kept, { n: 5 }), '');
    assert.equal(check(kept, { n: 4 }, { n: 5 }), 'spec: Invalid value: "object": never less');
  });

  it('follow items of map lists by their key', () => {
    const properties = { databases: DATABASES };
    const old = {
      databases: [
        { name: 'a', size: 1 },
        { name: 'b', size: 2 },
      ],
    };
    const reordered = {
      databases: [
        { name: 'b', size: 2 },
        { name: 'a', size: 1 },
      ],
    };
    assert.equal(check([], reordered, old, properties), '');
    assert.equal(
      check(
        [],
        {
          databases: [
            { name: 'c', size: 9 },
            { name: 'b', size: 3 },
          ],
        },
        old,
        properties,
      ),
      'spec.databases[1].size: Invalid value: "object": size is immutable',
    );
    assert.equal(
      check([], { databases: [{ name: 'a' }] }, undefined, properties),
      'spec.databases[0]: Invalid value: "object": database a: set exactly one of postgresql, size',
    );
  });

  it('tell the entries of a map by their key', () => {
    const entry = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      'x-kubernetes-validations': [{ rule: 'self.n > 0', message: 'positive' }],
    };
    const properties = { map: { type: 'object', additionalProperties: entry } };
    assert.equal(
      check([], { map: { 'us-east-1': { n: 1 }, 'us-west-2': { n: 0 } } }, undefined, properties),
      'spec.map[us-west-2]: Invalid value: "object": positive',
    );
  });

  it('are not asked again of what did not change', () => {
    const lax = widgetCrd(schema([]));
    const { ok, call } = fixture();
    ok('POST', CRDS, lax);
    ok('POST', WIDGETS, widget('w', { n: 1, text: 'a' }));
    const live = ok('GET', `${CRDS}/widgets.test.maestro.io`);
    const strict = widgetCrd(
      schema([], { n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 5' }] } }),
    );
    ok('PUT', `${CRDS}/widgets.test.maestro.io`, { ...live, spec: strict['spec'] ?? {} });
    assert.equal(at(ok('PATCH', `${WIDGETS}/w`, { spec: { text: 'b' } }), 'spec', 'text'), 'b');
    assert.equal(call('PATCH', `${WIDGETS}/w`, { spec: { n: 2 } }).status, 422);
  });

  it('wait until the object fits its schema', () => {
    const refused = check([{ rule: 'self.n > 2', message: 'm' }], { n: 'x' });
    assert.match(
      refused,
      /spec.n: Invalid value: "string".*<nil>: Invalid value: "null": some validation rules were not checked/,
    );
    assert.doesNotMatch(refused, /: m$/);
  });

  it('see the whole object at its root, of its metadata only the name', () => {
    const { call } = withWidgets(
      { type: 'object', properties: { n: { type: 'integer' } } },
      {
        'x-kubernetes-validations': [
          { rule: "self.metadata.name.startsWith('w') && self.kind == 'Widget'", message: 'w only' },
        ],
      },
    );
    assert.equal(call('POST', WIDGETS, widget('w', {})).status, 201);
    assert.equal(
      message(call('POST', WIDGETS, widget('x', {}))),
      'Widget.test.maestro.io "x" is invalid: <nil>: Invalid value: "object": w only',
    );
  });

  const bad: readonly (readonly [string, RegExp])[] = [
    ['self.n >', /compilation failed: ERROR: .*Unexpected token/],
    ['self.nothing == 1', /undefined field 'nothing'/],
    ['has(self.nested.nothing)', /undefined field 'nothing'/],
    ["self.n == 'a'", /no such overload: int == string/],
    ['self.n + 1', /must evaluate to a bool/],
    ['self.frobnicate()', /found no matching overload for/],
    ['other.n == 1', /Unknown variable: other/],
    ['self.metadata.name == "x"', /undefined field 'metadata'/],
  ];
  for (const [rule, expected] of bad) {
    it(`refuse the definition for: ${rule}`, () => {
      const text = refusedDefinition({ rule });
      assert.match(text, expected);
      assert.match(
        text,
        /spec.versions\[0\].schema.openAPIV3Schema.properties\[spec\].x-kubernetes-validations\[0\].rule/,
      );
    });
  }

  it('refuse the definition for oldSelf below an atomic list', () => {
    const properties: Record<string, Json> = {
      plain: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } },
    };
    assert.match(
      refusedDefinition({ rule: 'true' }, properties),
      /oldSelf cannot be used on the uncorrelatable portion/,
    );
  });

  it('refuse the definition for a message that is no text', () => {
    assert.match(
      refusedDefinition({ rule: 'true', messageExpression: 'self.n' }),
      /messageExpression: .*must evaluate to a string/,
    );
  });
});
