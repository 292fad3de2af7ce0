import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { numberAt, objectsAt, stringAt } from '../../src/sandbox/models/kube-api/json.ts';
import { NAMESPACE } from '../../src/sandbox/world/names.ts';
import { until } from '../../src/sandbox/world/world.ts';
import { createApi, ApiRefusal, type Api } from './world/kube-api.ts';
import { startLoneCluster, type LoneCluster } from './world/lone-cluster.ts';

const PLANS = `system:serviceaccount:${NAMESPACE}:maestro-dr`;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;

/** What an API server says to a request: 200, or the code of its refusal. */
async function codeOf(attempt: Promise<unknown>): Promise<number> {
  try {
    await attempt;
    return 200;
  } catch (error) {
    if (error instanceof ApiRefusal) return error.status;
    throw error;
  }
}

/** The bearer token of a kubeconfig that the operator would be given. */
function tokenOf(kubeconfig: string): string {
  const token = stringAt(objectsAt(parse(kubeconfig) as JsonObject, 'users')[0], 'user', 'token');
  if (token === undefined) throw new Error('a kubeconfig without a token');
  return token;
}

function operatorApi({ cluster }: LoneCluster, as?: string): Api {
  const access = { port: cluster.port, ca: cluster.ca, token: tokenOf(cluster.kubeconfigs.operator) };
  return createApi(as === undefined ? access : { ...access, impersonate: as });
}

describe('the rights of the operator’s account in a region', function () {
  this.timeout(180_000);

  let lone: LoneCluster;
  let own: Api;
  let asPlan: Api;
  before(async () => {
    lone = await startLoneCluster('region');
    own = operatorApi(lone);
    asPlan = operatorApi(lone, PLANS);
    await lone.cluster.api.create(DEPLOYMENTS, api());
  });
  after(async () => {
    await lone.end();
  });

  const scaled = (replicas: number): JsonObject => ({ spec: { replicas } });

  it('scale nothing as itself, and a plan’s workload as the account of its namespace', async () => {
    assert.equal(await codeOf(own.mergePatch(`${DEPLOYMENTS}/api/scale`, scaled(5))), 403);
    assert.equal(await codeOf(asPlan.mergePatch(`${DEPLOYMENTS}/api/scale`, scaled(40))), 200);
    await until('40 pods are ready', 60_000, async () => {
      const deployment = await own.get(`${DEPLOYMENTS}/api`);
      return numberAt(deployment, 'status', 'readyReplicas') === 40;
    });
    await asPlan.mergePatch(`${DEPLOYMENTS}/api/scale`, scaled(0));
    await until('none is left', 60_000, async () => {
      return (await own.list(`/api/v1/namespaces/${NAMESPACE}/pods`)).length === 0;
    });
  });

  it('act as nobody else', async () => {
    for (const somebody of [
      'system:admin',
      'dana@example.com',
      `system:serviceaccount:${NAMESPACE}:default`,
      'system:serviceaccount:kube-system:deployment-controller',
    ]) {
      const api = operatorApi(lone, somebody);
      assert.equal(await codeOf(api.get(`${DEPLOYMENTS}/api`)), 403, somebody);
    }
  });

  it('reach as that account only what its namespace allows it', async () => {
    // Of another namespace, where nobody has given it anything.
    const elsewhere = operatorApi(lone, 'system:serviceaccount:default:maestro-dr');
    assert.equal(await codeOf(elsewhere.mergePatch(`${DEPLOYMENTS}/api/scale`, scaled(1))), 403);
    assert.equal(await codeOf(asPlan.mergePatch(`${DEPLOYMENTS}/api`, { metadata: { labels: { a: 'b' } } })), 403);
    assert.equal(await codeOf(asPlan.remove(`${DEPLOYMENTS}/api`)), 403);
    assert.equal(await codeOf(asPlan.list(`/api/v1/namespaces/${NAMESPACE}/secrets`)), 403);
  });

  it('read no Secret of a region’s cluster', async () => {
    assert.equal(await codeOf(own.list('/api/v1/secrets')), 403);
    assert.equal(await codeOf(own.get(`/api/v1/namespaces/${NAMESPACE}/secrets/pg-shop`)), 403);
  });

  it('leave a trace where they are refused, too', async () => {
    const text = await readFile(lone.cluster.access, 'utf8');
    assert.match(text, /"verb":"patch".*"resource":"deployments\/scale".*"code":403/);
    assert.match(
      text,
      new RegExp(`"impersonated":"${PLANS}".*"verb":"patch".*"resource":"deployments/scale".*"code":200`),
    );
  });
});

describe('the rights of the operator’s account in the management cluster', function () {
  this.timeout(120_000);

  let lone: LoneCluster;
  let own: Api;
  before(async () => {
    lone = await startLoneCluster('management');
    own = operatorApi(lone);
  });
  after(async () => {
    await lone.end();
  });

  const of = (resource: string) => `/apis/dr.maestro.io/v1alpha1/namespaces/default/disasterrecovery${resource}`;

  it('say what is, and do not say what a Region is', async () => {
    const regions = '/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions';
    assert.equal(await codeOf(own.mergePatch(`${regions}/us-east-1`, { spec: {} })), 403);
    // Allowed, and nothing there.
    assert.equal(await codeOf(own.mergePatch(`${regions}/us-east-1/status`, { status: {} })), 404);
    assert.equal(await codeOf(own.mergePatch(`${of('plans')}/checkout/status`, { status: {} })), 404);
  });

  it('make and remove no plan, and give nobody any rights', async () => {
    assert.equal(await codeOf(own.create(of('plans'), {})), 403);
    assert.equal(await codeOf(own.remove(`${of('plans')}/checkout`)), 403);
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    assert.equal(await codeOf(own.list(roles)), 403);
    assert.equal(await codeOf(own.list('/api/v1/secrets')), 403);
    assert.equal(await codeOf(own.list('/api/v1/pods')), 403);
  });
});

/** Of an image that is no program of the sandbox: its pods are kwok's. */
function api(): JsonObject {
  const labels = { app: 'api' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', namespace: NAMESPACE },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'api', image: 'registry.example.com/api:1' }] },
      },
    },
  };
}
