import { compact, type Json, type JsonObject } from './json.ts';

/** Names a resource in errors: `deployments.apps`, `DisasterRecoveryPlan.dr.maestro.io`. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** One fault of an object (k8s.io/apimachinery field.Error). `reason` is a cause's reason: `FieldValueInvalid`. */
export interface FieldError {
  readonly reason: FieldReason;
  readonly field: string;
  /** What follows the field's path: `Invalid value: "x": must be …`. */
  readonly message: string;
}

export type FieldReason =
  | 'FieldValueInvalid'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotSupported'
  | 'FieldValueTypeInvalid'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany';

/** An answer that is a Status with `status: Failure`, shaped as the real server's. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject;
  constructor(code: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export function statusOf(error: ApiError): JsonObject {
  return compact({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason === '' ? undefined : error.reason,
    details: Object.keys(error.details).length === 0 ? undefined : error.details,
    code: error.code,
  });
}

export function success(details: JsonObject): JsonObject {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function qualified(resource: ResourceName): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

function named(resource: ResourceName, name: string): JsonObject {
  return compact({ name, group: resource.group === '' ? undefined : resource.group, kind: resource.plural });
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, named(resource, name));
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, named(resource, name));
}

export function conflict(resource: ResourceName, name: string, why?: string): ApiError {
  const text = why ?? 'the object has been modified; please apply your changes to the latest version and try again';
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${text}`,
    named(resource, name),
  );
}

export function forbidden(resource: ResourceName, name: string, why: string, causes?: readonly JsonObject[]): ApiError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`;
  return new ApiError(
    403,
    'Forbidden',
    `${subject} is forbidden: ${why}`,
    compact({ ...named(resource, name), causes }),
  );
}

export function invalid(resource: ResourceName, name: string, errors: readonly FieldError[]): ApiError {
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  const body = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return new ApiError(
    422,
    'Invalid',
    `${kind} "${name}" is invalid: ${body}`,
    compact({
      name,
      group: resource.group === '' ? undefined : resource.group,
      kind: resource.kind,
      causes: errors.map((error) => ({ reason: error.reason, message: error.message, field: error.field })),
    }),
  );
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** A resourceVersion or continue token that history no longer reaches. */
export function gone(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

export function fieldInvalid(field: string, value: Json, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${detail}` };
}

export function fieldRequired(field: string, detail = ''): FieldError {
  return {
    reason: 'FieldValueRequired',
    field,
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  };
}

export function fieldForbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

export function fieldDuplicate(field: string, value: Json): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(value)}` };
}

export function fieldNotSupported(field: string, value: Json, supported: readonly Json[]): FieldError {
  const listed = supported.map((one) => JSON.stringify(one)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${listed}`,
  };
}
