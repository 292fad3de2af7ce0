import type { Fact } from '../api/fact.ts';
import type { Claim } from '../api/conditions.ts';
import type { Condition } from '../api/plan-status.ts';
import type { RegionHealth } from '../api/region.ts';
import type { RegionStatus } from '../api/region-status.ts';

export interface RegionFacts {
  readonly generation: number;
  readonly status: RegionStatus;
  readonly health: Fact<RegionHealth>;
  /** What keeps the Region from being used at all, as sentences. */
  readonly problems: readonly string[];
  readonly others: readonly { readonly name: string; readonly clusterUid: string }[];
  readonly wall: number;
}

/** Whether a region's cluster answers, and that it is the one it was: two Regions with one cluster are refused. */
export function regionStatus(facts: RegionFacts): RegionStatus {
  const { health, status } = facts;
  const clusterUid = health.known ? health.value.clusterUid : status.clusterUid;
  const twin = facts.others.find((other) => clusterUid !== undefined && other.clusterUid === clusterUid);
  const changed = health.known && status.clusterUid !== undefined && status.clusterUid !== health.value.clusterUid;
  const reachable = health.known
    ? claim(
        'Reachable',
        'True',
        changed ? 'ClusterChanged' : 'Answers',
        changed ? 'Another cluster answers than before.' : 'The API server answers.',
      )
    : claim('Reachable', health.why === 'NotAsked' ? 'Unknown' : 'False', health.why, health.detail);
  const [problem] = facts.problems;
  const accepted =
    problem !== undefined
      ? claim('Accepted', 'False', 'Malformed', facts.problems.join(' '))
      : twin === undefined
        ? claim('Accepted', 'True', 'Accepted', 'The Region can be used.')
        : claim(
            'Accepted',
            'False',
            'DuplicateCluster',
            `Region ${twin.name} leads to the same cluster; give each its own.`,
          );
  return {
    observedGeneration: facts.generation,
    ...(clusterUid === undefined ? {} : { clusterUid }),
    conditions: [accepted, reachable, ...progress(accepted, reachable)].map((c): Condition => {
      const had = status.conditions.find((other) => other.type === c.type);
      return {
        ...c,
        observedGeneration: facts.generation,
        lastTransitionAt: had?.status === c.status ? had.lastTransitionAt : facts.wall,
      };
    }),
  };
}

/** For kstatus: refused until somebody mends it, or tried again and again until it answers. Only when True. */
function progress(accepted: Claim, reachable: Claim): readonly Claim[] {
  if (accepted.status === 'False') return [{ ...accepted, type: 'Stalled', status: 'True' }];
  return reachable.status === 'True' ? [] : [{ ...reachable, type: 'Reconciling', status: 'True' }];
}

function claim(type: string, status: Condition['status'], reason: string, message: string): Claim {
  return { type, status, reason, message };
}
