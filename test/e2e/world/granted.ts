import { createHash } from 'node:crypto';
import { ACCOUNT } from '../../contract/workload-bench.ts';
import type { Attributes, Authorize, JsonObject, Verb } from '../../../src/sandbox/models/kube-api/index.ts';
import { at, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { OPERATOR } from '../../../src/sandbox/demo/witnesses/audits.ts';
import { ApiRefusal, type Api } from './kube-api.ts';
import { until } from './until.ts';

/** The plan's account there, and that of a namespace that is not there. */
const ACCOUNTS = [ACCOUNT, 'system:serviceaccount:nowhere:maestro-dr'];
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const READS: readonly Verb[] = ['get', 'list'];

const READ: Readonly<Record<string, readonly string[]>> = {
  apps: ['deployments', 'statefulsets'],
  batch: ['cronjobs', 'jobs'],
  autoscaling: ['horizontalpodautoscalers'],
  '': ['pods', 'events'],
};

/** Everything that the drivers of the family ask for, in every namespace. */
const RIGHTS: readonly Attributes[] = [
  ...Object.entries(READ).flatMap(([group, resources]) =>
    resources.flatMap((resource) => READS.map((verb): Attributes => ({ user: OPERATOR, verb, group, resource }))),
  ),
  { user: OPERATOR, verb: 'impersonate', group: '', resource: 'serviceaccounts' },
  ...ACCOUNTS.flatMap((user) => [
    ...['deployments', 'statefulsets'].flatMap((resource) =>
      (['get', 'patch'] as const).map((verb): Attributes => ({
        user,
        verb,
        group: 'apps',
        resource,
        subresource: 'scale',
      })),
    ),
    ...(['get', 'patch'] as const).map((verb): Attributes => ({ user, verb, group: 'batch', resource: 'cronjobs' })),
    ...(['get', 'create'] as const).map((verb): Attributes => ({ user, verb, group: 'batch', resource: 'jobs' })),
  ]),
];

/**
 * What the sandbox's server is told by a function the real one is told by roles: of the rights those that it does not
 * refuse. Returns when the API server goes by them; what is granted already costs nothing.
 */
export function createGrants(api: Api): (authorize: Authorize) => Promise<void> {
  let current: string | undefined;
  return async (authorize) => {
    const granted = RIGHTS.filter((right) => authorize(right) === undefined);
    const text = JSON.stringify(granted);
    if (text === current) return;
    current = undefined;
    for (const user of [OPERATOR, ...ACCOUNTS]) {
      await grant(
        api,
        user,
        granted.filter((right) => right.user === user),
      );
    }
    for (const right of RIGHTS) {
      await until(`${right.user} is refused or allowed as it is written`, async () => {
        assertSame(await allowed(api, right), granted.includes(right));
      });
    }
    current = text;
  };
}

function assertSame(is: boolean, wanted: boolean): void {
  if (is !== wanted) throw new Error(`it is ${is ? 'allowed' : 'refused'} still`);
}

async function grant(api: Api, user: string, rights: readonly Attributes[]): Promise<void> {
  const metadata = { name: `contract-${createHash('sha256').update(user).digest('hex').slice(0, 12)}` };
  const rules = rights.map(({ group, resource, subresource, verb }) => ({
    apiGroups: [group],
    resources: [subresource === undefined ? resource : `${resource}/${subresource}`],
    verbs: [verb],
  }));
  const group = 'rbac.authorization.k8s.io';
  const [apiVersion, kind] = [`${group}/v1`, 'ClusterRole'];
  await put(api, `${RBAC}/clusterroles`, { apiVersion, kind, metadata, rules });
  await put(api, `${RBAC}/clusterrolebindings`, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: group, kind, name: metadata.name },
    subjects: [{ apiGroup: group, kind: 'User', name: user }],
  });
}

async function put(api: Api, collection: string, object: JsonObject): Promise<void> {
  try {
    await api.create(collection, object);
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 409) throw error;
    await api.replace(`${collection}/${stringAt(object, 'metadata', 'name') ?? ''}`, object);
  }
}

async function allowed(api: Api, { user, verb, group, resource, subresource }: Attributes): Promise<boolean> {
  const review = await api.create(REVIEWS, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      resourceAttributes: { verb, group, resource, ...(subresource === undefined ? {} : { subresource }) },
    },
  });
  return at(review, 'status', 'allowed') === true;
}
