import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../scripts/build.ts';
import { at, isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import { kubectl } from '../support/kubectl.ts';
import { npmTool } from '../support/npm-tool.ts';

export const chart = join(ROOT, 'charts/maestro-dr');
export const operatorNamespace = 'maestro-dr-system';

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function ran(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Ran {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, env });
  return { status, out: stdout, err: stderr };
}

export async function helm(...args: readonly string[]): Promise<Ran> {
  return ran(await npmTool('helm'), args);
}

/** The chart's objects. `values`: as `--set` and its like take them. @throws Error where helm does not render. */
export async function charted(...values: readonly string[]): Promise<readonly Wire[]> {
  const fixed = ['template', 'maestro-dr', chart, '-n', operatorNamespace, '--include-crds'];
  return objectsOf(await helm(...fixed, ...values), 'helm template');
}

/** The objects of a kustomization below deploy/. @throws Error where it does not build. */
export async function kustomized(folder: string): Promise<readonly Wire[]> {
  return objectsOf(ran(await kubectl(), ['kustomize', join(ROOT, 'deploy', folder)]), `kubectl kustomize ${folder}`);
}

function objectsOf({ status, out, err }: Ran, what: string): readonly Wire[] {
  if (status !== 0) throw new Error(`${what}: ${err}`);
  return yamlObjects(out);
}

/** @throws YAMLParseError */
export function yamlObjects(text: string): readonly Wire[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const object: unknown = document.toJS();
    return isMap(object) ? [object] : [];
  });
}

export const kindOf = (object: Wire): string => String(object['kind']);
export const nameOf = (object: Wire): string => String(at(object, 'metadata', 'name'));
export const titleOf = (object: Wire): string => `${kindOf(object)} ${nameOf(object)}`;

/** The one object of that kind (and name). @throws Error */
export function only(objects: readonly Wire[], kind: string, name?: string): Wire {
  const found = objects.filter((object) => kindOf(object) === kind && (name ?? nameOf(object)) === nameOf(object));
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw new Error(`${String(found.length)} of ${kind} ${name ?? ''} among ${objects.map(titleOf).join(', ')}`);
  }
  return object;
}
