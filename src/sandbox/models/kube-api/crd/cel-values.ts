import { Environment } from '@marcbachmann/cel-js';
import { isArray, isObject, type Json } from '../json.ts';
import { newConstructor, structurally } from './cel-library.ts';
import type { Schema } from './schema.ts';

/** A schema as CEL sees it: the type's name there, and how its values are made. */
export interface CelType {
  readonly name: string;
  readonly value: (json: Json) => unknown;
}

/** Words that CEL keeps for itself: a property of that name is written `__name__` in rules. */
const RESERVED = Object.freeze([
  ...[
    'true',
    'false',
    'null',
    'in',
    'as',
    'break',
    'const',
    'continue',
    'else',
    'for',
    'function',
    'if',
    'import',
    'let',
  ],
  ...['loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
]);

/** A property's name in CEL, or undefined where it has none and so cannot be reached. */
export function celName(name: string): string | undefined {
  if (RESERVED.includes(name)) return `__${name}__`;
  const escaped = name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined;
}

export interface CelTypes {
  typeOf(schema: Schema, root?: boolean): CelType;
}

interface Maker {
  readonly environment: Environment;
  readonly typeOf: CelTypes['typeOf'];
  readonly nextName: (prefix: string) => string;
}

/** Registers a message type for each object schema that is asked for. */
export function celTypes(environment: Environment): CelTypes {
  const known = new Map<Schema, CelType>();
  let count = 0;
  const maker: Maker = {
    environment,
    nextName: (prefix) => `${prefix}${String((count += 1))}`,
    typeOf: (schema, root = false) => {
      const found = known.get(schema);
      if (found !== undefined) return found;
      const made = makeType(maker, schema, root);
      known.set(schema, made);
      return made;
    },
  };
  return { typeOf: maker.typeOf };
}

function makeType(maker: Maker, schema: Schema, root: boolean): CelType {
  if (schema.intOrString) return DYNAMIC;
  switch (schema.type) {
    case undefined:
      return DYNAMIC;
    case 'integer':
      return { name: 'int', value: (json) => (typeof json === 'number' ? BigInt(Math.trunc(json)) : json) };
    case 'number':
      return { name: 'double', value: Number };
    case 'boolean':
      return { name: 'bool', value: (json) => json };
    case 'string':
      return stringType(schema.format);
    case 'array':
      return listType(maker, schema);
    case 'object':
      return objectType(maker, schema, root);
  }
}

const TEXT: CelType = Object.freeze({ name: 'string', value: (json: Json): unknown => json });
const DYNAMIC: CelType = Object.freeze({ name: 'dyn', value: dynamic });

/** Without a schema, whole numbers are integers. */
function dynamic(json: Json): unknown {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (isArray(json)) return json.map(dynamic);
  if (isObject(json)) return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, dynamic(value)]));
  return json;
}

function stringType(format: string | undefined): CelType {
  if (format === 'date-time') return parsed('google.protobuf.Timestamp', 'timestamp(string(text))');
  if (format === 'duration') return parsed('google.protobuf.Duration', 'duration(string(text))');
  return TEXT;
}

function parsed(name: string, source: string): CelType {
  const expression = new Environment({ unlistedVariablesAreDyn: true }).parse(source);
  return {
    name,
    value: (json): unknown => {
      try {
        return expression({ text: json }) as unknown;
      } catch (error) {
        // Malformed: the schema's own check says so; rules see what was written, as text.
        if (error instanceof Error) return json;
        throw error;
      }
    },
  };
}

function listType(maker: Maker, schema: Schema): CelType {
  const item = schema.items === undefined ? DYNAMIC : maker.typeOf(schema.items);
  const list = (json: Json): unknown[] => (isArray(json) ? json.map(item.value) : []);
  const set = schema.listType === 'set';
  return { name: `list<${item.name}>`, value: set ? (json) => new Set(list(json)) : list };
}

function objectType(maker: Maker, schema: Schema, root: boolean): CelType {
  if (typeof schema.additional === 'object') return mapType(maker.typeOf(schema.additional));
  const embedded = root || schema.embedded;
  const open = Object.keys(schema.properties).length === 0 && !embedded;
  if (open && (schema.preserve || schema.additional)) return mapType(DYNAMIC);
  return messageType(maker, schema, embedded);
}

function mapType(item: CelType): CelType {
  return {
    name: `map<string, ${item.name}>`,
    value: (json) =>
      isObject(json) ? Object.fromEntries(Object.entries(json).map(([key, value]) => [key, item.value(value)])) : {},
  };
}

function messageType(maker: Maker, schema: Schema, embedded: boolean): CelType {
  const own = Object.entries(schema.properties)
    .filter(([key]) => !embedded || !EMBEDDED.includes(key))
    .map(([key, property]) => [key, maker.typeOf(property)] as const);
  const head = embedded
    ? ([
        ['apiVersion', TEXT],
        ['kind', TEXT],
        ['metadata', metadataType(maker)],
      ] as const)
    : [];
  return registered(maker, 'Object', [...head, ...own]);
}

const EMBEDDED = Object.freeze(['apiVersion', 'kind', 'metadata']);

/** CEL sees only the names of an object's metadata. */
function metadataType(maker: Maker): CelType {
  return registered(maker, 'Metadata', [
    ['name', TEXT],
    ['generateName', TEXT],
  ]);
}

function registered(maker: Maker, prefix: string, properties: readonly (readonly [string, CelType])[]): CelType {
  const members = properties.flatMap(([key, type]) => {
    const name = celName(key);
    return name === undefined ? [] : [{ key, name, type }];
  });
  const name = maker.nextName(prefix);
  const { constructor, create } = newConstructor();
  maker.environment
    .registerType(name, {
      ctor: constructor,
      fields: Object.fromEntries(members.map((one) => [one.name, one.type.name])),
    })
    .registerOperator(`${name} == ${name}`, (a: unknown, b: unknown) => structurally(a) === structurally(b));
  return {
    name,
    value: (json) => {
      const values: Record<string, unknown> = {};
      for (const member of members) {
        const item = isObject(json) ? json[member.key] : undefined;
        if (item !== undefined && item !== null) values[member.name] = member.type.value(item);
      }
      return create(values);
    },
  };
}
