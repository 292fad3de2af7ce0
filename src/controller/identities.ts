import { parseTime } from '../api/time.ts';
import { identityKeeper, type Claimant } from '../decide/plan/identity.ts';
import type { Change } from '../kube/cache.ts';
import { isRecord, recordAt, stringAt } from '../kube/json.ts';
import { keyOf, type KubeObject } from '../kube/object.ts';

/**
 * Which plans of the cluster have one identity. Kept as plans come and go, so that a pass asks for its own alone and not
 * for a thousand. No plan is judged before the first list is whole: no work begins before (run-controllers.ts), and one
 * list is taken in at once.
 */
export interface Identities {
  /** The keys of the other plans that are to be looked at again, for one of their identity came, or is gone. */
  note(change: Change): readonly string[];
  /** `namespace/name` of the other plan that keeps this one's identity; undefined: this one does. */
  keptBy(plan: KubeObject): string | undefined;
}

/** `newest`: a plan by its key, as it was last read or written. */
export function createIdentities(newest: (key: string) => KubeObject | undefined): Identities {
  const known = new Map<string, string>();
  const plans = new Map<string, Set<string>>();
  const others = (identity: string, key: string): readonly string[] =>
    [...(plans.get(identity) ?? [])].filter((other) => other !== key);
  const leave = (key: string, identity: string): void => {
    const keys = plans.get(identity);
    keys?.delete(key);
    if (keys?.size === 0) plans.delete(identity);
    known.delete(key);
  };
  return {
    note({ type, key, object }) {
      const had = known.get(key);
      const has = type === 'delete' ? undefined : identityOf(object);
      if (had === has) return [];
      if (had !== undefined) leave(key, had);
      if (has !== undefined) {
        known.set(key, has);
        plans.set(has, (plans.get(has) ?? new Set<string>()).add(key));
      }
      return [had, has].flatMap((identity) => (identity === undefined ? [] : others(identity, key)));
    },
    keptBy(plan) {
      const identity = identityOf(plan);
      const rivals = others(identity, keyOf(plan)).flatMap((key) => newest(key) ?? []);
      const same = rivals.filter((rival) => identityOf(rival) === identity);
      if (same.length === 0) return undefined;
      const keeper = identityKeeper([plan, ...same].map(claimant));
      if (keeper === undefined || keeper.uid === plan.metadata.uid) return undefined;
      return `${keeper.namespace}/${keeper.name}`;
    },
  };
}

/** Also of a plan that cannot be carried out, or not be read by this operator: what it has begun is known by it. */
function identityOf(plan: KubeObject): string {
  const said = isRecord(plan.spec) ? stringAt(plan.spec, 'identity') : undefined;
  return said === undefined || said === '' ? keyOf(plan) : said;
}

function claimant(plan: KubeObject): Claimant {
  const { namespace = '', name, uid, creationTimestamp } = plan.metadata;
  const status = recordAt(plan, 'status');
  const established =
    stringAt(status, 'activeRegion') !== undefined || stringAt(recordAt(status, 'currentRun'), 'name') !== undefined;
  return { namespace, name, uid, createdAt: parseTime(creationTimestamp ?? '') ?? 0, established };
}
