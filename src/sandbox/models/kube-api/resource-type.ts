import type { Json, JsonObject } from './json.ts';

/** What a kind's rules may consult while an object is made ready for storage. */
export interface Preparation {
  /** Wall time, ms. */
  readonly now: number;
  readonly subresource: 'status' | 'scale' | undefined;
  /** Told of each field that the schema does not know; such fields are dropped. */
  readonly unknownField: (path: string) => void;
  /** To be called between pruning and checking: refuses the object where unknown fields are an error. */
  readonly shaped: () => void;
  /** A stored object of another kind (`''` for no namespace). */
  readonly lookup: (storage: string, namespace: string, name: string) => JsonObject | undefined;
  /** The next of a sequence of this cluster, for addresses and ports. */
  readonly next: () => number;
}

/** One column of a Table. `value` gets the object as served and the wall time in ms. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  readonly value: (object: JsonObject, now: number) => Json;
}

/** Where a scale's numbers are, as paths of keys. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector: readonly string[] | undefined;
}

/** One served version of one resource. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Where its objects are kept: `group/plural` of the stored resource; two served forms may share it. */
  readonly storage: string;
  /** Served from a CustomResourceDefinition: no strategic merge patch, and items of lists keep their kind. */
  readonly custom: boolean;
  readonly status: boolean;
  readonly scale: ScalePaths | undefined;
  /** metadata.generation counts changes of the desired state. */
  readonly generation: boolean;
  /** Field selectors beside metadata.name and metadata.namespace. */
  readonly selectable: readonly string[];
  readonly columns: readonly Column[];
  /** Defaults, prunes and checks. @throws ApiError (Invalid, BadRequest) */
  readonly prepare: (next: JsonObject, old: JsonObject | undefined, preparation: Preparation) => JsonObject;
  /** From the stored form to this version's, and back. Absent: they are the same. */
  readonly project: ((stored: JsonObject) => JsonObject) | undefined;
  readonly unproject: ((served: JsonObject) => JsonObject) | undefined;
  /** Its part of an OpenAPI document, where there is a schema. */
  readonly schema: JsonObject | undefined;
}

export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}
