import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import { renderCopies } from '../../scripts/render-manifests.ts';
import { at } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import { kubernetesJudge, type Judge } from './kubernetes-schemas.ts';
import { charted, kustomized, only, titleOf, yamlObjects } from './rendered.ts';

const everything = [
  'planNamespaces={payments,ledger}',
  'regionSecrets={us-east-1,us-west-2}',
  'rbac.inClusterRegion=true',
  'rbac.aggregateToView=true',
  'serviceMonitor.enabled=true',
  'serviceMonitor.labels.release=prometheus',
  'prometheusRule.enabled=true',
  'prometheusRule.labels.release=prometheus',
  'priorityClassName=system-cluster-critical',
  'imagePullSecrets={registry}',
  'operator.maxRuns=3',
  'operator.dnsServers={ns1.example.com=10.0.0.1:53}',
  'operator.extraEnv[0].name=AWS_REGION,operator.extraEnv[0].value=us-west-2',
  'tolerations[0].operator=Exists',
  'nodeSelector.disk=ssd',
  'podLabels.team=sre',
  'podAnnotations.note=yes',
  'networkPolicy.scrapers[0].namespaceSelector.matchLabels.name=monitoring',
  'serviceAccount.annotations.role=arn',
].flatMap((value) => ['--set', value]);

const sources: readonly (readonly [string, () => Promise<readonly Wire[]>])[] = [
  ['the chart by default', () => charted()],
  ['the chart with everything on', () => charted(...everything)],
  ['the chart with all of the cluster bound', () => charted('--set', 'planNamespaces={*}')],
  [
    'the chart with everything off',
    () =>
      charted(
        ...[
          'rbac.peopleRoles',
          'networkPolicy.enabled',
          'podDisruptionBudget.enabled',
          'topologySpread.enabled',
        ].flatMap((value) => ['--set', `${value}=false`]),
      ),
  ],
  ['deploy/base', () => kustomized('base')],
  ['deploy/overlays/dev', () => kustomized('overlays/dev')],
  ['deploy/overlays/production', () => kustomized('overlays/production')],
  ['deploy/monitoring', () => kustomized('monitoring')],
  [
    'deploy/argocd',
    () => Promise.resolve(yamlObjects(readFileSync(join(ROOT, 'deploy/argocd/argocd-cm.yaml'), 'utf8'))),
  ],
  ['deploy/target/cluster', () => kustomized('target/cluster')],
  ['deploy/target/namespace', () => kustomized('target/namespace')],
];

describe('manifests', function () {
  this.timeout(60_000);
  let judge: Judge = () => ['not compiled yet'];
  before(() => {
    judge = kubernetesJudge();
  });

  for (const [name, rendered] of sources) {
    it(`are what Kubernetes 1.35 takes: ${name}`, async () => {
      const objects = await rendered();
      const faults = objects.flatMap((object) => judge(object).map((fault) => `${titleOf(object)}: ${fault}`));
      assert.deepEqual(faults, []);
      const names = objects.map((object) => `${titleOf(object)} ${JSON.stringify(object['metadata'])}`);
      assert.equal(new Set(names).size, names.length);
    });
  }

  it('are judged: an unknown field, a wrong type, a missing one and an unknown kind are told', async () => {
    const deployment = only(await charted(), 'Deployment');
    const spec = deployment['spec'] as Wire;
    const said = (object: Wire): string => judge(object).join('\n');
    assert.match(said({ ...deployment, spec: { ...spec, replica: 2 } }), /additional properties replica/);
    assert.match(said({ ...deployment, spec: { ...spec, replicas: 'two' } }), /\/spec\/replicas must be integer/);
    assert.match(said({ ...deployment, spec: { replicas: 2 } }), /required property 'selector'/);
    assert.match(said({ apiVersion: 'v1', kind: 'Pod' }), /no schema for v1 Pod/);
  });

  it('that are copies are as their originals: the chart’s CRDs and alerts, and deploy/base', async () => {
    const copies = await renderCopies();
    assert.ok(copies.size > 12);
    for (const [path, text] of copies) {
      assert.equal(readFileSync(join(ROOT, path), 'utf8'), text, `${path} is stale: npm run manifests`);
    }
  });

  it('alert as deploy/monitoring does: its templates reach Prometheus as they are', async () => {
    const rule = only(await charted('--set', 'prometheusRule.enabled=true'), 'PrometheusRule');
    const [original] = yamlObjects(readFileSync(join(ROOT, 'deploy/monitoring/prometheusrule.yaml'), 'utf8'));
    assert.deepEqual(at(rule, 'spec'), at(original, 'spec'));
    assert.match(JSON.stringify(rule), /\{\{ \$labels\.plan \}\}/);
  });

  it('lead whoever is paged to where the docs lie, by prometheusRule.docsUrl', async () => {
    const urls = async (...set: readonly string[]): Promise<readonly string[]> => {
      const rule = only(await charted('--set', 'prometheusRule.enabled=true', ...set), 'PrometheusRule');
      return [...JSON.stringify(rule).matchAll(/"runbook_url":"([^"]*)"/g)].map(([, url]) => url ?? '');
    };
    const relative = await urls();
    assert.ok(relative.length > 10);
    const absolute = await urls('--set', 'prometheusRule.docsUrl=https://wiki.example.com/dr/');
    assert.deepEqual(
      absolute,
      relative.map((url) => url.replace(/^docs\//, 'https://wiki.example.com/dr/')),
    );
    await assert.rejects(urls('--set', 'prometheusRule.docsUrl=wiki'), /docsUrl/);
  });

  it('of deploy/base are the chart’s, but for what Helm says of itself', async () => {
    const bare = (objects: readonly Wire[]): readonly string[] =>
      objects
        .filter((object) => object['kind'] !== 'Namespace')
        .map((object) => JSON.stringify(sorted(withoutHelm(object))))
        .sort();
    assert.deepEqual(bare(await kustomized('base')), bare(await charted()));
  });
});

function withoutHelm(object: Wire): Wire {
  const metadata = object['metadata'] as Wire;
  const {
    'helm.sh/chart': _chart,
    'app.kubernetes.io/managed-by': _by,
    ...labels
  } = (metadata['labels'] ?? {}) as Wire;
  return Object.keys(labels).length === 0 ? object : { ...object, metadata: { ...metadata, labels } };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
