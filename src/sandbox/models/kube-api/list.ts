import { badRequest, gone } from './api-error.ts';
import { compact, type JsonObject } from './json.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import type { Predicate } from './selectors.ts';
import type { Store, Stored } from './store.ts';
import { tableOf, type IncludeObject } from './table/table.ts';
import { parseRevision, served, tooLarge } from './watch.ts';

export interface ListQuery {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly matches: Predicate | undefined;
  readonly resourceVersion: string | undefined;
  readonly resourceVersionMatch: string | undefined;
  readonly limit: number;
  readonly continueToken: string | undefined;
  readonly table: IncludeObject | undefined;
}

export interface Lists {
  /** The list as JSON text. @throws ApiError 400, 410, 504 */
  list(query: ListQuery, now: number): string;
}

interface Page {
  readonly revision: number;
  readonly items: readonly Stored[];
}

/** How many paged lists are kept open; an older continue token has expired. */
const OPEN_PAGES = 32;

export function createLists(store: Store): Lists {
  const pages = new Map<string, Page>();
  let count = 0;

  const remember = (page: Page): string => {
    count += 1;
    const token = btoa(JSON.stringify({ v: 'meta.k8s.io/v1', rv: page.revision, page: count }));
    pages.set(token, page);
    const [oldest] = pages.keys();
    if (pages.size > OPEN_PAGES && oldest !== undefined) pages.delete(oldest);
    return token;
  };

  const pageOf = (query: ListQuery): Page => {
    const token = query.continueToken;
    if (token !== undefined && token !== '') {
      const page = pages.get(token);
      // As when etcd compacted the revision that the list began at.
      if (page === undefined || store.since(page.revision) === undefined) {
        throw gone(
          'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
        );
      }
      return page;
    }
    const revision = revisionFor(query, store.revision());
    const all = itemsAt(store, query, revision);
    const { matches, type } = query;
    const items = matches === undefined ? all : all.filter((stored) => matches(served(type, stored.object)));
    return { revision, items };
  };

  return {
    list: (query, now) => {
      const page = pageOf(query);
      const shown = query.limit > 0 ? page.items.slice(0, query.limit) : page.items;
      const rest = page.items.slice(shown.length);
      const metadata = compact({
        resourceVersion: String(page.revision),
        continue: rest.length > 0 ? remember({ revision: page.revision, items: rest }) : undefined,
        remainingItemCount: rest.length > 0 && query.matches === undefined ? rest.length : undefined,
      });
      return render(query, shown, metadata, now);
    },
  };
}

function revisionFor(query: ListQuery, current: number): number {
  const { resourceVersion: given, resourceVersionMatch: match } = query;
  if (given === undefined || given === '' || given === '0') {
    if (match === 'Exact') {
      throw badRequest('resourceVersionMatch "Exact" is forbidden for resourceVersion "0" or unset');
    }
    return current;
  }
  const revision = parseRevision(given);
  if (revision > current) throw tooLarge(revision, current);
  return match === 'Exact' ? revision : current;
}

/** The objects as they were at `revision`, from the first change that each had since. */
function itemsAt(store: Store, query: ListQuery, revision: number): readonly Stored[] {
  const current = store.list(query.type.storage, query.namespace);
  if (revision === store.revision()) return current;
  const since = store.since(revision);
  if (since === undefined) throw gone(`The resourceVersion for the provided list is too old.`);
  const changed = new Map<string, Stored | undefined>();
  for (const { storage, namespace, name, previous } of since) {
    const key = `${namespace}/${name}`;
    const wanted = storage === query.type.storage && (query.namespace === undefined || query.namespace === namespace);
    if (wanted && !changed.has(key)) changed.set(key, previous);
  }
  const untouched = current.filter(({ object }) => !changed.has(keyOf(object)));
  const restored = [...changed.values()].filter((stored) => stored !== undefined);
  return [...untouched, ...restored].sort((a, b) => (keyOf(a.object) < keyOf(b.object) ? -1 : 1));
}

function keyOf(object: JsonObject): string {
  const metadata = object['metadata'];
  const { namespace, name } = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata : {};
  return `${typeof namespace === 'string' ? namespace : ''}/${typeof name === 'string' ? name : ''}`;
}

function render(query: ListQuery, shown: readonly Stored[], metadata: JsonObject, now: number): string {
  const { type } = query;
  if (query.table !== undefined) {
    const objects = shown.map((stored) => served(type, stored.object));
    return JSON.stringify(tableOf(type, objects, metadata, { include: query.table, now, definitions: true }));
  }
  const head = JSON.stringify({ kind: type.listKind, apiVersion: apiVersionOf(type), metadata }).slice(0, -1);
  return `${head},"items":[${shown.map((stored) => itemText(type, stored)).join(',')}]}`;
}

/** Items of built-in lists carry no apiVersion and kind, those of custom resources do: clients must not rely on them. */
function itemText(type: ResourceType, stored: Stored): string {
  const text = type.project === undefined ? stored.text() : JSON.stringify(type.project(stored.object));
  const head = `{"apiVersion":${JSON.stringify(apiVersionOf(type))},"kind":${JSON.stringify(type.kind)},`;
  return !type.custom && text.startsWith(head) ? `{${text.slice(head.length)}` : text;
}
