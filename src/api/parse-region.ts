import { unionMember } from './parse-database.ts';
import { parseHttp } from './parse-http.ts';
import { expectKind, parseMeta } from './parse-meta.ts';
import { finished, optional, reader, type Parsed, type Problem, type Reader } from './reader.ts';
import type { Region, RegionSpec } from './region.ts';
import { approvalPolicies, fencingPolicies } from './vocabulary.ts';

/** A Region's wire form into the program's. */
export function parseRegion(object: unknown): Parsed<Region> {
  const problems: Problem[] = [];
  const root = reader(object, '', problems);
  expectKind(root, 'DisasterRecoveryRegion');
  const { name, uid, generation } = parseMeta(root);
  return finished({ name, uid, generation, spec: parseSpec(root.object('spec')) }, problems);
}

function parseSpec(spec: Reader): RegionSpec {
  const aws = spec.objectOr('aws');
  const policy = spec.objectOr('policy');
  return {
    cluster: parseCluster(spec.object('cluster')),
    ...optional('aws', aws === undefined ? undefined : { region: aws.text('region') }),
    probes: spec
      .objects('probes')
      .map((probe) => ({ name: probe.text('name'), http: parseHttp(probe.object('http')) })),
    policy: {
      ...optional(
        'minFencing',
        policy?.has('minFencing') === true ? policy.oneOf('minFencing', fencingPolicies) : undefined,
      ),
      ...optional(
        'minApproval',
        policy?.has('minApproval') === true ? policy.oneOf('minApproval', approvalPolicies) : undefined,
      ),
    },
    grants: spec.objects('grants').map((grant) => ({
      namespace: grant.text('namespace'),
      hostedZoneIds: grant.texts('hostedZoneIds'),
    })),
  };
}

function parseCluster(cluster: Reader): RegionSpec['cluster'] {
  const member = unionMember(cluster, ['kubeconfigSecretRef', 'inCluster']);
  // The placeholder reaches nobody: a problem was recorded.
  if (member === undefined || cluster.has('inCluster')) return { kind: 'inCluster' };
  return { kind: 'kubeconfig', secretName: member.text('name'), key: member.textOr('key') ?? 'kubeconfig' };
}
