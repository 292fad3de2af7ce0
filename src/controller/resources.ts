import type { ObjectRef, ResourceType } from '../kube/object.ts';

const group = 'dr.maestro.io';
const version = 'v1alpha1';

export const planResource: ResourceType = Object.freeze({ group, version, resource: 'disasterrecoveryplans' });
export const runResource: ResourceType = Object.freeze({ group, version, resource: 'disasterrecoveryruns' });
export const regionResource: ResourceType = Object.freeze({ group, version, resource: 'disasterrecoveryregions' });
export const configMaps: ResourceType = Object.freeze({ group: '', version: 'v1', resource: 'configmaps' });
export const apiVersion = `${group}/${version}`;

export function secretRef(namespace: string, name: string): ObjectRef {
  return { group: '', version: 'v1', resource: 'secrets', namespace, name };
}

export function configMapRef(namespace: string, name: string): ObjectRef {
  return { ...configMaps, namespace, name };
}

export function namespaceRef(name: string): ObjectRef {
  return { group: '', version: 'v1', resource: 'namespaces', name };
}

/** `namespace/name` -> its parts. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
