import { fieldDuplicate, fieldInvalid, fieldNotSupported, fieldRequired, type FieldError } from '../api-error.ts';
import { canonical, equal, isArray, isObject, type Json, type JsonObject } from '../json.ts';
import { isDate, isDateTime } from '../timestamp.ts';
import type { Schema } from './schema.ts';

/**
 * The faults of `value`, in the real server's words. What is unchanged since `old` is not looked at again, for the
 * server ratchets: an object that was stored under a laxer schema stays editable (KEP-4008).
 */
export function validate(schema: Schema, value: Json, old: Json | undefined, path: string): readonly FieldError[] {
  if (old !== undefined && equal(value, old)) return [];
  const errors: FieldError[] = [];
  if (value === null) {
    if (!schema.nullable && schema.type !== undefined) errors.push(wrongType(schema.type, 'null', path));
    return errors;
  }
  if (!hasType(schema, value)) {
    const wanted = schema.intOrString ? 'integer,string' : (schema.type ?? 'object');
    return [wrongType(wanted, kindOf(value), path)];
  }
  if (schema.enumeration !== undefined && !schema.enumeration.some((one) => equal(one, value))) {
    errors.push(fieldNotSupported(path, value, schema.enumeration));
  }
  if (typeof value === 'string') errors.push(...checkString(schema, value, path));
  else if (typeof value === 'number') errors.push(...checkNumber(schema, value, path));
  else if (isArray(value)) errors.push(...checkArray(schema, value, old, path));
  else if (isObject(value)) errors.push(...checkObject(schema, value, old, path));
  errors.push(...checkCombinations(schema, value, path));
  return errors;
}

