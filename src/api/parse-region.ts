import { parseHttp } from './parse-http.ts';
import { parseMeta } from './parse-meta.ts';
import { finished, reader, type Parsed, type Problem, type Reader } from './reader.ts';
import type { Region, RegionSpec } from './region.ts';

/** A Region's wire form into the program's. */
export function parseRegion(object: unknown): Parsed<Region> {
  const problems: Problem[] = [];
  const { name, uid, generation } = parseMeta(object, problems);
  const spec = parseSpec(reader(object, '', problems).object('spec'));
  return finished({ name, uid, generation, spec }, problems);
}

function parseSpec(spec: Reader): RegionSpec {
  const aws = spec.objectOr('aws');
  const policy = spec.objectOr('policy');
  return {
    cluster: parseCluster(spec.object('cluster')),
    ...(aws === undefined ? {} : { aws: { region: aws.text('region') } }),
    probes: spec
      .objects('probes')
      .map((probe) => ({ name: probe.text('name'), http: parseHttp(probe.object('http')) })),
    policy: {
      ...(policy?.has('minFencing') === true
        ? { minFencing: policy.oneOf('minFencing', ['Verified', 'BestEffort', 'None']) }
        : {}),
      ...(policy?.has('minApproval') === true
        ? { minApproval: policy.oneOf('minApproval', ['Never', 'Forced', 'Always']) }
        : {}),
    },
    grants: spec.objects('grants').map((grant) => ({
      namespace: grant.text('namespace'),
      hostedZoneIds: grant.texts('hostedZoneIds'),
      databaseArns: grant.texts('databaseArns'),
    })),
  };
}

function parseCluster(cluster: Reader): RegionSpec['cluster'] {
  if (cluster.has('inCluster')) return { kind: 'inCluster' };
  const ref = cluster.objectOr('kubeconfigSecretRef');
  if (ref === undefined) {
    cluster.complain(
      'kubeconfigSecretRef',
      'UnknownDriver: none that this operator knows is set',
      'set kubeconfigSecretRef or inCluster',
    );
    return { kind: 'inCluster' };
  }
  return { kind: 'kubeconfig', secretName: ref.text('name'), key: ref.textOr('key', 'kubeconfig') };
}
