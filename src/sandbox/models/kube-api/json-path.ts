import { at, isArray, isObject, stringAt, type Json } from './json.ts';

type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly keys: readonly string[]; readonly equals: boolean; readonly value: string };

const TOKEN =
  /\.?\[\?\(\s*@((?:\.[\w-]+)+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*\)\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]|\[(-?\d+)\]|\.?\[?(\*)\]?|\.((?:[^.[\\]|\\.)+)/gy;

/**
 * The JSONPath of printer columns and scale paths: `.a.b`, `.a['x.y']`, `.a.x\.y`, `.list[0]`, `.list[*]`,
 * `.list[?(@.type=="Ready")].status`. @throws Error for anything else
 */
export function parseJsonPath(path: string): readonly Step[] {
  const source = path.startsWith('.') || path.startsWith('[') ? path : `.${path}`;
  const tokens = new RegExp(TOKEN.source, TOKEN.flags);
  const steps: Step[] = [];
  let end = 0;
  for (let match = tokens.exec(source); match !== null && match[0] !== ''; match = tokens.exec(source)) {
    end = tokens.lastIndex;
    steps.push(stepOf(match));
    if (end === source.length) break;
  }
  if (end !== source.length) throw new Error(`unsupported JSONPath ${path}: cannot read ${source.slice(end)}`);
  return steps;
}

function stepOf(match: RegExpExecArray): Step {
  const [, filter, operator, double, single, plain, quoted, doubleQuoted, index, star, key] = match;
  if (filter !== undefined) {
    const value = double ?? single ?? plain ?? '';
    return { kind: 'filter', keys: filter.slice(1).split('.'), equals: operator === '==', value };
  }
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (star !== undefined) return { kind: 'all' };
  return { kind: 'key', key: (quoted ?? doubleQuoted ?? key ?? '').replaceAll(/\\(.)/g, '$1') };
}

export function selectByPath(value: Json, steps: readonly Step[]): readonly Json[] {
  return steps.reduce<readonly Json[]>((found, step) => found.flatMap((one) => take(one, step)), [value]);
}

function take(value: Json, step: Step): readonly Json[] {
  switch (step.kind) {
    case 'key': {
      const found = at(value, step.key);
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = isArray(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      return isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'filter':
      return isArray(value)
        ? value.filter((one) => (textOf(at(one, ...step.keys)) === step.value) === step.equals)
        : [];
  }
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return stringAt(value);
}

/** A path of plain keys, as scale paths are. */
export function keysOf(path: string): readonly string[] {
  return parseJsonPath(path).flatMap((step) => (step.kind === 'key' ? [step.key] : []));
}
