import type { Attributes, Verb } from '../../../src/sandbox/models/kube-api/index.ts';
import type { Access } from './audit.ts';

/** What had to be allowed for a request: the request itself, and where it acts as another, that it may. */
export function rightsOf(access: Access): readonly Attributes[] {
  const { user, impersonated, verb, group, resource, namespace, name } = access;
  const [plural = '', subresource] = resource.split('/');
  const own: Attributes = {
    user: impersonated ?? user,
    verb: verb as Verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return impersonated === undefined ? [own] : [impersonation(user, impersonated), own];
}

/** apiserver `pkg/endpoints/filters/impersonation`: a ServiceAccount is one of its namespace. */
function impersonation(user: string, impersonated: string): Attributes {
  const [, , namespace = '', name = ''] = impersonated.split(':');
  return { user, verb: 'impersonate', group: '', resource: 'serviceaccounts', namespace, name };
}
