import { compact, objectAt, type JsonObject } from './json.ts';
import type { ResourceType } from './resource-type.ts';

/** `/openapi/v3`: where each group version's document is. */
export function openApiIndex(types: readonly ResourceType[]): JsonObject {
  const paths = [...new Set(types.map(rootOf))].map((root) => [
    root,
    { serverRelativeURL: `/openapi/v3/${root}?hash=${String(types.length)}` },
  ]);
  return { paths: Object.fromEntries(paths) as JsonObject };
}

function rootOf(type: ResourceType): string {
  return type.group === '' ? `api/${type.version}` : `apis/${type.group}/${type.version}`;
}

/**
 * A document of one group version: enough for kubectl to know that PATCH takes `fieldValidation`, to validate custom
 * resources and to explain them. Built-in kinds have no schema here, so kubectl patches them by the one it carries.
 */
export function openApiDocument(types: readonly ResourceType[], root: string): JsonObject | undefined {
  const own = types.filter((type) => rootOf(type) === root);
  if (own.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.4' },
    paths: Object.fromEntries(own.flatMap((type) => pathsOf(type, root))),
    components: { schemas: Object.fromEntries(own.map((type) => [schemaName(type), schemaOf(type)])) },
  };
}

function gvk(type: ResourceType): JsonObject {
  return { group: type.group, kind: type.kind, version: type.version };
}

function schemaName(type: ResourceType): string {
  const reversed = (type.group === '' ? 'core' : type.group).split('.').reverse().join('.');
  return `${reversed}.${type.version}.${type.kind}`;
}

function schemaOf(type: ResourceType): JsonObject {
  const given = type.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    ...objectAt(given, 'properties'),
    metadata: { type: 'object' },
  };
  return { ...given, properties, 'x-kubernetes-group-version-kind': [gvk(type)] };
}

const VALIDATION: JsonObject = Object.freeze({
  name: 'fieldValidation',
  in: 'query',
  description: 'Ignore, Warn or Strict: what to do with fields that the schema does not know.',
  schema: { type: 'string', uniqueItems: true },
});
const DRY_RUN: JsonObject = Object.freeze({
  name: 'dryRun',
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
});

function pathsOf(type: ResourceType, root: string): readonly (readonly [string, JsonObject])[] {
  const collection = type.namespaced ? `/${root}/namespaces/{namespace}/${type.plural}` : `/${root}/${type.plural}`;
  const parameters = [DRY_RUN, VALIDATION];
  const body = { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(type)}` } } } };
  // Without strategic merge patch, though the server takes it: kubectl would compute it from the schemas of this
  // document, which the built-in kinds lack, instead of from those that it carries.
  const patches = ['application/json-patch+json', 'application/merge-patch+json'];
  const operation = (action: string, more: JsonObject = {}): JsonObject => ({
    responses: { '200': { description: 'OK', ...body } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk(type),
    ...more,
  });
  const patchBody = { content: Object.fromEntries(patches.map((media) => [media, { schema: { type: 'object' } }])) };
  return [
    [collection, compact({ get: operation('list'), post: operation('post', { parameters, requestBody: body }) })],
    [
      `${collection}/{name}`,
      {
        get: operation('get'),
        put: operation('put', { parameters, requestBody: body }),
        patch: operation('patch', { parameters, requestBody: patchBody }),
        delete: operation('delete', { parameters: [DRY_RUN] }),
      },
    ],
  ];
}

export function versionInfo(): JsonObject {
  return {
    major: '1',
    minor: '35',
    gitVersion: 'v1.35.4',
    gitCommit: 'sandbox',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.26',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
