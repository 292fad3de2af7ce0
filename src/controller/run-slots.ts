import type { PlanStatus } from '../api/plan-status.ts';
import type { Run } from '../api/run.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import type { Runtime } from './runtime.ts';

/**
 * Which plans have a Run under way that still moves something: how many may at once is the operator's to bound. It is
 * counted anew from what is held each time, so that nothing leaks whatever becomes of a plan or a Run, and a new process
 * knows at once; only what was just decided, and can be seen nowhere yet, is remembered.
 */
export interface RunSlots {
  /**
   * Set as soon as it is decided, before anything is awaited: two plans decided at one time must see each other. `key`
   * is the plan's, for of one that is gone no more is known.
   */
  take(key: string, planUid: string): void;
  /** Its plan is looked at again: what was decided is in its status now, or was not written. */
  free(key: string): void;
  /** How many plans but this one take a slot. */
  elsewhere(planUid: string): number;
}

/** `held`: UIDs of the plans that by all that is held have something on the move. */
export function createRunSlots(held: () => ReadonlySet<string>): RunSlots {
  const decided = new Map<string, string>();
  return {
    take(key, planUid) {
      decided.set(key, planUid);
    },
    free(key) {
      decided.delete(key);
    },
    elsewhere(planUid) {
      const moving = new Set([...held(), ...decided.values()]);
      moving.delete(planUid);
      return moving.size;
    },
  };
}

/** A plan as far as it is of interest here. */
export interface SlotPlan {
  readonly namespace: string;
  readonly uid: string;
  readonly currentRun?: PlanStatus['currentRun'];
  /** One that cannot be read makes no Run. */
  readonly readable: boolean;
}

/** A Run that was pinned goes on by its own record, whatever has become of its plan; one that was not is its plan's to make or bind. */
export function movingPlans(plans: readonly SlotPlan[], runs: readonly Run[]): ReadonlySet<string> {
  const known = new Map(runs.map((run) => [`${run.namespace}/${run.name}`, run]));
  const pinned = runs.filter((run) => run.status.snapshot !== undefined && isMoving(run));
  const named = plans.filter(({ namespace, currentRun, readable }) => {
    if (currentRun === undefined) return false;
    const run = known.get(`${namespace}/${currentRun.name}`);
    return run === undefined ? readable : isMoving(run);
  });
  return new Set([...pinned.map((run) => run.spec.planRef.uid), ...named.map(({ uid }) => uid)]);
}

/** One that has moved everything (its last measurement is in) and cleans up takes no slot. */
function isMoving({ status }: Run): boolean {
  return !isTerminalPhase(status.phase) && status.milestones.sustained === undefined;
}

/** The same of the caches, each object as this process last wrote it. */
export function movingNow({ plans, runs, ownWrites, parsed }: Runtime): ReadonlySet<string> {
  const newest = (kind: 'plan' | 'run', cached: (typeof plans)['cache']) =>
    cached.all().flatMap((object) => {
      const { namespace = '', name } = object.metadata;
      return ownWrites.newest(`${kind}/${namespace}/${name}`, object) ?? [];
    });
  const slotPlans = newest('plan', plans.cache).flatMap((object): readonly SlotPlan[] => {
    const status = parsed.planStatus(object);
    if (!status.ok || status.value.currentRun === undefined) return [];
    const { namespace = '', uid } = object.metadata;
    return [{ namespace, uid, currentRun: status.value.currentRun, readable: parsed.plan(object).ok }];
  });
  const readableRuns = newest('run', runs.cache).flatMap((object) => {
    const run = parsed.run(object);
    return run.ok ? [run.value] : [];
  });
  return movingPlans(slotPlans, readableRuns);
}
