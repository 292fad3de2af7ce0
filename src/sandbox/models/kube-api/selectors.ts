import { badRequest } from './api-error.ts';
import { at, isArray, isObject, objectAt, objectsAt, stringAt, type Json, type JsonObject } from './json.ts';

export type Predicate = (object: JsonObject) => boolean;

type LabelTest = (labels: JsonObject) => boolean;

const SET = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/;
const EQUALITY = /^\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)\s*$/;
const EXISTS = /^\s*(!?)\s*([^\s!=,()]+)\s*$/;

/** `a=b,c in (d,e),!f`. @throws ApiError 400 */
export function labelSelector(text: string | null): Predicate | undefined {
  if (text === null || text.trim() === '') return undefined;
  const tests = splitOutsideParentheses(text).map(labelTest);
  return (object) => {
    const labels = objectAt(object, 'metadata', 'labels');
    return tests.every((test) => test(labels));
  };
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/);
}

function labelTest(part: string): LabelTest {
  const set = SET.exec(part);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return member(set[1] ?? '', values, set[2] === 'notin');
  }
  const equality = EQUALITY.exec(part);
  if (equality !== null) return member(equality[1] ?? '', [equality[3] ?? ''], equality[2] === '!=');
  const exists = EXISTS.exec(part);
  if (exists === null) throw badRequest(`unable to parse requirement: ${part}`);
  const key = exists[2] ?? '';
  return (labels) => Object.hasOwn(labels, key) !== (exists[1] === '!');
}

function member(key: string, values: readonly string[], negated: boolean): LabelTest {
  return (labels) => {
    const value = stringAt(labels, key);
    const found = value !== undefined && values.includes(value);
    return negated ? !found : found;
  };
}

/**
 * `metadata.name=x,involvedObject.uid!=y`. `supported` are the paths beside metadata.name and metadata.namespace.
 * @throws ApiError 400 for a path the resource does not select by.
 */
export function fieldSelector(text: string | null, supported: readonly string[]): Predicate | undefined {
  if (text === null || text.trim() === '') return undefined;
  const tests = text.split(',').map((part): Predicate => {
    const match = /^\s*([^!=\s]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part);
    if (match === null) throw badRequest(`invalid field selector: ${part}`);
    const [, path = '', operator = '=', wanted = ''] = match;
    if (path !== 'metadata.name' && path !== 'metadata.namespace' && !supported.includes(path)) {
      throw badRequest(
        `Unable to find "" that match label selector "", field selector "${text}": field label not supported: ${path}`,
      );
    }
    const keys = path.split('.');
    return (object) => (fieldText(at(object, ...keys)) === wanted) !== (operator === '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function fieldText(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** A `LabelSelector` object (matchLabels, matchExpressions); an empty one matches everything. */
export function matchesSelector(selector: JsonObject, labels: JsonObject): boolean {
  const simple = Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
  if (!simple) return false;
  return objectsAt(selector, 'matchExpressions').every((expression) => {
    const key = stringAt(expression, 'key') ?? '';
    const values = at(expression, 'values');
    const listed = isArray(values) && values.includes(labels[key] ?? null);
    switch (stringAt(expression, 'operator')) {
      case 'In':
        return listed;
      case 'NotIn':
        return !listed;
      case 'Exists':
        return Object.hasOwn(labels, key);
      default:
        return !Object.hasOwn(labels, key);
    }
  });
}

/** The text form of a `LabelSelector`, as a scale's status shows it. */
export function selectorText(selector: JsonObject | undefined): string {
  if (!isObject(selector)) return '';
  return Object.entries(objectAt(selector, 'matchLabels'))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`)
    .sort()
    .join(',');
}
