import { optional, type Reader } from './reader.ts';
import { parseTime } from './time.ts';

/** What every object carries. An API server has set these; an object that is only a file has no uid or version yet. */
export interface Meta {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly createdAt: number;
  readonly deleting: boolean;
}

export function parseMeta(object: Reader): Meta {
  const meta = object.object('metadata');
  return {
    namespace: meta.textOr('namespace') ?? '',
    name: meta.text('name'),
    uid: meta.textOr('uid') ?? '',
    generation: meta.integer('generation', { min: 0, otherwise: 0 }),
    resourceVersion: meta.textOr('resourceVersion') ?? '',
    createdAt: parseTime(meta.textOr('creationTimestamp') ?? '') ?? 0,
    deleting: meta.has('deletionTimestamp'),
  };
}

const apiVersion = 'dr.maestro.io/v1alpha1';

/** An object of another kind or version is not read as if it were this one. Lists leave both out of their items. */
export function expectKind(object: Reader, kind: string): void {
  const found = { ...optional('apiVersion', object.textOr('apiVersion')), ...optional('kind', object.textOr('kind')) };
  if (found.apiVersion !== undefined && found.apiVersion !== apiVersion) {
    object.complain('apiVersion', `"${found.apiVersion}" is not known`, `use ${apiVersion}`);
  }
  if (found.kind !== undefined && found.kind !== kind) {
    object.complain('kind', `"${found.kind}" is not ${kind}`, `use ${kind}`);
  }
}
