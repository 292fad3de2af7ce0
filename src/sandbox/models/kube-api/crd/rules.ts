import { Optional, type Environment } from '@marcbachmann/cel-js';
import type { FieldError, FieldReason } from '../api-error.ts';
import { equal, isArray, isObject, type Json } from '../json.ts';
import { celEnvironment, PRESENCE } from './cel-library.ts';
import { celTypes, type CelType, type CelTypes } from './cel-values.ts';
import type { RuleText, Schema } from './schema.ts';
import { correlated } from './validate.ts';

interface Rule {
  readonly text: RuleText;
  readonly transition: boolean;
  readonly test: (context: Context) => unknown;
  readonly message: ((context: Context) => unknown) | undefined;
}

interface Context {
  readonly self: unknown;
  readonly oldSelf?: unknown;
}

/** The compiled rules of one schema and of what is below it. Absent where there are none, so that they cost nothing. */
export interface Rules {
  readonly type: string;
  readonly own: readonly Rule[];
  readonly value: CelType['value'];
  readonly properties: Readonly<Record<string, Rules>>;
  readonly additional: Rules | undefined;
  readonly items: Rules | undefined;
  readonly schema: Schema;
}

/** `problems` gets each rule that does not compile, with its path. */
export function compileRules(schema: Schema, path: string, problems: string[]): Rules | undefined {
  const environment = celEnvironment();
  const types = celTypes(environment);
  registerTypes(schema, types, true);
  return compile(schema, path, { environment, types, problems }, { root: true, correlatable: true });
}

/** All at once and first: an environment takes no more types once a rule's own scope was derived from it. */
function registerTypes(schema: Schema, types: CelTypes, root: boolean): void {
  types.typeOf(schema, root);
  for (const property of Object.values(schema.properties)) registerTypes(property, types, false);
  if (typeof schema.additional === 'object') registerTypes(schema.additional, types, false);
  if (schema.items !== undefined) registerTypes(schema.items, types, false);
}

interface Compiler {
  readonly environment: Environment;
  readonly types: CelTypes;
  readonly problems: string[];
}

interface Place {
  readonly root: boolean;
  /** A value here has a counterpart in the old object: not so below atomic lists and sets. */
  readonly correlatable: boolean;
}

function compile(schema: Schema, path: string, compiler: Compiler, place: Place): Rules | undefined {
  const below = { root: false, correlatable: place.correlatable };
  const type = compiler.types.typeOf(schema, place.root);
  const properties = Object.entries(schema.properties).flatMap(([key, property]) => {
    const rules = compile(property, `${path}.properties[${key}]`, compiler, below);
    return rules === undefined ? [] : [[key, rules] as const];
  });
  const { additional, items } = schema;
  const values =
    typeof additional === 'object' ? compile(additional, `${path}.additionalProperties`, compiler, below) : undefined;
  const itemsPlace = { root: false, correlatable: place.correlatable && schema.listType === 'map' };
  const entries = items === undefined ? undefined : compile(items, `${path}.items`, compiler, itemsPlace);
  if (schema.rules.length === 0 && properties.length === 0 && values === undefined && entries === undefined) {
    return undefined;
  }
  return {
    type: schema.intOrString ? '' : (schema.type ?? ''),
    own: schema.rules.flatMap((rule, index) =>
      compileRule(rule, type, `${path}.x-kubernetes-validations[${String(index)}]`, compiler, place),
    ),
    value: type.value,
    properties: Object.fromEntries(properties),
    additional: values,
    items: entries,
    schema,
  };
}

