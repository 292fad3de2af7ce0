import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { isMap, parseAllDocuments, parseDocument, visit } from 'yaml';
import { npmTool } from '../test/support/npm-tool.ts';
import { ROOT } from './build.ts';

/*
 * The chart is where the manifests are written by hand. What else needs them holds copies, made here and held to their
 * originals by test/packaging/copies.test.ts: the chart's CRDs and alerts, and deploy/base, which is the chart's default.
 */
const CHART = 'charts/maestro-dr';
const BASE = 'deploy/base';
const RULES = 'deploy/monitoring/prometheusrule.yaml';

/** Relative path -> what has to stand there. */
export type Copies = ReadonlyMap<string, string>;

export async function renderCopies(): Promise<Copies> {
  const made = [...ruleCopies(), ...baseOf(await helmTemplate())];
  const tidy = made.map(async ([path, text]) => [path, await inHouseFormat(path, text)] as const);
  return new Map([...crdCopies(), ...(await Promise.all(tidy))]);
}

async function inHouseFormat(path: string, text: string): Promise<string> {
  const filepath = join(ROOT, path);
  return await format(text, { ...(await resolveConfig(filepath)), filepath });
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function crdCopies(): readonly (readonly [string, string])[] {
  const files = readdirSync(join(ROOT, 'crds')).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => [`${CHART}/crds/${name}`, read(`crds/${name}`)]);
}

/** Of the PrometheusRule its groups: names and labels are the chart's to give. */
function ruleCopies(): readonly (readonly [string, string])[] {
  if (!existsSync(join(ROOT, RULES))) return [];
  const groups = parseDocument(read(RULES)).getIn(['spec', 'groups'], true);
  const text = `# Copied from ${RULES}: npm run manifests\n${parseDocument('').createNode({ groups }).toString()}`;
  return [[`${CHART}/files/prometheus-rules.yaml`, text]];
}

async function helmTemplate(): Promise<string> {
  const args = ['template', 'maestro-dr', join(ROOT, CHART), '--namespace', 'maestro-dr-system', '--include-crds'];
  const { status, stdout, stderr } = spawnSync(await npmTool('helm'), args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`helm template: ${stderr}`);
  return stdout;
}

/** One file for each template, and one for all CRDs; what only Helm can say of itself is left out. */
function baseOf(rendered: string): readonly (readonly [string, string])[] {
  const files = new Map<string, string[]>();
  for (const document of rendered.split(/^---\n/m)) {
    const source = /^# Source: (\S+)\n/.exec(document)?.[1];
    const body = source === undefined ? document : document.slice(document.indexOf('\n') + 1);
    if (body.trim() === '') continue;
    const file = source === undefined || source.includes('/crds/') ? 'crds.yaml' : basename(source);
    files.set(file, [...(files.get(file) ?? []), withoutHelm(body)]);
  }
  return [...files].map(([file, documents]) => [
    `${BASE}/${file}`,
    `# Rendered from ${CHART}; npm run manifests\n${documents.join('---\n')}`,
  ]);
}

const ofHelm = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];

function withoutHelm(text: string): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) throw new Error('helm rendered nothing');
  return documents
    .map((document) => {
      visit(document, {
        Pair(_, { key, value }) {
          if (String(key) !== 'labels' || !isMap(value)) return;
          for (const label of ofHelm) value.delete(label);
        },
      });
      return document.toString({ lineWidth: 0 });
    })
    .join('---\n');
}

async function main(): Promise<void> {
  for (const [path, text] of await renderCopies()) writeFileSync(join(ROOT, path), text);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
