import type { JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { arrayAt, objectsAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import type { Access } from './audit.ts';

/** One verb on one resource that a binding gives an account. */
export interface Grant {
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly account: string;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  /** Empty: all. */
  readonly names: readonly string[];
}

/** Every combination that the roles among these objects grant, to each account that they are bound to. */
export function grantsOf(objects: readonly JsonObject[]): readonly Grant[] {
  const bindings = objects.filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding');
  return bindings.flatMap((binding) => {
    const role = roleOf(objects, binding);
    return objectsAt(binding, 'subjects').flatMap((subject) => {
      const account = `system:serviceaccount:${stringAt(subject, 'namespace') ?? ''}:${stringAt(subject, 'name') ?? ''}`;
      return objectsAt(role, 'rules').flatMap((rule) => spread(rule).map((one) => ({ account, ...one })));
    });
  });
}

/** A RoleBinding names a Role of its own namespace, or a ClusterRole. */
function roleOf(objects: readonly JsonObject[], binding: JsonObject): JsonObject {
  const kind = stringAt(binding, 'roleRef', 'kind');
  const name = stringAt(binding, 'roleRef', 'name') ?? '';
  const namespace = kind === 'Role' ? stringAt(binding, 'metadata', 'namespace') : undefined;
  const found = objects.find(
    (one) =>
      one['kind'] === kind &&
      stringAt(one, 'metadata', 'name') === name &&
      stringAt(one, 'metadata', 'namespace') === namespace,
  );
  if (found === undefined) throw new Error(`${kind ?? 'role'} ${name} is bound and not there`);
  return found;
}

function spread(rule: JsonObject): readonly Omit<Grant, 'account'>[] {
  const names = texts(rule, 'resourceNames');
  return texts(rule, 'apiGroups').flatMap((group) =>
    texts(rule, 'resources').flatMap((resource) =>
      texts(rule, 'verbs').map((verb) => ({ group, resource, verb, names })),
    ),
  );
}

/** Whether a request needed this. Impersonation is seen in the request that is made by it, and nowhere else. */
export function needs({ account, group, resource, verb, names }: Grant, access: Access): boolean {
  if (verb === 'impersonate') {
    return access.user === account && resource === 'serviceaccounts' && access.impersonated !== undefined;
  }
  if ((access.impersonated ?? access.user) !== account) return false;
  if (access.group !== group || access.resource !== resource || access.verb !== verb) return false;
  return names.length === 0 || names.includes(access.name ?? '');
}

function texts(object: JsonObject, key: string): readonly string[] {
  return arrayAt(object, key).filter((one) => typeof one === 'string');
}
