import { compact, type JsonObject } from './json.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';

const VERBS = Object.freeze(['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);
const STATUS_VERBS = Object.freeze(['get', 'patch', 'update']);

export function legacyVersions(server: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: server }],
  };
}

export function groupList(types: readonly ResourceType[]): JsonObject {
  const names = [...new Set(types.map((type) => type.group))].filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => groupBody(types, name)) };
}

function groupBody(types: readonly ResourceType[], group: string): JsonObject {
  const versions = [...new Set(types.filter((type) => type.group === group).map((type) => type.version))];
  const listed = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0] ?? {} };
}

export function groupOf(types: readonly ResourceType[], group: string): JsonObject | undefined {
  if (!types.some((type) => type.group === group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(types, group) };
}

export function resourceList(types: readonly ResourceType[], group: string, version: string): JsonObject | undefined {
  const own = types.filter((type) => type.group === group && type.version === version);
  const [first] = own;
  if (first === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(first),
    resources: own.flatMap(resources),
  };
}

function resources(type: ResourceType): readonly JsonObject[] {
  const base = compact({
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: VERBS,
    shortNames: type.shortNames.length === 0 ? undefined : type.shortNames,
    categories: type.categories.length === 0 ? undefined : type.categories,
  });
  const below = (name: string, kind: string, verbs: readonly string[], more: JsonObject = {}): JsonObject => ({
    name: `${type.plural}/${name}`,
    singularName: '',
    namespaced: type.namespaced,
    kind,
    verbs,
    ...more,
  });
  return [
    base,
    ...(type.status ? [below('status', type.kind, STATUS_VERBS)] : []),
    ...(type.scale === undefined
      ? []
      : [below('scale', 'Scale', STATUS_VERBS, { group: 'autoscaling', version: 'v1' })]),
    ...(type.storage === '/pods' ? [below('log', 'Pod', ['get'])] : []),
  ];
}
