import { readdir, readFile, writeFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { reasons, type ReasonText } from '../src/api/reasons/index.ts';

/*
 * The two pages that are only worth reading when they are true: docs/reference.md from crds/, docs/reasons.md from the
 * table of reasons. test/build/docs.test.ts holds the checked-in files to it.
 */
const root = new URL('../', import.meta.url);

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly 'x-kubernetes-validations'?: readonly { readonly message?: string; readonly messageExpression?: string }[];
}

interface Crd {
  readonly spec: {
    readonly names: { readonly kind: string; readonly shortNames?: readonly string[] };
    readonly scope: string;
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** Each page by its path below the root. */
export async function generateDocs(): Promise<Readonly<Record<string, string>>> {
  return { 'docs/reference.md': await reference(), 'docs/reasons.md': reasonsPage() };
}

const made = '<!-- Made by `npm run generate` (scripts/generate-docs.ts). Do not edit. -->';

async function reference(): Promise<string> {
  const folder = new URL('crds/', root);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const crds = await Promise.all(
    names.map(async (name) => parse(await readFile(new URL(name, folder), 'utf8')) as Crd),
  );
  return [
    '# Reference',
    '',
    made,
    '',
    'Every field of the three kinds, as the CRDs in `crds/` have them. A plan to start from is [examples/checkout.yaml](examples/checkout.yaml).',
    'The spec belongs to people, the status to the operator. Durations are written like `90s`, `5m`, `1h30m`.',
    '',
    ...crds.flatMap(kindSection),
  ].join('\n');
}

function kindSection({ spec }: Crd): readonly string[] {
  const [version] = spec.versions;
  if (version === undefined) throw new Error(`${spec.names.kind} has no version`);
  const schema = version.schema.openAPIV3Schema;
  const parts = ['spec', 'status'].flatMap((part) => {
    const inner = schema.properties?.[part];
    return inner === undefined ? [] : [`### ${spec.names.kind} ${part}`, '', ...partSection(part, inner)];
  });
  const short = spec.names.shortNames?.map((name) => `\`${name}\``).join(', ') ?? '';
  return [`## ${spec.names.kind}`, '', `${schema.description ?? ''} ${spec.scope}; short ${short}.`, '', ...parts];
}

function partSection(part: string, schema: Schema): readonly string[] {
  const rows = rowsOf(part, schema).map(({ path, type, required, text }) => {
    return `| \`${path}\` | ${type} | ${required ? 'yes' : ''} | ${text} |`;
  });
  const rules = rulesOf(part, schema);
  return [
    ...(schema.description === undefined ? [] : [schema.description, '']),
    '| field | type | required | |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...(rules.length === 0 ? [] : ['Refused by the API server, beyond types and bounds:', '', ...rules, '']),
  ];
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly text: string;
}

function rowsOf(path: string, schema: Schema): readonly Row[] {
  const children = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const at = `${path}.${name}`;
    const row = {
      path: at,
      type: typeOf(child),
      required: schema.required?.includes(name) === true,
      text: textOf(child),
    };
    return [row, ...rowsOf(at, child)];
  });
  const items = schema.items === undefined ? [] : rowsOf(`${path}[]`, schema.items);
  const values = schema.additionalProperties;
  const map = typeof values === 'object' ? rowsOf(`${path}.<key>`, values) : [];
  return [...children, ...items, ...map];
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${String(one)}\``).join(' \\| ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map to ${typeOf(schema.additionalProperties)}`;
  return schema.type ?? 'anything';
}

function textOf(schema: Schema): string {
  const bounds = [
    schema.minimum === undefined ? '' : `at least ${String(schema.minimum)}`,
    schema.maximum === undefined ? '' : `at most ${String(schema.maximum)}`,
    schema.maxItems === undefined ? '' : `up to ${String(schema.maxItems)}`,
  ].filter((bound) => bound !== '');
  const plain =
    typeof schema.default === 'object' ? undefined : (schema.default as string | number | boolean | undefined);
  const parts = [
    schema.description ?? '',
    bounds.length === 0 ? '' : `(${bounds.join(', ')})`,
    plain === undefined ? '' : `Default \`${String(plain)}\`.`,
  ];
  return parts
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
}

function rulesOf(path: string, schema: Schema): readonly string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(
    ({ message, messageExpression }) => `- \`${path}\`: ${message ?? messageExpression ?? ''}`,
  );
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => rulesOf(`${path}.${name}`, child));
  const items = schema.items === undefined ? [] : rulesOf(`${path}[]`, schema.items);
  return [...own, ...inner, ...items];
}

function reasonsPage(): string {
  const rows = Object.entries<ReasonText>(reasons)
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([word, text]) => `| <a id="${word.toLowerCase()}"></a>\`${word}\` | ${text.what} | ${text.do} |`);
  return [
    '# Reasons, and what to do',
    '',
    made,
    '',
    'Every reason that a condition, a held step, an abort, a refusal or an event carries. The sentence beside it in the status names the',
    'database, region or record; `next` in a step is a command to paste.',
    '',
    '| reason | what is the case | what to do |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generateDocs())) await writeFile(new URL(path, root), text);
}
