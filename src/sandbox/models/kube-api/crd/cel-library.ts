import { Environment } from '@marcbachmann/cel-js';

/** Values as CEL sees them: integers are bigint, doubles number, sets of `listType: set` are Set. */
type CelList = readonly unknown[] | ReadonlySet<unknown>;

/**
 * A constructor of its own, by which the evaluator tells values of one type from those of another; `create` makes one
 * with these members.
 */
export function newConstructor(): { readonly constructor: () => void; readonly create: (members?: object) => object } {
  const constructor = function constructor(): void {
    // Values are made from the prototype.
  };
  const prototype: object = { constructor };
  Object.defineProperty(prototype, 'constructor', { value: constructor, enumerable: false });
  constructor.prototype = prototype;
  return { constructor, create: (members = {}) => Object.assign(Object.create(prototype) as object, members) };
}

/** Stands in for `has()` where a rule is only checked: it is a plain function, so its argument is type-checked. */
export const PRESENCE = 'presenceOf__';

/**
 * The functions of Kubernetes' CEL libraries that the evaluator lacks: lists, regex, strings, sets.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-cel-libraries
 */
export function celEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: true });
  registerLists(environment);
  registerStrings(environment);
  registerSets(environment);
  environment.registerFunction(`${PRESENCE}(dyn): bool`, () => true);
  return environment;
}

function compare(a: unknown, b: unknown): number {
  if (same(a, b)) return 0;
  return comparable(a) < comparable(b) ? -1 : 1;
}

function comparable(value: unknown): bigint | number | string {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object' && value !== null) return Number(value);
  throw new TypeError('the list has items that cannot be compared');
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && a !== null && structurally(a) === structurally(b));
}

/** For equality only: keys sorted, integers apart from strings. */
export function structurally(value: unknown): string {
  if (typeof value === 'bigint') return `${String(value)}n`;
  if (value instanceof Set) return `[${[...value].map(structurally).sort().join(',')}]`;
  if (Array.isArray(value)) return `[${value.map(structurally).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const own = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Timestamps and durations have no fields of their own, but a number.
  const number: unknown = value.valueOf();
  if (typeof number === 'number') return `#${String(number)}`;
  return `{${own.map(([key, item]) => `${key}:${structurally(item)}`).join(',')}}`;
}

function registerLists(environment: Environment): void {
  const extreme = (list: CelList, sign: 1 | -1): unknown => {
    const items = [...list];
    if (items.length === 0) throw new TypeError(`${sign === 1 ? 'max' : 'min'} called on empty list`);
    return items.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
  };
  const sum = (list: CelList): unknown => {
    const items = [...list];
    if (items.some((item) => typeof item === 'number')) {
      return items.reduce<number>((total, item) => total + Number(item), 0);
    }
    return items.reduce<bigint>((total, item) => total + (typeof item === 'bigint' ? item : 0n), 0n);
  };
  environment
    .registerFunction('list.isSorted(): bool', (list: CelList) =>
      [...list].every((item, index, items) => index === 0 || compare(items[index - 1], item) <= 0),
    )
    .registerFunction('list.sum(): dyn', sum)
    .registerFunction('list.min(): dyn', (list: CelList) => extreme(list, -1))
    .registerFunction('list.max(): dyn', (list: CelList) => extreme(list, 1))
    .registerFunction('list.indexOf(dyn): int', (list: CelList, wanted: unknown) =>
      BigInt([...list].findIndex((item) => same(item, wanted))),
    )
    .registerFunction('list.lastIndexOf(dyn): int', (list: CelList, wanted: unknown) =>
      BigInt([...list].findLastIndex((item) => same(item, wanted))),
    );
}

function registerStrings(environment: Environment): void {
  environment
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '',
    )
    .registerFunction(
      'string.findAll(string): list<string>',
      (text: string, pattern: string) => text.match(new RegExp(pattern, 'gu')) ?? [],
    )
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) => {
      const found = text.match(new RegExp(pattern, 'gu')) ?? [];
      return limit < 0n ? found : found.slice(0, Number(limit));
    })
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction(
      'string.replace(string, string, int): string',
      (text: string, from: string, to: string, limit: bigint) => {
        if (limit < 0n) return text.replaceAll(from, () => to);
        const parts = text.split(from);
        const cut = Math.min(Number(limit), parts.length - 1);
        return [parts.slice(0, cut + 1).join(to), ...parts.slice(cut + 1)].join(from);
      },
    )
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) => text.charAt(Number(index)))
    .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text));
}

/** `sets.contains(a, b)`: a namespace is a constant whose type has the functions as methods. */
function registerSets(environment: Environment): void {
  const namespace = newConstructor().create();
  const includes = (list: CelList, wanted: unknown): boolean => [...list].some((item) => same(item, wanted));
  const contains = (list: CelList, part: CelList): boolean => [...part].every((item) => includes(list, item));
  environment
    .registerType('SetsNamespace', { ctor: namespace.constructor, fields: {} })
    .registerConstant('sets', 'SetsNamespace', namespace)
    .registerFunction('SetsNamespace.contains(list, list): bool', (_: unknown, list: CelList, part: CelList) =>
      contains(list, part),
    )
    .registerFunction(
      'SetsNamespace.equivalent(list, list): bool',
      (_: unknown, a: CelList, b: CelList) => contains(a, b) && contains(b, a),
    )
    .registerFunction('SetsNamespace.intersects(list, list): bool', (_: unknown, a: CelList, b: CelList) =>
      [...b].some((item) => includes(a, item)),
    );
}