/** Faults after which the server does not run CEL rules. */
export function blocksRules(errors: readonly FieldError[]): boolean {
  return errors.some(
    ({ reason }) =>
      reason === 'FieldValueRequired' ||
      reason === 'FieldValueNotSupported' ||
      reason === 'FieldValueTypeInvalid' ||
      reason === 'FieldValueTooLong' ||
      reason === 'FieldValueTooMany',
  );
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function hasType(schema: Schema, value: Json): boolean {
  if (schema.intOrString) return typeof value === 'string' || Number.isInteger(value);
  if (schema.type === undefined) return true;
  const kind = kindOf(value);
  return kind === schema.type || (schema.type === 'number' && kind === 'integer');
}

function wrongType(wanted: string, actual: string, path: string): FieldError {
  return {
    reason: 'FieldValueTypeInvalid',
    field: path,
    message: `Invalid value: "${actual}": ${path} in body must be of type ${wanted}: "${actual}"`,
  };
}

function checkString(schema: Schema, value: string, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const length = schema.minLength === undefined && schema.maxLength === undefined ? 0 : Array.from(value).length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: path,
      message: `Too long: may not be more than ${String(schema.maxLength)} bytes`,
    });
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(fieldInvalid(path, value, `${path} in body should be at least ${String(schema.minLength)} chars long`));
  }
  if (schema.pattern !== undefined && !schema.pattern.test(value)) {
    errors.push(
      fieldInvalid(path, value, `${path} in body should match '${schema.pattern.source.replaceAll('\\/', '/')}'`),
    );
  }
  if (schema.format !== undefined && !hasFormat(schema.format, value)) {
    errors.push(
      fieldInvalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`),
    );
  }
  return errors;
}

/** The formats that the server checks and this API uses; others pass. */
function hasFormat(format: string, value: string): boolean {
  switch (format) {
    case 'date-time':
      return isDateTime(value);
    case 'date':
      return isDate(value);
    case 'uuid':
      return /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value);
    case 'ipv4':
      return /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$/.test(value);
    case 'byte':
      return /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0;
    default:
      return true;
  }
}

function checkNumber(schema: Schema, value: number, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { minimum, maximum, multipleOf } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const words = schema.exclusiveMinimum ? 'greater than' : 'greater than or equal to';
    errors.push(fieldInvalid(path, value, `${path} in body should be ${words} ${String(minimum)}`));
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    const words = schema.exclusiveMaximum ? 'less than' : 'less than or equal to';
    errors.push(fieldInvalid(path, value, `${path} in body should be ${words} ${String(maximum)}`));
  }
  if (multipleOf !== undefined && value % multipleOf !== 0) {
    errors.push(fieldInvalid(path, value, `${path} in body should be a multiple of ${String(multipleOf)}`));
  }
  return errors;
}

function checkArray(
  schema: Schema,
  value: readonly Json[],
  old: Json | undefined,
  path: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push(tooMany(path, value.length, schema.maxItems));
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(
      fieldInvalid(path, value.length, `${path} in body should have at least ${String(schema.minItems)} items`),
    );
  }
  const items = schema.items;
  if (items !== undefined) {
    value.forEach((item, index) => {
      errors.push(...validate(items, item, correlated(schema, old, item), `${path}[${String(index)}]`));
    });
  }
  errors.push(...duplicates(schema, value, path));
  return errors;
}

/** The item of `old` that `item` came from: by key in lists of `listType: map`, none in others. */
export function correlated(schema: Schema, old: Json | undefined, item: Json): Json | undefined {
  if (schema.listType !== 'map' || !isArray(old) || !isObject(item)) return undefined;
  return old.find((one) => isObject(one) && schema.listMapKeys.every((key) => equal(one[key], item[key])));
}

function duplicates(schema: Schema, value: readonly Json[], path: string): readonly FieldError[] {
  const keyed = schema.listType === 'map';
  if (!keyed && schema.listType !== 'set') return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const key: Json = keyed && isObject(item) ? pick(item, schema.listMapKeys) : item;
    const text = canonical(key);
    if (seen.has(text)) return [fieldDuplicate(`${path}[${String(index)}]`, key)];
    seen.add(text);
    return [];
  });
}

function pick(item: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([key]) => keys.includes(key)));
}

function tooMany(path: string, count: number, limit: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field: path,
    message: `Too many: ${String(count)}: must have at most ${String(limit)} items`,
  };
}

function checkObject(schema: Schema, value: JsonObject, old: Json | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const child = (key: string): string => (path === '' ? key : `${path}.${key}`);
  for (const key of schema.required) if (!Object.hasOwn(value, key)) errors.push(fieldRequired(child(key)));
  const keys = Object.keys(value);
  if (schema.maxProperties !== undefined && keys.length > schema.maxProperties) {
    errors.push(tooMany(path, keys.length, schema.maxProperties));
  }
  if (schema.minProperties !== undefined && keys.length < schema.minProperties) {
    const words = `${path} in body should have at least ${String(schema.minProperties)} properties`;
    errors.push(fieldInvalid(path, keys.length, words));
  }
  for (const key of keys) {
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : schema.additional;
    if (typeof property !== 'object') continue;
    const before = isObject(old) && Object.hasOwn(old, key) ? old[key] : undefined;
    errors.push(...validate(property, value[key] ?? null, before, child(key)));
  }
  return errors;
}

function checkCombinations(schema: Schema, value: Json, path: string): readonly FieldError[] {
  const errors = schema.allOf.flatMap((one) => validate(one, value, undefined, path));
  const passes = (one: Schema): boolean => validate(one, value, undefined, path).length === 0;
  if (schema.anyOf.length > 0 && !schema.anyOf.some(passes)) {
    errors.push(combination(path, value, 'must validate at least one schema (anyOf)'));
  }
  if (schema.oneOf.length > 0) {
    const valid = schema.oneOf.filter(passes).length;
    const found = valid === 0 ? 'Found none valid' : `Found ${String(valid)} valid alternatives`;
    if (valid !== 1) errors.push(combination(path, value, `must validate one and only one schema (oneOf). ${found}`));
  }
  if (schema.not !== undefined && passes(schema.not)) {
    errors.push(combination(path, value, 'must not validate the schema (not)'));
  }
  return errors;
}

function combination(path: string, value: Json, words: string): FieldError {
  return fieldInvalid(path === '' ? '<nil>' : path, value, `"${path}" ${words}`);
}
