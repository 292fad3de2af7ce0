import { parseDuration } from './duration.ts';
import { parseTime } from './time.ts';

/** One thing wrong with an object, in words that a person can act on. */
export interface Problem {
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

type Fields = Readonly<Record<string, unknown>>;

/** Reads one object of the wire, field by field, and collects what is wrong by its exact path instead of throwing. */
export interface Reader {
  readonly path: string;
  readonly problems: Problem[];
  has(key: string): boolean;
  keys(): readonly string[];
  text(key: string): string;
  textOr<T extends string | undefined>(key: string, otherwise: T): string | T;
  oneOf<T extends string>(key: string, allowed: readonly T[], otherwise?: T): T;
  number(key: string, otherwise?: number): number;
  boolean(key: string, otherwise: boolean): boolean;
  /** ms */
  duration(key: string, otherwise?: string): number;
  /** wall ms */
  time(key: string): number;
  timeOr(key: string): number | undefined;
  object(key: string): Reader;
  objectOr(key: string): Reader | undefined;
  /** A list of objects; absent is empty. */
  objects(key: string): readonly Reader[];
  texts(key: string): readonly string[];
  numbers(key: string): readonly number[];
  /** A map by key; absent is empty. */
  map<T>(key: string, read: (value: unknown, path: string) => T): Readonly<Record<string, T>>;
  raw(key: string): unknown;
  complain(key: string, problem: string, remedy: string): void;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function reader(value: unknown, path: string, problems: Problem[]): Reader {
  const fields: Fields = isObject(value) ? value : {};
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const complain = (key: string, problem: string, remedy: string): void => {
    problems.push({ path: at(key), problem, remedy });
  };
  if (!isObject(value))
    problems.push({
      path: path === '' ? 'object' : path,
      problem: 'is missing or no object',
      remedy: 'write it as a map of fields',
    });

  const text = (key: string): string => {
    const found = fields[key];
    if (typeof found === 'string') return found;
    complain(key, found === undefined ? 'is missing' : 'is not a text', 'set it');
    return '';
  };
  const number = (key: string, otherwise?: number): number => {
    const found = fields[key];
    if (typeof found === 'number') return found;
    if (found === undefined && otherwise !== undefined) return otherwise;
    complain(key, found === undefined ? 'is missing' : 'is not a number', 'set it to a number');
    return 0;
  };
  const list = (key: string): readonly unknown[] => {
    const found = fields[key];
    if (found === undefined || found === null) return [];
    if (Array.isArray(found)) return found;
    complain(key, 'is not a list', 'write it as a list');
    return [];
  };
  const time = (key: string): number => {
    const found = text(key);
    const wall = parseTime(found);
    if (wall === undefined && found !== '')
      complain(key, `"${found}" is not a time`, 'write it in UTC like 2026-03-01T04:05:06Z');
    return wall ?? 0;
  };
  return {
    path,
    problems,
    complain,
    text,
    number,
    time,
    has: (key) => fields[key] !== undefined && fields[key] !== null,
    keys: () => Object.keys(fields),
    raw: (key) => fields[key],
    textOr: (key, otherwise) => (fields[key] === undefined || fields[key] === null ? otherwise : text(key)),
    oneOf: (key, allowed, otherwise) =>
      oneOf(fields[key], allowed, otherwise, (problem) => {
        complain(key, problem, `use one of ${allowed.join(', ')}`);
      }),
    boolean: (key, otherwise) => (typeof fields[key] === 'boolean' ? fields[key] : otherwise),
    duration(key, otherwise) {
      const found = fields[key] === undefined && otherwise !== undefined ? otherwise : text(key);
      const ms = parseDuration(found);
      if (ms === undefined && found !== '')
        complain(key, `"${found}" is not a duration`, 'write it like 30s, 5m or 1h30m');
      return ms ?? 0;
    },
    timeOr: (key) => (fields[key] === undefined || fields[key] === null ? undefined : time(key)),
    object: (key) => reader(fields[key], at(key), problems),
    objectOr: (key) =>
      fields[key] === undefined || fields[key] === null ? undefined : reader(fields[key], at(key), problems),
    objects: (key) => list(key).map((item, index) => reader(item, `${at(key)}[${String(index)}]`, problems)),
    texts: (key) =>
      list(key).flatMap((item, index) => {
        if (typeof item === 'string') return [item];
        complain(`${key}[${String(index)}]`, 'is not a text', 'write it as text');
        return [];
      }),
    numbers: (key) => list(key).flatMap((item) => (typeof item === 'number' ? [item] : [])),
    map<T>(key: string, read: (value: unknown, path: string) => T) {
      const found = fields[key];
      if (found === undefined || found === null) return {};
      if (!isObject(found)) {
        complain(key, 'is not a map', 'write it as a map');
        return {};
      }
      return Object.fromEntries(
        Object.entries(found).map(([name, value]) => [name, read(value, `${at(key)}.${name}`)]),
      );
    },
  };
}

function oneOf<T extends string>(
  found: unknown,
  allowed: readonly T[],
  otherwise: T | undefined,
  complain: (problem: string) => void,
): T {
  if ((found === undefined || found === null) && otherwise !== undefined) return otherwise;
  const match = allowed.find((value) => value === found);
  if (match !== undefined) return match;
  complain(found === undefined ? 'is missing' : `"${String(found)}" is not known`);
  const [first] = allowed;
  if (first === undefined) throw new Error('a field without allowed values');
  return otherwise ?? first;
}

/** The value, unless anything was wrong. */
export function finished<T>(value: T, problems: readonly Problem[]): Parsed<T> {
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}
