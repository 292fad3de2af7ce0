import { fieldInvalid, fieldRequired, invalid, type FieldError, type ResourceName } from '../api-error.ts';
import { arrayAt, isObject, objectAt, objectsAt, stringAt, withAt, type JsonObject } from '../json.ts';
import { keysOf } from '../json-path.ts';
import type { Preparation, ResourceType, ScalePaths } from '../resource-type.ts';
import { printerColumns } from '../table/printer-columns.ts';
import { checkRules, compileRules, type Rules } from './rules.ts';
import { readSchema, type Schema } from './schema.ts';
import { shape } from './shape.ts';
import { blocksRules, validate } from './validate.ts';

/** A CustomResourceDefinition made ready to serve. Immutable: any number of clusters may share one. */
export interface CompiledCrd {
  /** `plural.group` */
  readonly name: string;
  /** As a client sends it, names defaulted. */
  readonly object: JsonObject;
  /** One for each served version. */
  readonly types: readonly ResourceType[];
}

const CRD: ResourceName = Object.freeze({
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
});

/**
 * @throws ApiError 422 that names each fault: a bad schema, a rule that does not compile.
 */
export function compileCrd(given: JsonObject): CompiledCrd {
  const object = defaulted(given);
  const name = stringAt(object, 'metadata', 'name') ?? '';
  const errors = checkShape(object, name);
  if (errors.length > 0) throw invalid(CRD, name, errors);
  const versions = objectsAt(object, 'spec', 'versions');
  const storage = versions.find((version) => version['storage'] === true);
  const types = versions.flatMap((version, index) => {
    if (version['served'] !== true) return [];
    const path = `spec.versions[${String(index)}]`;
    return [customType(objectAt(object, 'spec'), version, path, stringAt(storage, 'name') ?? '', name)];
  });
  return { name, object, types };
}

function defaulted(crd: JsonObject): JsonObject {
  const names = objectAt(crd, 'spec', 'names');
  const kind = stringAt(names, 'kind') ?? '';
  const full: JsonObject = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names };
  const conversion = objectAt(crd, 'spec', 'conversion');
  const converted = withAt(crd, ['spec', 'conversion'], { strategy: 'None', ...conversion });
  return withAt(converted, ['spec', 'names'], full);
}

