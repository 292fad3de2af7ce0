import { objectAt, type Json, type JsonObject } from '../json.ts';
import type { ResourceType } from '../resource-type.ts';

export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** A meta.k8s.io/v1 Table of objects as served. Column definitions are left out after a watch's first event. */
export function tableOf(
  type: ResourceType,
  objects: readonly JsonObject[],
  metadata: JsonObject,
  options: { readonly include: IncludeObject; readonly now: number; readonly definitions: boolean },
): JsonObject {
  const columnDefinitions = type.columns.map(({ name, type: kind, format, description, priority }) => ({
    name,
    type: kind,
    format,
    description,
    priority,
  }));
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.definitions ? columnDefinitions : null,
    rows: objects.map((object) => {
      const cells = type.columns.map((column): Json => column.value(object, options.now));
      return options.include === 'None' ? { cells } : { cells, object: included(object, options.include) };
    }),
  };
}

function included(object: JsonObject, include: IncludeObject): JsonObject {
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: objectAt(object, 'metadata') };
}
