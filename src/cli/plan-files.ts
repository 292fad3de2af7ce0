import { parseAllDocuments } from 'yaml';
import { parsePlan } from '../api/parse-plan.ts';
import type { Plan } from '../api/plan.ts';
import { isObject } from '../api/reader.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { malformed } from './plans.ts';

/** The plan that is meant among a file's documents, and in their lists (`kubectl get drplan -A -o yaml`). @throws CliError */
export function planIn(text: string, file: string, name: string, namespace: string | undefined): Plan {
  const found = objectsIn(text, file).filter((object) => isPlan(object, name));
  const own = found.filter((object) => namespace === undefined || namespaceOf(object) === namespace);
  // A file may leave the namespace to whoever applies it.
  const meant = own.length > 0 ? own : found.filter((object) => namespaceOf(object) === undefined);
  const [plan] = meant;
  if (plan === undefined) {
    const others = found.length === 0 ? '' : ` in ${namespace ?? ''}; it has that of ${namespacesOf(found)}`;
    throw new CliError(exitCodes.notFound, `${file} holds no DisasterRecoveryPlan ${name}${others}.`);
  }
  // The wrong one's commands would look just as good.
  if (meant.length > 1) throw new CliError(exitCodes.usage, ambiguous(file, name, meant));
  const parsed = parsePlan(withNamespace(plan, namespace));
  if (!parsed.ok) throw malformed(`plan ${name} in ${file}`, parsed.problems);
  return parsed.value;
}

function ambiguous(file: string, name: string, plans: readonly unknown[]): string {
  const isSame = new Set(plans.map(namespaceOf)).size === 1;
  const which = isSame ? 'leave one of them in it' : `those of ${namespacesOf(plans)}: say which with -n`;
  return `${file} holds ${String(plans.length)} DisasterRecoveryPlans ${name}, ${which}.`;
}

function namespacesOf(plans: readonly unknown[]): string {
  return [...new Set(plans.map((plan) => namespaceOf(plan) ?? 'no namespace'))].join(' and ');
}

function objectsIn(text: string, file: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken !== undefined) throw new CliError(exitCodes.malformed, `${file} is not YAML: ${broken.message}`);
  return documents.map((document) => document.toJS() as unknown).flatMap(itemsOf);
}

function itemsOf(object: unknown): readonly unknown[] {
  if (!isObject(object) || !String(object['kind']).endsWith('List')) return [object];
  const items: unknown = object['items'];
  return Array.isArray(items) ? items : [];
}

function isPlan(object: unknown, name: string): boolean {
  return isObject(object) && object['kind'] === 'DisasterRecoveryPlan' && metadataOf(object)['name'] === name;
}

function namespaceOf(object: unknown): string | undefined {
  const { namespace } = metadataOf(object);
  return typeof namespace === 'string' ? namespace : undefined;
}

function metadataOf(object: unknown): Readonly<Record<string, unknown>> {
  return isObject(object) && isObject(object['metadata']) ? object['metadata'] : {};
}

/** Its identity hangs on it. */
function withNamespace(object: unknown, namespace = 'default'): unknown {
  return isObject(object) ? { ...object, metadata: { namespace, ...metadataOf(object) } } : object;
}
