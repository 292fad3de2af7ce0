import assert from 'node:assert/strict';
import { regionProblems } from '../../src/controller/known-regions.ts';
import { createParsedObjects } from '../../src/controller/parsed.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { east, stateless, west } from '../decide/support/plans.ts';

function region(name: string, clusterUID?: string): KubeObject {
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRegion',
    metadata: { name, uid: `uid-of-${name}`, resourceVersion: '1', generation: 1 },
    spec: { cluster: { kubeconfigSecretRef: { name } } },
    ...(clusterUID === undefined ? {} : { status: { observedGeneration: 1, clusterUID, conditions: [] } }),
  };
}

function problemsOf(...regions: readonly KubeObject[]): readonly string[] {
  const byName = new Map(regions.map((object) => [object.metadata.name, object]));
  const runtime = { regions: { cache: { get: (name: string) => byName.get(name) } }, parsed: createParsedObjects() };
  return regionProblems(runtime, 'payments', { ...stateless(), traffic: [] });
}

describe('what the Regions of a plan keep it from', () => {
  it('is nothing where each leads to a cluster of its own', () => {
    assert.deepEqual(problemsOf(region(east, 'uid-a'), region(west, 'uid-b')), []);
  });
  it('is a Region that is missing', () => {
    assert.match(problemsOf(region(east, 'uid-a')).join(), /us-west-2 is not a usable DisasterRecoveryRegion/);
  });
  it('is that both lead to one cluster, where standing down the source would stop the target', () => {
    const problems = problemsOf(region(east, 'uid-a'), region(west, 'uid-a'));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /DuplicateCluster: Regions us-east-1 and us-west-2 lead to the same cluster/);
  });
  it('is nothing that is only not known: a region that never answered has no cluster yet', () => {
    assert.deepEqual(problemsOf(region(east), region(west)), []);
    assert.deepEqual(problemsOf(region(east, 'uid-a'), region(west)), []);
    assert.deepEqual(problemsOf(region(east, ''), region(west, '')), []);
  });
});
