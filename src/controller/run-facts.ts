import type { PlanStatus } from '../api/plan-status.ts';
import type { PlanWish } from '../api/plan.ts';
import type { Run } from '../api/run.ts';
import { nothingObserved, type RunFacts } from '../decide/facts.ts';
import type { KubeObject } from '../kube/object.ts';
import { instant } from '../ports/clock.ts';
import { haltOf } from './halt.ts';
import { operatorRegion } from './known-regions.ts';
import type { Runtime } from './runtime.ts';

/** A run's facts but for what is still to be looked at. `found`: what has its plan's name, as read `live` or from the cache. */
export function runFacts(runtime: Runtime, run: Run, found: KubeObject | undefined, live: boolean): RunFacts {
  const object = itsPlan(run, found);
  const read = readPlanObject(runtime, object);
  const status = read?.status;
  const wish = read?.wish;
  const host = operatorRegion(runtime);
  const halt = haltOf(runtime);
  const identityKeptBy = object === undefined ? undefined : runtime.identities.keptBy(object);
  const plan = planFact(runtime, wish, object, live);
  return {
    now: instant(runtime.ports.clock),
    holder: runtime.holder,
    limits: {
      effectMs: runtime.config.effectMs,
      skewMs: runtime.config.skewMs,
      leaseRemainingMs: runtime.lease.remainingMs(),
    },
    run,
    plan,
    bound: boundBy(run, object, read, plan.known),
    ...(status?.lastFailoverAt === undefined ? {} : { lastFailoverAt: status.lastFailoverAt }),
    sourceReplicas: sourceReplicas(run, status),
    ...(host === undefined ? {} : { operatorRegion: host }),
    ...(halt === undefined ? {} : { halt }),
    ...(identityKeptBy === undefined ? {} : { identityKeptBy }),
    observed: nothingObserved,
    outcomes: runtime.performer.outcomes(run),
  };
}

/**
 * Deleted and made anew under its name (`kubectl replace --force`), the plan of a Run that has begun is as gone as if the
 * name were free: what was begun is to be taken back, or finished, and not left as it stands for the new one's sake.
 */
function itsPlan(run: Run, found: KubeObject | undefined): KubeObject | undefined {
  return isPinned(run) && found?.metadata.uid !== run.spec.planRef.uid ? undefined : found;
}

/** Which Run a plan has bound is in its status: also that of one that was edited into what cannot be read. */
interface ReadPlan {
  readonly wish: PlanWish;
  readonly status: PlanStatus;
}

function boundBy(run: Run, object: KubeObject | undefined, read: ReadPlan | undefined, isKnown: boolean): boolean {
  if (read !== undefined) return isBound(run, read);
  return boundByItself(run) || (object === undefined && isKnown && isPinned(run));
}

/** The plan's status names this Run by name, UID and epoch. */
function isBound(run: Run, read: ReadPlan): boolean {
  const current = read.status.currentRun;
  if (read.wish.uid !== run.spec.planRef.uid || current === undefined) return false;
  return current.name === run.name && current.uid === run.uid && current.epoch === run.spec.epoch;
}

/** A plan that is gone, or whose status cannot be read, leaves its run bound by the run's own record: what was begun is finished, not forgotten. */
function boundByItself(run: Run): boolean {
  return run.status.snapshot !== undefined && run.status.steps.some((step) => step.intent !== undefined);
}

/** Of a plan that is known to be gone: whose decision is to turn back (PlanDeleted), or it would wait for ever. */
function isPinned(run: Run): boolean {
  return run.status.snapshot !== undefined;
}

function sourceReplicas(run: Run, status: PlanStatus | undefined): RunFacts['sourceReplicas'] {
  const known = (status?.workloads ?? []).filter((workload) => workload.region === run.status.sourceRegion);
  return Object.fromEntries(known.map(({ name, replicas, at }) => [name, { replicas, at }]));
}

function planFact(
  runtime: Runtime,
  plan: PlanWish | undefined,
  object: KubeObject | undefined,
  live: boolean,
): RunFacts['plan'] {
  const at = live ? instant(runtime.ports.clock) : runtime.plans.lastHeard();
  const now = instant(runtime.ports.clock);
  if (at === undefined) return { known: false, why: 'NotAsked', detail: 'plans have not been listed yet', since: now };
  if (object !== undefined && plan === undefined) {
    return { known: false, why: 'Malformed', detail: 'the plan as it is now cannot be read', since: now };
  }
  return { known: true, value: plan, at, generation: plan?.generation ?? 0, live };
}

/** Undefined where it is not there, or cannot be read. Its spec may be one that cannot be carried out: the Run has its own. */
export function readPlanObject(runtime: Runtime, object: KubeObject | undefined): ReadPlan | undefined {
  if (object === undefined) return undefined;
  const wish = runtime.parsed.planWish(object);
  const status = runtime.parsed.planStatus(object);
  return wish.ok && status.ok ? { wish: wish.value, status: status.value } : undefined;
}
