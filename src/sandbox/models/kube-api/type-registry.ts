import type { CompiledCrd } from './crd/compile-crd.ts';
import type { ResourceType } from './resource-type.ts';

/** The resources that a cluster serves. */
export interface TypeRegistry {
  find(group: string, version: string, plural: string): ResourceType | undefined;
  /** The form that is stored, which all others are projections of. */
  stored(storage: string): ResourceType | undefined;
  all(): readonly ResourceType[];
  install(crd: CompiledCrd): void;
  uninstall(crdName: string): void;
}

export function createTypeRegistry(fixed: readonly ResourceType[]): TypeRegistry {
  const crds = new Map<string, CompiledCrd>();
  let types: readonly ResourceType[] = fixed;
  let byPath = index(fixed);
  const rebuild = (): void => {
    types = [...fixed, ...[...crds.values()].flatMap((crd) => crd.types)];
    byPath = index(types);
  };
  return {
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    stored: (storage) => types.find((type) => type.storage === storage && type.project === undefined),
    all: () => types,
    install: (crd) => {
      crds.set(crd.name, crd);
      rebuild();
    },
    uninstall: (crdName) => {
      if (crds.delete(crdName)) rebuild();
    },
  };
}

function index(types: readonly ResourceType[]): Map<string, ResourceType> {
  return new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
}
