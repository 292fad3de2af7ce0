import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { isMap, parseAllDocuments, visit } from 'yaml';
import { npmTool } from '../test/support/npm-tool.ts';
import { ROOT } from './build.ts';

/*
 * The chart is where the manifests are written by hand. What else needs them holds copies, made here and held to their
 * originals by test/packaging/manifests.test.ts: the chart's CRDs and alerts, and deploy/base, which is the chart's default.
 */
const CHART = 'charts/maestro-dr';
const BASE = 'deploy/base';
const RULES = 'deploy/monitoring/prometheusrule.yaml';

/** Relative path -> what has to stand there. */
export type Copies = ReadonlyMap<string, string>;

export async function renderCopies(): Promise<Copies> {
  const made = [...ruleCopies(), crdsOfBase(), ...baseOf(await helmTemplate())];
  const tidy = made.map(async ([path, text]) => [path, await inHouseFormat(path, text)] as const);
  return new Map([...crdCopies(), ...(await Promise.all(tidy))]);
}

async function inHouseFormat(path: string, text: string): Promise<string> {
  const filepath = join(ROOT, path);
  return await format(text, { ...(await resolveConfig(filepath)), filepath });
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const crdFiles = (): readonly string[] => readdirSync(join(ROOT, 'crds')).filter((name) => name.endsWith('.yaml'));

function crdCopies(): readonly (readonly [string, string])[] {
  return crdFiles().map((name) => [`${CHART}/crds/${name}`, read(`crds/${name}`)]);
}

function crdsOfBase(): readonly [string, string] {
  const text = crdFiles().map((name) => read(`crds/${name}`));
  return [`${BASE}/crds.yaml`, `# Copied from crds; npm run manifests\n${text.join('---\n')}`];
}

/** Of the PrometheusRule its groups: names and labels are the chart's to give. */
function ruleCopies(): readonly (readonly [string, string])[] {
  const [, groups] = read(RULES).split('\nspec:\n');
  if (groups === undefined) throw new Error(`${RULES} has no spec`);
  const text = `# Copied from ${RULES}: npm run manifests\n${groups.replaceAll(/^ {2}/gm, '')}`;
  return [[`${CHART}/files/prometheus-rules.yaml`, text]];
}

async function helmTemplate(): Promise<string> {
  const args = ['template', 'maestro-dr', join(ROOT, CHART), '--namespace', 'maestro-dr-system'];
  const { status, stdout, stderr } = spawnSync(await npmTool('helm'), args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`helm template: ${stderr}`);
  return stdout;
}

/** One file for each template; what only Helm can say of itself is left out. */
function baseOf(rendered: string): readonly (readonly [string, string])[] {
  const files = new Map<string, string[]>();
  for (const document of rendered.split(/^---\n/m)) {
    if (document.trim() === '') continue;
    const source = /^# Source: (\S+)\n/.exec(document)?.[1];
    if (source === undefined) throw new Error(`helm says not where this is from: ${document.slice(0, 200)}`);
    const file = basename(source);
    const body = document.slice(document.indexOf('\n') + 1);
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
  for (const [path, text] of await renderCopies()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