function checkShape(crd: JsonObject, name: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const group = stringAt(crd, 'spec', 'group') ?? '';
  const plural = stringAt(crd, 'spec', 'names', 'plural') ?? '';
  const scope = stringAt(crd, 'spec', 'scope') ?? '';
  const versions = objectsAt(crd, 'spec', 'versions');
  if (group === '') errors.push(fieldRequired('spec.group'));
  if (plural === '') errors.push(fieldRequired('spec.names.plural'));
  if ((stringAt(crd, 'spec', 'names', 'kind') ?? '') === '') errors.push(fieldRequired('spec.names.kind'));
  if (name !== `${plural}.${group}`) {
    errors.push(fieldInvalid('metadata.name', name, `must be spec.names.plural+"."+spec.group`));
  }
  if (scope !== 'Namespaced' && scope !== 'Cluster') {
    errors.push({
      reason: 'FieldValueNotSupported',
      field: 'spec.scope',
      message: `Unsupported value: "${scope}": supported values: "Cluster", "Namespaced"`,
    });
  }
  if (versions.filter((version) => version['storage'] === true).length !== 1) {
    errors.push(
      fieldInvalid(
        'spec.versions',
        versions.map((version) => version['name'] ?? ''),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  versions.forEach((version, index) => {
    const schema = at(version);
    const path = `spec.versions[${String(index)}].schema.openAPIV3Schema`;
    if (!isObject(schema)) errors.push(fieldRequired(path, 'schemas are required'));
    else if (stringAt(schema, 'type') !== 'object') {
      errors.push(fieldInvalid(`${path}.type`, schema['type'] ?? '', 'must be "object"'));
    }
  });
  return errors;
}

function at(version: JsonObject): JsonObject | undefined {
  const schema = objectAt(version, 'schema')['openAPIV3Schema'];
  return isObject(schema) ? schema : undefined;
}

function customType(
  spec: JsonObject,
  version: JsonObject,
  path: string,
  storageVersion: string,
  crdName: string,
): ResourceType {
  const source = at(version) ?? {};
  const problems: string[] = [];
  const schemaPath = `${path}.schema.openAPIV3Schema`;
  const schema = readSchema(source, schemaPath, problems);
  const rules = problems.length === 0 ? compileRules(schema, schemaPath, problems) : undefined;
  if (problems.length > 0) throw invalid(CRD, crdName, problems.map(asFieldError));
  const names = objectAt(spec, 'names');
  const group = stringAt(spec, 'group') ?? '';
  const plural = stringAt(names, 'plural') ?? '';
  const own = stringAt(version, 'name') ?? '';
  const kind = stringAt(names, 'kind') ?? '';
  const status = isObject(objectAt(version, 'subresources')['status']);
  const converts = own !== storageVersion;
  return Object.freeze({
    group,
    version: own,
    plural,
    singular: stringAt(names, 'singular') ?? '',
    kind,
    listKind: stringAt(names, 'listKind') ?? '',
    shortNames: texts(names, 'shortNames'),
    categories: texts(names, 'categories'),
    namespaced: stringAt(spec, 'scope') === 'Namespaced',
    storage: `${group}/${plural}`,
    custom: true,
    status,
    scale: scaleOf(version),
    generation: true,
    selectable: objectsAt(version, 'selectableFields').map((one) =>
      (stringAt(one, 'jsonPath') ?? '').replace(/^\./, ''),
    ),
    columns: printerColumns(objectsAt(version, 'additionalPrinterColumns')),
    prepare: preparer({ group, plural, kind }, schema, rules),
    project: converts ? (stored) => ({ ...stored, apiVersion: `${group}/${own}` }) : undefined,
    unproject: converts ? (served) => ({ ...served, apiVersion: `${group}/${storageVersion}` }) : undefined,
    schema: source,
  } satisfies ResourceType);
}

function texts(object: JsonObject, key: string): readonly string[] {
  return arrayAt(object, key).filter((one) => typeof one === 'string');
}

function asFieldError(problem: string): FieldError {
  const cut = problem.indexOf(': ');
  return { reason: 'FieldValueInvalid', field: problem.slice(0, cut), message: problem.slice(cut + 2) };
}

function scaleOf(version: JsonObject): ScalePaths | undefined {
  const scale = objectAt(version, 'subresources')['scale'];
  if (!isObject(scale)) return undefined;
  const selector = stringAt(scale, 'labelSelectorPath');
  return {
    spec: keysOf(stringAt(scale, 'specReplicasPath') ?? ''),
    status: keysOf(stringAt(scale, 'statusReplicasPath') ?? ''),
    selector: selector === undefined ? undefined : keysOf(selector),
  };
}

const UNCHECKED: FieldError = Object.freeze({
  reason: 'FieldValueInvalid',
  field: '<nil>',
  message:
    'Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
});

function preparer(resource: ResourceName, schema: Schema, rules: Rules | undefined): ResourceType['prepare'] {
  return (next: JsonObject, old: JsonObject | undefined, preparation: Preparation): JsonObject => {
    const shaped = shape(schema, next, '', preparation.unknownField, true);
    const object = isObject(shaped) ? shaped : next;
    preparation.shaped();
    const errors = [...validate(schema, object, old, '')];
    if (rules !== undefined) {
      if (blocksRules(errors)) errors.push(UNCHECKED);
      else errors.push(...checkRules(rules, object, old, ''));
    }
    if (errors.length > 0) throw invalid(resource, stringAt(object, 'metadata', 'name') ?? '', errors);
    return object;
  };
}

/** Compiles each distinct definition once: worlds of a simulation share what comes back. */
export type CrdCompiler = (crd: JsonObject) => CompiledCrd;

export function createCrdCompiler(): CrdCompiler {
  const known = new Map<string, CompiledCrd>();
  return (crd) => {
    const key = JSON.stringify([crd['spec'] ?? null, stringAt(crd, 'metadata', 'name') ?? '']);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = compileCrd(crd);
    known.set(key, made);
    return made;
  };
}

/** The conditions of a definition that is served. */
export function establishedStatus(crd: JsonObject, now: string): JsonObject {
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime: now,
    reason,
    message,
  });
  const stored = objectsAt(crd, 'spec', 'versions').filter((version) => version['storage'] === true);
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: objectAt(crd, 'spec', 'names'),
    storedVersions: stored.map((version) => stringAt(version, 'name') ?? ''),
  };
}
