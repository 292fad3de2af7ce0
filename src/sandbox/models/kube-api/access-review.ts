import type { Authorize, Identity } from './access.ts';
import { objectAt } from './json.ts';
import type { ApiRequest, ApiResponse, Verb } from './messages.ts';
import type { ResourceTarget } from './request-target.ts';
import { whole } from './server-parts.ts';
import { bodyObject } from './write-requests.ts';

/** SelfSubjectAccessReview, by which clients learn their rights beforehand. */
export function accessReview(
  authorize: Authorize | undefined,
  identity: Identity,
  target: ResourceTarget,
  request: ApiRequest,
): ApiResponse | undefined {
  const asked = target.group === 'authorization.k8s.io' && target.plural === 'selfsubjectaccessreviews';
  if (!asked || request.method !== 'POST') return undefined;
  const body = bodyObject(request);
  const wish = objectAt(body, 'spec', 'resourceAttributes');
  const text = (key: string): string => {
    const value = wish[key];
    return typeof value === 'string' ? value : '';
  };
  const why = authorize?.({
    user: identity.effective,
    verb: text('verb') as Verb,
    group: text('group'),
    resource: text('resource'),
    ...(text('subresource') === '' ? {} : { subresource: text('subresource') }),
    ...(text('namespace') === '' ? {} : { namespace: text('namespace') }),
    ...(text('name') === '' ? {} : { name: text('name') }),
  });
  const status = why === undefined ? { allowed: true } : { allowed: false, reason: why };
  return whole(201, { ...body, status });
}
