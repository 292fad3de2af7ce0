import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { isArray, isObject, type Json } from '../json.ts';
import { structurally } from './cel-library.ts';
import type { Schema } from './schema.ts';

/** A schema as CEL sees it: the type's name there, and how its values are made. */
export interface CelType {
  readonly name: string;
  readonly value: (json: Json) => unknown;
}

type Constructor = new () => object;

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

/** Registers a message type for each object schema that is asked for. */
export function celTypes(environment: Environment): CelTypes {
  const known = new Map<Schema, CelType>();
  let count = 0;
  const helpers = new Environment({ unlistedVariablesAreDyn: true });
  const timestamp = helpers.parse('timestamp(string(text))');
  const duration = helpers.parse('duration(string(text))');

  const objectType = (schema: Schema, root: boolean): CelType => {
    const fields: Record<string, string> = {};
    const members: { readonly key: string; readonly name: string; readonly type: CelType }[] = [];
    const add = (key: string, type: CelType): void => {
      const name = celName(key);
      if (name === undefined) return;
      fields[name] = type.name;
      members.push({ key, name, type });
    };
    for (const [key, property] of Object.entries(schema.properties)) {
      if ((root || schema.embedded) && key === 'metadata') continue;
      add(key, typeOf(property));
    }
    if (root || schema.embedded) {
      for (const key of ['apiVersion', 'kind']) if (!Object.hasOwn(fields, key)) add(key, TEXT);
      add('metadata', metadataType(environment, (count += 1)));
    }
    const made = messageType(environment, `Object${String((count += 1))}`, fields);
    return {
      name: made.name,
      value: (json) => {
        const instance = new made.constructor();
        if (!isObject(json)) return instance;
        for (const { key, name, type } of members) {
          const item = json[key];
          if (item !== undefined && item !== null) Object.assign(instance, { [name]: type.value(item) });
        }
        return instance;
      },
    };
  };

  const make = (schema: Schema, root: boolean): CelType => {
    if (schema.intOrString || schema.type === undefined) return DYNAMIC;
    switch (schema.type) {
      case 'integer':
        return { name: 'int', value: (json) => (typeof json === 'number' ? BigInt(Math.trunc(json)) : json) };
      case 'number':
        return { name: 'double', value: Number };
      case 'boolean':
        return { name: 'bool', value: (json) => json };
      case 'string':
        if (schema.format === 'date-time') return parsed('google.protobuf.Timestamp', timestamp);
        if (schema.format === 'duration') return parsed('google.protobuf.Duration', duration);
        return TEXT;
      case 'array': {
        const item = schema.items === undefined ? DYNAMIC : typeOf(schema.items);
        const list = (json: Json): unknown[] => (isArray(json) ? json.map(item.value) : []);
        const set = schema.listType === 'set';
        return { name: `list<${item.name}>`, value: set ? (json) => new Set(list(json)) : list };
      }
      case 'object': {
        if (typeof schema.additional === 'object') return mapType(typeOf(schema.additional));
        const open = Object.keys(schema.properties).length === 0 && !root && !schema.embedded;
        if (open) return schema.preserve || schema.additional ? mapType(DYNAMIC) : objectType(schema, false);
        return objectType(schema, root);
      }
    }
  };

  const typeOf = (schema: Schema, root = false): CelType => {
    const found = known.get(schema);
    if (found !== undefined) return found;
    const made = make(schema, root);
    known.set(schema, made);
    return made;
  };

  return { typeOf };
}

const TEXT: CelType = Object.freeze({ name: 'string', value: (json: Json): unknown => json });
const DYNAMIC: CelType = Object.freeze({ name: 'dyn', value: dynamic });

function parsed(name: string, expression: ParseResult): CelType {
  return { name, value: (json): unknown => expression({ text: json }) as unknown };
}

/** Without a schema, whole numbers are integers. */
function dynamic(json: Json): unknown {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  if (isArray(json)) return json.map(dynamic);
  if (isObject(json)) return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, dynamic(value)]));
  return json;
}

function mapType(item: CelType): CelType {
  return {
    name: `map<string, ${item.name}>`,
    value: (json) =>
      isObject(json) ? Object.fromEntries(Object.entries(json).map(([key, value]) => [key, item.value(value)])) : {},
  };
}

/** CEL sees only the name of an object's metadata. */
function metadataType(environment: Environment, number: number): CelType {
  const made = messageType(environment, `Metadata${String(number)}`, { name: 'string', generateName: 'string' });
  return {
    name: made.name,
    value: (json) => {
      const metadata = isObject(json) ? json : {};
      const kept = Object.entries(metadata).filter(([key]) => key === 'name' || key === 'generateName');
      return Object.assign(new made.constructor(), Object.fromEntries(kept));
    },
  };
}

function messageType(
  environment: Environment,
  name: string,
  fields: Record<string, string>,
): { readonly name: string; readonly constructor: Constructor } {
  const constructor: Constructor = class {};
  environment.registerType(name, { ctor: constructor, fields });
  environment.registerOperator(`${name} == ${name}`, (a: unknown, b: unknown) => structurally(a) === structurally(b));
  return { name, constructor };
}