function compileRule(text: RuleText, type: CelType, path: string, compiler: Compiler, place: Place): readonly Rule[] {
  const transition = /\boldSelf\b/.test(text.rule.replace(/'[^']*'|"[^"]*"/g, ''));
  if (transition && !place.correlatable) {
    compiler.problems.push(
      `${path}.rule: Invalid value: ${JSON.stringify(text.rule)}: oldSelf cannot be used on the uncorrelatable portion of the schema within ${path}`,
    );
    return [];
  }
  const scope = compiler.environment
    .clone()
    .registerVariable('self', type.name)
    .registerVariable('oldSelf', text.optionalOldSelf ? `optional<${type.name}>` : type.name);
  const test = compileExpression(scope, text.rule, 'bool', `${path}.rule`, compiler.problems);
  const { messageExpression } = text;
  const message =
    messageExpression === undefined
      ? undefined
      : compileExpression(scope, messageExpression, 'string', `${path}.messageExpression`, compiler.problems);
  return test === undefined ? [] : [{ text, transition, test, message }];
}

function compileExpression(
  scope: Environment,
  source: string,
  wanted: string,
  path: string,
  problems: string[],
): ((context: Context) => unknown) | undefined {
  const why = faultOf(scope, source, wanted);
  if (why !== undefined) {
    problems.push(`${path}: Invalid value: ${JSON.stringify(source)}: compilation failed: ERROR: <input>: ${why}`);
    return undefined;
  }
  const parsed = scope.parse(source);
  return (context): unknown => parsed({ ...context }) as unknown;
}

function faultOf(scope: Environment, source: string, wanted: string): string | undefined {
  const result = scope.check(source);
  if (!result.valid) return reasonOf(result.error);
  // `has()` does not check that its field exists; a plain access does, so the same text is checked without it.
  const strict = scope.check(source.replaceAll(/\bhas\(/g, `${PRESENCE}(`));
  if (!strict.valid && strict.error?.code === 'no_such_key') return reasonOf(strict.error);
  const { type = 'unknown' } = result;
  return type === wanted || type === 'dyn' ? undefined : `must evaluate to a ${wanted}, not ${type}`;
}

function reasonOf(error: { readonly code: string; readonly summary: string } | undefined): string {
  if (error === undefined) return 'does not compile';
  return error.code === 'no_such_key'
    ? error.summary.replace(/^No such key: (.*)$/, "undefined field '$1'")
    : error.summary;
}

/** The rules that `value` breaks, given the old value at the same place, if there is one. */
export function checkRules(rules: Rules, value: Json, old: Json | undefined, path: string): readonly FieldError[] {
  if (value === null || !fits(rules.schema, value)) return [];
  const errors = runOwn(rules, value, old, path);
  if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const below = Object.hasOwn(rules.properties, key) ? rules.properties[key] : undefined;
      const entry = below ?? (Object.hasOwn(rules.schema.properties, key) ? undefined : rules.additional);
      if (entry === undefined) continue;
      const before = isObject(old) && Object.hasOwn(old, key) ? old[key] : undefined;
      const at = below === undefined ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      errors.push(...checkRules(entry, item, before, at));
    }
  }
  const { items } = rules;
  if (isArray(value) && items !== undefined) {
    value.forEach((item, index) => {
      errors.push(...checkRules(items, item, correlated(rules.schema, old, item), `${path}[${String(index)}]`));
    });
  }
  return errors;
}

/** A value of the wrong type was reported already; converting it for CEL would fail confusingly. */
function fits(schema: Schema, value: Json): boolean {
  if (schema.type === 'object') return isObject(value);
  return schema.type === 'array' ? isArray(value) : true;
}

function runOwn(rules: Rules, value: Json, old: Json | undefined, path: string): FieldError[] {
  const before = old === null ? undefined : old;
  const unchanged = before !== undefined && equal(before, value);
  const due = rules.own.filter((rule) =>
    // Ratcheting: a rule about the value alone is not asked again while the value stays as it was.
    rule.transition ? before !== undefined || rule.text.optionalOldSelf : !unchanged,
  );
  if (due.length === 0) return [];
  const self = rules.value(value);
  const oldSelf = before !== undefined && due.some((rule) => rule.transition) ? rules.value(before) : undefined;
  const optional = oldSelf === undefined ? Optional.none() : Optional.of(oldSelf);
  return due.flatMap((rule) => {
    const context = rule.transition ? { self, oldSelf: rule.text.optionalOldSelf ? optional : oldSelf } : { self };
    const error = evaluate(rule, context, rules.type, path);
    return error === undefined ? [] : [error];
  });
}

function evaluate(rule: Rule, context: Context, type: string, path: string): FieldError | undefined {
  const field = rule.text.fieldPath === undefined ? path : `${path}${rule.text.fieldPath}`.replace(/^\./, '');
  const shown = field === '' ? '<nil>' : field;
  try {
    if (rule.test(context) === true) return undefined;
  } catch (error) {
    const subject = rule.text.message ?? rule.text.rule.trim();
    return failure(shown, 'FieldValueInvalid', type, `${summary(error)} evaluating rule: ${subject}`);
  }
  return failure(shown, reasonFor(rule.text.reason), type, messageOf(rule, context));
}

function messageOf(rule: Rule, context: Context): string {
  const fallback = rule.text.message ?? `failed rule: ${rule.text.rule.trim()}`;
  if (rule.message === undefined) return fallback;
  try {
    const text = rule.message(context);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : fallback;
  } catch (error) {
    // As the server does: an expression that fails gives way to the plain message. Anything else is a defect here.
    if (error instanceof Error && error.name === 'EvaluationError') return fallback;
    throw error;
  }
}

function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const short = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  return short.replace(/^No such key/, 'no such key');
}

function reasonFor(reason: string | undefined): FieldReason {
  switch (reason) {
    case 'FieldValueForbidden':
    case 'FieldValueRequired':
    case 'FieldValueDuplicate':
      return reason;
    default:
      return 'FieldValueInvalid';
  }
}

function failure(field: string, reason: FieldReason, type: string, message: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return { reason, field, message: `Forbidden: ${message}` };
    case 'FieldValueRequired':
      return { reason, field, message: `Required value: ${message}` };
    case 'FieldValueDuplicate':
      return { reason, field, message: `Duplicate value: "${type}"` };
    default:
      return { reason, field, message: `Invalid value: "${type}": ${message}` };
  }
}
