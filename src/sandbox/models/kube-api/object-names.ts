import { fieldInvalid, fieldRequired, invalid } from './api-error.ts';
import type { ResourceType } from './resource-type.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_NAMED = Object.freeze(['/namespaces', '/services']);

/** @throws ApiError 422 */
export function checkName(type: ResourceType, name: string): void {
  if (name === '') throw invalid(type, '', [fieldRequired('metadata.name', 'name or generateName is required')]);
  const rbac = type.group === 'rbac.authorization.k8s.io';
  if (rbac) return;
  const label = LABEL_NAMED.includes(type.storage);
  if (label && (name.length > 63 || !LABEL.test(name))) {
    const detail =
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    throw invalid(type, name, [fieldInvalid('metadata.name', name, detail)]);
  }
  if (name.length > 253 || !SUBDOMAIN.test(name)) {
    const detail =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    throw invalid(type, name, [fieldInvalid('metadata.name', name, detail)]);
  }
}
