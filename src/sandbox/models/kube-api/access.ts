import { ApiError, forbidden } from './api-error.ts';
import type { ApiRequest, Attributes } from './messages.ts';

export interface Identity {
  readonly user: string;
  readonly impersonated: string | undefined;
  /** Whose rights count. */
  readonly effective: string;
}

/** Bearer tokens and their users. Absent: everybody is `system:admin`. */
export type Tokens = Readonly<Record<string, string>>;

/** May the user do this? `undefined` allows; a text says why not. */
export type Authorize = (attributes: Attributes) => string | undefined;

/** @throws ApiError 401 */
export function authenticate(tokens: Tokens | undefined, request: ApiRequest): Identity {
  const user = tokens === undefined ? 'system:admin' : userOf(tokens, request.headers['authorization']);
  const impersonated = request.headers['impersonate-user'];
  return { user, impersonated, effective: impersonated ?? user };
}

function userOf(tokens: Tokens, header: string | undefined): string {
  const token = /^Bearer\s+(.+)$/i.exec(header ?? '')?.[1]?.trim() ?? '';
  const user = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (user === undefined) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  return user;
}

/** @throws ApiError 403 in the words of the RBAC authorizer */
export function checkAccess(authorize: Authorize | undefined, attributes: Attributes): void {
  const why = authorize?.(attributes);
  if (why === undefined) return;
  const { user, verb, group, resource, namespace, name = '', subresource } = attributes;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const scope =
    namespace === undefined || namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const reason = why === '' ? '' : `: ${why}`;
  throw forbidden(
    { group, plural: resource, kind: '' },
    name,
    `User "${user}" cannot ${verb} resource "${full}" in API group "${group}" ${scope}${reason}`,
  );
}

const account = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Acting in another's name is a right of its own, asked of who logged in (apiserver `filters/impersonation.go`). */
export function checkImpersonation(authorize: Authorize | undefined, { user, impersonated }: Identity): void {
  if (impersonated === undefined) return;
  const [, namespace, name] = account.exec(impersonated) ?? [];
  const whom =
    namespace === undefined || name === undefined
      ? { resource: 'users', name: impersonated }
      : { resource: 'serviceaccounts', namespace, name };
  checkAccess(authorize, { user, verb: 'impersonate', group: '', ...whom });
}
