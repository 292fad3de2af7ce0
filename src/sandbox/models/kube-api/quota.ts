import { forbidden } from './api-error.ts';
import { builtinType } from './builtin/types.ts';
import { at, stringAt, type JsonObject } from './json.ts';
import type { Store } from './store.ts';

const POD = builtinType('/pods');

/** Pods that count against a quota: those that have not ended. */
export function podsUsed(store: Store, namespace: string): number {
  const ended = (pod: JsonObject): boolean => ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? '');
  return store.list(POD.storage, namespace).filter(({ object }) => !ended(object)).length;
}

/** Only `spec.hard.pods` is enforced. @throws ApiError 403 in the real server's words */
export function checkQuota(store: Store, namespace: string, name: string): void {
  for (const { object } of store.list('/resourcequotas', namespace)) {
    const given = at(object, 'spec', 'hard', 'pods');
    if (given === undefined) continue;
    const limit = Number(given);
    const used = podsUsed(store, namespace);
    if (used + 1 <= limit) continue;
    const quota = stringAt(object, 'metadata', 'name') ?? '';
    const why = `exceeded quota: ${quota}, requested: pods=1, used: pods=${String(used)}, limited: pods=${String(limit)}`;
    throw forbidden(POD, name, why);
  }
}
