import type { Region } from '../api/region.ts';
import type { PlanSpec } from '../api/plan.ts';
import { parseRegionStatus } from '../api/wire-region-status.ts';
import type { Runtime } from './runtime.ts';

/** What a look into the Regions' cache takes of the runtime. */
type Known = Pick<Runtime, 'parsed'> & {
  readonly regions: { readonly cache: Pick<Runtime['regions']['cache'], 'get'> };
};

/** The Regions of a plan as the cache has them, by name; those that are missing or malformed are absent. */
export function regionsOf(runtime: Known, spec: Pick<PlanSpec, 'regions'>): Readonly<Record<string, Region>> {
  return Object.fromEntries(
    spec.regions.flatMap((name) => {
      const object = runtime.regions.cache.get(name);
      const parsed = object === undefined ? undefined : runtime.parsed.region(object);
      return parsed?.ok === true ? [[name, parsed.value] as const] : [];
    }),
  );
}

/** What keeps a plan from being carried out that its own object cannot show: each a sentence. */
export function regionProblems(runtime: Known, namespace: string, spec: PlanSpec): readonly string[] {
  const regions = regionsOf(runtime, spec);
  const each = spec.regions.flatMap((name) => {
    const region = regions[name];
    if (region === undefined) {
      return [`spec.regions: ${name} is not a usable DisasterRecoveryRegion; create or mend it.`];
    }
    return [...belowFloors(region, spec), ...ungranted(region, namespace, spec)];
  });
  return [...each, ...oneCluster(runtime, spec)];
}

/**
 * Two names of one cluster: a Run would end by standing down, as the source's, the very workloads that it had just brought
 * up. By the UIDs as they were last seen, for a Region that does not answer still leads where it led.
 */
function oneCluster(runtime: Known, { regions: [first, second] }: PlanSpec): readonly string[] {
  const uidOf = (name: string): string | undefined => {
    const object = runtime.regions.cache.get(name);
    return object === undefined ? undefined : parseRegionStatus(object).clusterUid;
  };
  const uid = uidOf(first);
  if (uid === undefined || uid !== uidOf(second)) return [];
  return [
    `DuplicateCluster: Regions ${first} and ${second} lead to the same cluster; give each the kubeconfig of its own.`,
  ];
}

/** What is safer stands further right: a plan may be stricter than a Region's floor, and never weaker. */
function belowFloors({ name, spec: { policy } }: Region, { failover }: PlanSpec): readonly string[] {
  const { minFencing, minApproval } = policy;
  const below = (field: string, order: readonly string[], has: string, floor: string | undefined): readonly string[] =>
    floor === undefined || order.indexOf(has) >= order.indexOf(floor)
      ? []
      : [`spec.failover.${field}: ${has} is below the floor ${floor} of Region ${name}; set it to ${floor}.`];
  return [
    ...below('fencing', ['None', 'BestEffort', 'Verified'], failover.fencing, minFencing),
    ...below('approval', ['Never', 'Forced', 'Always'], failover.approval, minApproval),
  ];
}

/** A Region's AWS rights serve only the namespaces and zones of its grants. */
function ungranted(region: Region, namespace: string, spec: PlanSpec): readonly string[] {
  const zones = region.spec.grants
    .filter((grant) => grant.namespace === namespace)
    .flatMap((grant) => grant.hostedZoneIds);
  return spec.traffic
    .filter((record) => !zones.includes(record.hostedZoneId))
    .map(
      (record) =>
        `NotGranted: Region ${region.name} does not grant hosted zone ${record.hostedZoneId} to namespace ${namespace}; add it to spec.grants.`,
    );
}

/** The region whose cluster is the operator's own. */
export function operatorRegion(runtime: Runtime): string | undefined {
  for (const object of runtime.regions.cache.all()) {
    const parsed = runtime.parsed.region(object);
    if (parsed.ok && parsed.value.spec.cluster.kind === 'inCluster') return parsed.value.name;
  }
  return undefined;
}

/** Route 53 has one endpoint; the region says whose rights are used. */
export function awsRegionOf(runtime: Runtime, region: string): string {
  const object = runtime.regions.cache.get(region);
  const parsed = object === undefined ? undefined : runtime.parsed.region(object);
  return parsed?.ok === true ? (parsed.value.spec.aws?.region ?? 'us-east-1') : 'us-east-1';
}
