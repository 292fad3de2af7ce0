import { parseDuration } from './duration.ts';
import { parseTime } from './time.ts';

/** One thing wrong with an object (or, as a warning, doubtful), in words that a person can act on. */
export interface Problem {
  /** `spec.databases[0].postgresql.servers.us-east-1.host` */
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads one object of the wire, field by field, and collects what is wrong by its exact path instead of throwing: all
 * of it is said at once. A field that could not be read has a placeholder for its value, so what was read counts only
 * where no problem was collected (`finished`). JSON's null is the same as an absent field, as it is to Kubernetes.
 */
export interface Reader {
  readonly path: string;
  readonly problems: Problem[];
  has(key: string): boolean;
  keys(): readonly string[];
  raw(key: string): unknown;
  /** Not empty. */
  text(key: string): string;
  /** Absent or empty: undefined. */
  textOr(key: string): string | undefined;
  /** May be empty: for what this program itself has written. */
  string(key: string): string;
  stringOr(key: string): string | undefined;
  oneOf<T extends string>(key: string, allowed: readonly T[], otherwise?: T): T;
  /** A whole number within the bounds, both included. */
  integer(key: string, bounds: { readonly min: number; readonly max?: number; readonly otherwise?: number }): number;
  boolean(key: string, otherwise: boolean): boolean;
  /** ms */
  duration(key: string, otherwise?: string): number;
  /** wall ms */
  time(key: string): number;
  object(key: string): Reader;
  objectOr(key: string): Reader | undefined;
  /** A list of objects; absent is empty. */
  objects(key: string): readonly Reader[];
  texts(key: string): readonly string[];
  integers(key: string, bounds: { readonly min: number; readonly max: number }): readonly number[];
  /** A map by key, each value read through a Reader in which it stands at its own key. Absent is empty. */
  map<T>(key: string, read: (values: Reader, name: string) => T): Readonly<Record<string, T>>;
  complain(key: string, problem: string, remedy: string): void;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function reader(value: unknown, path: string, problems: Problem[]): Reader {
  if (!isObject(value)) {
    const problem = value === undefined || value === null ? 'is missing' : `is ${nameOf(value)}, not a map of fields`;
    problems.push({ path: path === '' ? 'object' : path, problem, remedy: 'write it as a map of fields' });
  }
  const fields: Fields = isObject(value) ? value : {};
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const get = (key: string): unknown => (Object.hasOwn(fields, key) ? (fields[key] ?? undefined) : undefined);
  const complain = (key: string, problem: string, remedy: string): void => {
    problems.push({ path: at(key), problem, remedy });
  };
  const lists = listReader(get, complain);
  return {
    path,
    problems,
    complain,
    raw: get,
    has: (key) => get(key) !== undefined,
    keys: () => Object.keys(fields).filter((key) => get(key) !== undefined),
    ...textReader(get, complain),
    ...numberReader(get, complain),
    texts: lists.texts,
    integers: lists.integers,
    object: (key) => reader(get(key), at(key), problems),
    objectOr: (key) => (get(key) === undefined ? undefined : reader(get(key), at(key), problems)),
    objects: (key) => lists.list(key).map((item, index) => reader(item, `${at(key)}[${String(index)}]`, problems)),
    map<T>(key: string, read: (values: Reader, name: string) => T) {
      if (get(key) === undefined) return {};
      const values = reader(get(key), at(key), problems);
      // fromEntries defines: a key such as __proto__ stays a key.
      return Object.fromEntries(values.keys().map((name) => [name, read(values, name)]));
    },
  };
}

type Get = (key: string) => unknown;
type Complain = Reader['complain'];
type Texts = Pick<Reader, 'text' | 'textOr' | 'string' | 'stringOr' | 'oneOf' | 'duration' | 'time'>;
type Numbers = Pick<Reader, 'integer' | 'boolean'>;
type Lists = Pick<Reader, 'texts' | 'integers'> & { list(key: string): readonly unknown[] };

function textReader(get: Get, complain: Complain): Texts {
  const text = (key: string): string => {
    const found = get(key);
    if (typeof found === 'string' && found !== '') return found;
    if (found === undefined) complain(key, 'is missing', 'set it');
    else complain(key, found === '' ? 'is empty' : `is ${nameOf(found)}, not a text`, 'set it to a text');
    return '';
  };
  return {
    text,
    string: (key) => (get(key) === '' ? '' : text(key)),
    textOr: (key) => (get(key) === undefined || get(key) === '' ? undefined : text(key)),
    stringOr(key) {
      const found = get(key);
      return found === undefined || found === '' ? found : text(key);
    },
    oneOf(key, allowed, otherwise) {
      const found = get(key);
      const match = found === undefined ? otherwise : allowed.find((value) => value === found);
      if (match !== undefined) return match;
      const remedy = `use ${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}`;
      complain(key, found === undefined ? 'is missing' : `${quoted(found)} is not known`, remedy);
      const [first] = allowed;
      if (first === undefined) throw new Error(`${key} has no allowed values`);
      return otherwise ?? first;
    },
    duration(key, otherwise) {
      const found = get(key) === undefined && otherwise !== undefined ? otherwise : text(key);
      const ms = parseDuration(found);
      if (ms === undefined && found !== '') {
        complain(key, `${quoted(found)} is not a duration`, 'write it like 30s, 5m or 1h30m');
      }
      return ms ?? 0;
    },
    time(key) {
      const found = text(key);
      const wall = parseTime(found);
      if (wall === undefined && found !== '') {
        complain(key, `${quoted(found)} is not a time`, 'write it in UTC like 2026-03-01T04:05:06Z');
      }
      return wall ?? 0;
    },
  };
}

function numberReader(get: Get, complain: Complain): Numbers {
  return {
    integer(key, bounds) {
      const found = get(key);
      if (found === undefined && bounds.otherwise !== undefined) return bounds.otherwise;
      if (isWithin(found, bounds)) return found;
      const problem = found === undefined ? 'is missing' : `${quoted(found)} is not a whole number ${range(bounds)}`;
      complain(key, problem, `set it to a whole number ${range(bounds)}`);
      return bounds.min;
    },
    boolean(key, otherwise) {
      const found = get(key);
      if (typeof found === 'boolean') return found;
      if (found !== undefined) complain(key, `is ${nameOf(found)}, not true or false`, 'use true or false');
      return otherwise;
    },
  };
}

function listReader(get: Get, complain: Complain): Lists {
  const list = (key: string): readonly unknown[] => {
    const found = get(key);
    if (found === undefined) return [];
    if (Array.isArray(found)) return found;
    complain(key, `is ${nameOf(found)}, not a list`, 'write it as a list');
    return [];
  };
  return {
    list,
    texts: (key) =>
      exact(
        list(key).flatMap((item, index) => {
          if (typeof item === 'string' && item !== '') return [item];
          complain(`${key}[${String(index)}]`, `is ${nameOf(item)}, not a text`, 'set it to a text, or remove it');
          return [];
        }),
      ),
    integers: (key, bounds) =>
      exact(
        list(key).flatMap((item, index) => {
          if (isWithin(item, bounds)) return [item];
          const problem = `${quoted(item)} is not a whole number ${range(bounds)}`;
          complain(`${key}[${String(index)}]`, problem, 'mend or remove it');
          return [];
        }),
      ),
  };
}

/** Without the room for sixteen more that flatMap leaves: what is read of a thousand plans is held for days. */
export function exact<T>(items: readonly T[]): readonly T[] {
  return items.slice();
}

function isWithin(value: unknown, bounds: { readonly min: number; readonly max?: number }): value is number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
  return value >= bounds.min && value <= (bounds.max ?? Number.MAX_SAFE_INTEGER);
}

function range({ min, max }: { readonly min: number; readonly max?: number }): string {
  return max === undefined ? `from ${String(min)}` : `from ${String(min)} to ${String(max)}`;
}

/** What kind of thing it is; never the thing, which may be long or secret. */
function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  if (value === '') return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function quoted(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 80)}"`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : nameOf(value);
}

/** The value, unless anything was wrong. */
export function finished<T>(value: T, problems: readonly Problem[], warnings: readonly Problem[] = []): Parsed<T> {
  return problems.length === 0 ? { ok: true, value, warnings } : { ok: false, problems };
}

/** A field that is there only where it has a value: `exactOptionalPropertyTypes` tells undefined from absent. */
export function optional<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  const field: Partial<Record<K, T>> = {};
  if (value !== undefined) field[key] = value;
  return field;
}
