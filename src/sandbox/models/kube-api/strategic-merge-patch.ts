import { badRequest } from './api-error.ts';
import { equal, isArray, isObject, type Json, type JsonObject } from './json.ts';

/**
 * How lists of the built-in kinds merge, by the field's name: the key of the items, or `set` for lists of scalars that
 * are united. Names suffice because the API's authors reuse them with one meaning; where one does not (`ports` of a
 * Service and of a container), every key is tried in order.
 * Source: patchStrategy/patchMergeKey tags of k8s.io/api.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[] | 'set'>> = Object.freeze({
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  secrets: ['name'],
  ownerReferences: ['uid'],
  topologySpreadConstraints: ['topologyKey'],
  resourceClaims: ['name'],
  podIPs: ['ip'],
  addresses: ['type'],
  taints: ['key'],
  finalizers: 'set',
});

/**
 * A strategic merge patch: lists merge by key, `$patch: delete|replace|merge`, `$deleteFromPrimitiveList/x`,
 * `$setElementOrder/x` and `$retainKeys`.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 * @throws ApiError 400
 */
export function strategicMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return bare(patch);
  if (directive === 'delete') return {};
  const retained = patch['$retainKeys'];
  const kept = isArray(retained)
    ? Object.fromEntries(Object.entries(target).filter(([key]) => retained.includes(key)))
    : target;
  const result: Record<string, Json> = { ...kept };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length);
      const current = result[field];
      if (isArray(current) && isArray(value)) result[field] = current.filter((item) => !value.includes(item));
    }
    if (key.startsWith('$')) continue;
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergeValue(key, kept[key], value, patch[`$setElementOrder/${key}`]);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith('$setElementOrder/') || !isArray(order)) continue;
    const field = key.slice('$setElementOrder/'.length);
    const current = result[field];
    if (isArray(current)) result[field] = ordered(field, current, order);
  }
  return result;
}

function bare(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function mergeValue(field: string, current: Json | undefined, value: Json, order: Json | undefined): Json {
  if (isObject(value)) return strategicMergePatch(isObject(current) ? current : {}, value);
  if (!isArray(value)) return value;
  const keys = MERGE_KEYS[field];
  const existing = isArray(current) ? current : [];
  if (keys === 'set') return [...existing, ...value.filter((item) => !existing.some((one) => equal(one, item)))];
  if (keys === undefined || value.some((item) => !isObject(item))) return value;
  return mergeByKey(field, keys, existing.filter(isObject), value.filter(isObject), order);
}

function mergeByKey(
  field: string,
  keys: readonly string[],
  existing: readonly JsonObject[],
  patches: readonly JsonObject[],
  order: Json | undefined,
): Json {
  if (patches.some((item) => item['$patch'] === 'replace' && Object.keys(item).length === 1)) {
    return patches.filter((item) => item['$patch'] !== 'replace').map(bare);
  }
  let result = [...existing];
  for (const item of patches) {
    const key = mergeKey(field, keys, item);
    const same = (one: JsonObject): boolean => equal(one[key], item[key]);
    if (item['$patch'] === 'delete') {
      result = result.filter((one) => !same(one));
      continue;
    }
    const index = result.findIndex(same);
    const found = result[index];
    if (found === undefined) result.push(strategicMergePatch({}, item));
    else result[index] = strategicMergePatch(found, item);
  }
  return isArray(order) ? ordered(field, result, order) : result;
}

function mergeKey(field: string, keys: readonly string[], item: JsonObject): string {
  const key = keys.find((one) => Object.hasOwn(item, one));
  if (key === undefined) {
    throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${keys[0] ?? field}`);
  }
  return key;
}

/** The items that `order` names in its order; those it does not name keep their place after the item before them. */
function ordered(field: string, items: readonly Json[], order: readonly Json[]): readonly Json[] {
  const keys = MERGE_KEYS[field];
  const rank = (item: Json): number => {
    if (!isObject(item) || keys === undefined || keys === 'set') return order.findIndex((one) => equal(one, item));
    return order.findIndex(
      (one) => isObject(one) && keys.some((key) => Object.hasOwn(one, key) && equal(one[key], item[key])),
    );
  };
  let last = -1;
  const ranked = items.map((item, index) => {
    const own = rank(item);
    if (own >= 0) last = own;
    return { item, index, rank: own >= 0 ? own : last };
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.index - b.index).map(({ item }) => item);
}
