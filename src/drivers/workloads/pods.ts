import type { KubeClient, Selectors } from '../../kube/client.ts';
import type { Call } from '../../kube/transport.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../../kube/json.ts';
import type { Collection, KubeObject } from '../../kube/object.ts';

const PAGE = 500;

/** All pods that a selector names, terminating ones too. */
export async function listPods(
  client: KubeClient,
  namespace: string,
  labelSelector: string,
  call: Call,
): Promise<readonly KubeObject[]> {
  return await listAll(client, { group: '', version: 'v1', resource: 'pods', namespace }, { labelSelector }, call);
}

/** Every page of a list. */
export async function listAll(
  client: KubeClient,
  collection: Collection,
  selectors: Selectors,
  call: Call,
): Promise<readonly KubeObject[]> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(collection, { ...selectors, limit: PAGE, continue: next }, call);
    items.push(...page.items);
    next = page.continue;
  } while (next !== undefined);
  return items;
}

/** A pod whose containers may still do something. What has ended keeps its object until it is collected. */
export function mayRun(pod: KubeObject): boolean {
  const phase = stringAt(recordAt(pod, 'status'), 'phase');
  return phase !== 'Succeeded' && phase !== 'Failed';
}

/** An object's `spec.selector` in the form that a list takes. @returns undefined where it selects nothing. */
export function selectorText(selector: JsonRecord): string | undefined {
  const labels = Object.entries(recordAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${String(value)}`);
  const expressions = recordsAt(selector, 'matchExpressions').map(expressionText);
  const parts = [...labels, ...expressions];
  return parts.length === 0 ? undefined : parts.join(',');
}

/** Operators of a LabelSelectorRequirement: apimachinery `meta/v1` types. */
function expressionText(expression: JsonRecord): string {
  const key = stringAt(expression, 'key') ?? '';
  const values = Array.isArray(expression['values']) ? expression['values'].map(String).join(',') : '';
  switch (stringAt(expression, 'operator')) {
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return `${key} in (${values})`;
  }
}

/** The records of the list at `key`. */
export function recordsAt(value: JsonRecord, key: string): readonly JsonRecord[] {
  const found: unknown = value[key];
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

/** `status.conditions[type]` where it has this status. */
export function conditionOf(object: JsonRecord, type: string, status: string): JsonRecord | undefined {
  const conditions = recordsAt(recordAt(object, 'status'), 'conditions');
  return conditions.find((one) => one['type'] === type && one['status'] === status);
}
