import { readdir, readFile, writeFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { parse } from 'yaml';

/*
 * src/api/generated.ts from crds/: the wire form as TypeScript sees it. Shapes only, for what a schema says in
 * oneOf, patterns or CEL is checked by the API server and by src/api/parse-*.ts.
 */
const crdFolder = new URL('../crds/', import.meta.url);
const target = new URL('../src/api/generated.ts', import.meta.url);

type Fields = Readonly<Record<string, unknown>>;

const banner = `/*
 * Generated from crds/ by scripts/generate-types.ts. Do not edit: change the CRD and run \`npm run generate\`.
 * What a status or spec looks like on the wire; the program's own types are in plan.ts, run.ts and region.ts.
 */
`;

/** The whole file's text. Ordered by file name, so that it does not depend on the machine. */
export async function generateTypes(): Promise<string> {
  const files = (await readdir(crdFolder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map(async (name) => await generateFile(name)));
  return [banner, ...texts].join('\n');
}

async function generateFile(name: string): Promise<string> {
  const crd: unknown = parse(await readFile(new URL(name, crdFolder), 'utf8'));
  const kind = at(crd, 'spec', 'names', 'kind');
  const versions = at(crd, 'spec', 'versions');
  const version: unknown = Array.isArray(versions) ? versions[0] : undefined;
  const schema = at(version, 'schema', 'openAPIV3Schema');
  if (typeof kind !== 'string' || !isFields(schema)) {
    throw new Error(`${name} is no CustomResourceDefinition with a schema`);
  }
  const shape = simplified(schema);
  return await compile(shape, kind, {
    bannerComment: '',
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: true,
    format: true,
    style: { printWidth: 120, singleQuote: true },
  });
}

/** Combinators narrow what a type already says, and one maxItems would be written out as tuples by the thousand. */
const dropped = new Set([
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'default',
  'pattern',
  'format',
  'minProperties',
  'maxProperties',
]);

/** The schema as json-schema-to-typescript understands it: Kubernetes' own keywords gone or said in JSON Schema's. */
function simplified(schema: Fields): JSONSchema {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
  const entries = Object.entries(schema)
    .filter(([key]) => !dropped.has(key) && !key.startsWith('x-kubernetes-'))
    .map(([key, value]): readonly [string, unknown] => {
      if (key === 'properties' && isFields(value)) return [key, mapValues(value)];
      if ((key === 'items' || key === 'additionalProperties') && isFields(value)) return [key, simplified(value)];
      return [key, value];
    });
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return { ...Object.fromEntries(entries), ...(open ? { additionalProperties: true } : {}) };
}

function mapValues(properties: Fields): Record<string, JSONSchema> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) =>
      isFields(value) ? [[name, simplified(value)] as const] : [],
    ),
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isFields(found) ? found[key] : undefined), value);
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) {
  await writeFile(target, await generateTypes());
}
