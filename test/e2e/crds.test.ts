import { assertVerdict } from '../crds/assert-verdict.ts';
import { celCases } from '../crds/cel-cases.ts';
import type { Verdict } from '../crds/sandbox-server.ts';
import { isMap } from '../crds/crds.ts';
import { plan, type Wire } from '../crds/objects.ts';
import type { Json, JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { isObject, stringAt } from '../../src/sandbox/models/kube-api/json.ts';
import { ApiRefusal, type Api } from './world/kube-api.ts';
import { startLoneCluster, type LoneCluster } from './world/lone-cluster.ts';

describe('the CRDs on a real API server', function () {
  this.timeout(120_000);

  let lone: LoneCluster;
  before(async () => {
    // It installs the chart's CRDs, and waits until they are served: a schema that is not structural, or a rule that
    // costs more than the server allows, ends here.
    lone = await startLoneCluster('management');
    const name = isMap(plan['metadata']) ? plan['metadata']['namespace'] : '';
    await lone.cluster.api.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: String(name) },
    });
  });
  after(async () => {
    await lone.end();
  });

  for (const one of celCases) {
    it(`${one.refused === undefined ? 'accepts' : 'refuses'} ${one.title}`, async () => {
      assertVerdict(one, await judged(lone.cluster.api, one.object, one.old));
    });
  }
});

/** Nothing of it stays: a create is tried, and an update is tried on an object that is made for it. */
async function judged(api: Api, object: Wire, old: Wire | undefined): Promise<Verdict> {
  const wanted = asJson(object);
  const collection = collectionOf(wanted);
  const trial = '?dryRun=All&fieldValidation=Strict';
  if (old === undefined) return await verdict(() => api.create(`${collection}${trial}`, wanted));
  const before = asJson(old);
  const stored = await api.create(`${collection}?fieldValidation=Strict`, before);
  const path = `${collection}/${stringAt(before, 'metadata', 'name') ?? ''}`;
  try {
    const metadata = {
      ...(isObject(wanted['metadata']) ? wanted['metadata'] : {}),
      resourceVersion: stringAt(stored, 'metadata', 'resourceVersion') ?? '',
    };
    const update = { ...wanted, metadata };
    return await verdict(() => api.replace(`${path}${trial}`, update));
  } finally {
    await api.remove(path);
  }
}

async function verdict(attempt: () => Promise<JsonObject>): Promise<Verdict> {
  try {
    return { ok: true, object: await attempt(), pruned: [] };
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const { message } = error;
    // What the sandbox drops the real server, asked to be strict, names.
    const pruned = [...message.matchAll(/unknown field "([^"]+)"/g)].map(([, path]) => path ?? '');
    return { ok: false, message, pruned };
  }
}

const PLURALS: Readonly<Record<string, string>> = {
  DisasterRecoveryPlan: 'disasterrecoveryplans',
  DisasterRecoveryRun: 'disasterrecoveryruns',
  DisasterRecoveryRegion: 'disasterrecoveryregions',
};

function collectionOf(object: JsonObject): string {
  const namespace = stringAt(object, 'metadata', 'namespace');
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `/apis/dr.maestro.io/v1alpha1${scope}/${PLURALS[stringAt(object, 'kind') ?? ''] ?? ''}`;
}

function asJson(value: Wire): JsonObject {
  const copy = JSON.parse(JSON.stringify(value)) as Json;
  if (!isObject(copy)) throw new Error('a case that is no object');
  return copy;
}
