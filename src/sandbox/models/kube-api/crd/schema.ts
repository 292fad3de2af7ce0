import { isArray, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '../json.ts';

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/** A CEL rule as written in the CRD. */
export interface RuleText {
  readonly rule: string;
  readonly message: string | undefined;
  readonly messageExpression: string | undefined;
  readonly reason: string | undefined;
  readonly fieldPath: string | undefined;
  readonly optionalOldSelf: boolean;
}

/** A structural schema (apiextensions/v1 JSONSchemaProps), read once. */
export interface Schema {
  readonly type: SchemaType | undefined;
  readonly properties: Readonly<Record<string, Schema>>;
  /** Schema of the values of a map; true: values of any kind. */
  readonly additional: Schema | boolean;
  readonly items: Schema | undefined;
  readonly required: readonly string[];
  readonly enumeration: readonly Json[] | undefined;
  readonly pattern: RegExp | undefined;
  readonly format: string | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  readonly uniqueItems: boolean;
  readonly minProperties: number | undefined;
  readonly maxProperties: number | undefined;
  readonly nullable: boolean;
  readonly preserve: boolean;
  readonly embedded: boolean;
  readonly intOrString: boolean;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listMapKeys: readonly string[];
  readonly fallback: Json | undefined;
  readonly allOf: readonly Schema[];
  readonly anyOf: readonly Schema[];
  readonly oneOf: readonly Schema[];
  readonly not: Schema | undefined;
  readonly rules: readonly RuleText[];
}

/** `problems` gets what would make the real server refuse the schema, each with its path. */
export function readSchema(source: JsonObject, path: string, problems: string[]): Schema {
  const child = (value: Json, at: string): Schema => readSchema(objectAt(value), `${path}.${at}`, problems);
  const children = (key: string): readonly Schema[] => {
    const list = source[key];
    return isArray(list) ? list.map((one, index) => child(one, `${key}[${String(index)}]`)) : [];
  };
  const properties = Object.entries(objectAt(source, 'properties')).map(
    ([key, value]) => [key, child(value, `properties[${key}]`)] as const,
  );
  const additional = source['additionalProperties'];
  const items = source['items'];
  const listType = stringAt(source, 'x-kubernetes-list-type');
  const keys = source['x-kubernetes-list-map-keys'];
  return {
    type: typeOf(source, path, problems),
    properties: Object.fromEntries(properties),
    additional: isObject(additional) ? child(additional, 'additionalProperties') : additional === true,
    items: isObject(items) ? child(items, 'items') : undefined,
    required: strings(source['required']),
    enumeration: isArray(source['enum']) ? source['enum'] : undefined,
    pattern: patternOf(source, path, problems),
    format: stringAt(source, 'format'),
    ...numbers(source),
    uniqueItems: source['uniqueItems'] === true,
    nullable: source['nullable'] === true,
    preserve: source['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: source['x-kubernetes-embedded-resource'] === true,
    intOrString: source['x-kubernetes-int-or-string'] === true,
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    listMapKeys: strings(keys),
    fallback: source['default'],
    allOf: children('allOf'),
    anyOf: children('anyOf'),
    oneOf: children('oneOf'),
    not: isObject(source['not']) ? child(source['not'], 'not') : undefined,
    rules: rulesOf(source, path, problems),
  };
}

const TYPES: readonly SchemaType[] = Object.freeze(['object', 'array', 'string', 'integer', 'number', 'boolean']);

function typeOf(source: JsonObject, path: string, problems: string[]): SchemaType | undefined {
  const type = stringAt(source, 'type');
  const known = TYPES.find((one) => one === type);
  if (type !== undefined && known === undefined) {
    problems.push(
      `${path}.type: Unsupported value: "${type}": supported values: ${TYPES.map((one) => `"${one}"`).join(', ')}`,
    );
  }
  if (known === 'array' && !isObject(source['items'])) {
    problems.push(`${path}.items: Required value: must be specified`);
  }
  return known;
}

function numbers(source: JsonObject) {
  return {
    minimum: numberAt(source, 'minimum'),
    maximum: numberAt(source, 'maximum'),
    exclusiveMinimum: source['exclusiveMinimum'] === true,
    exclusiveMaximum: source['exclusiveMaximum'] === true,
    multipleOf: numberAt(source, 'multipleOf'),
    minLength: numberAt(source, 'minLength'),
    maxLength: numberAt(source, 'maxLength'),
    minItems: numberAt(source, 'minItems'),
    maxItems: numberAt(source, 'maxItems'),
    minProperties: numberAt(source, 'minProperties'),
    maxProperties: numberAt(source, 'maxProperties'),
  };
}

function patternOf(source: JsonObject, path: string, problems: string[]): RegExp | undefined {
  const pattern = stringAt(source, 'pattern');
  if (pattern === undefined) return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.push(
      `${path}.pattern: Invalid value: "${pattern}": must be a valid regular expression, but isn't: ${why}`,
    );
    return undefined;
  }
}

function strings(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

const RULE_REASONS = Object.freeze([
  'FieldValueInvalid',
  'FieldValueForbidden',
  'FieldValueRequired',
  'FieldValueDuplicate',
]);

function rulesOf(source: JsonObject, path: string, problems: string[]): readonly RuleText[] {
  const list = source['x-kubernetes-validations'];
  if (!isArray(list)) return [];
  return list.filter(isObject).map((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${String(index)}]`;
    const text = stringAt(rule, 'rule') ?? '';
    if (text.trim() === '') problems.push(`${at}.rule: Required value: rule is not specified`);
    const reason = stringAt(rule, 'reason');
    if (reason !== undefined && !RULE_REASONS.includes(reason)) {
      problems.push(
        `${at}.reason: Unsupported value: "${reason}": supported values: ${RULE_REASONS.map((one) => `"${one}"`).join(', ')}`,
      );
    }
    return {
      rule: text,
      message: stringAt(rule, 'message'),
      messageExpression: stringAt(rule, 'messageExpression'),
      reason,
      fieldPath: stringAt(rule, 'fieldPath'),
      optionalOldSelf: rule['optionalOldSelf'] === true,
    };
  });
}
