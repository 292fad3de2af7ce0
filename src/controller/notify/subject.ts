import type { Contact, Plan } from '../../api/plan.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { Run } from '../../api/run.ts';
import { tellsOfRun } from '../../decide/notify/haste.ts';
import { topicsOf } from '../../decide/notify/topics.ts';
import type { Runtime } from '../runtime.ts';
import { splitLaneKey } from './notices.ts';

/** Whom a lane tells, and of what. */
export interface Subject {
  readonly plan: Plan;
  readonly status: PlanStatus;
  readonly runs: readonly Run[];
  readonly contact: Contact;
  readonly rank: number;
}

/** undefined: no such contact any more, or none that can be reached. */
export function subjectOf(runtime: Runtime, key: string): Subject | undefined {
  const { planKey, role } = splitLaneKey(key);
  const object = runtime.plans.cache.get(planKey);
  if (object === undefined) return undefined;
  const plan = runtime.parsed.plan(object);
  const status = runtime.parsed.planStatus(object);
  if (!plan.ok || !status.ok) return undefined;
  const reachable = plan.value.spec.contacts.filter(({ channel }) => channel !== undefined);
  const rank = reachable.findIndex((contact) => contact.role === role);
  const contact = reachable[rank];
  if (contact === undefined) return undefined;
  return { plan: plan.value, status: status.value, runs: runsOf(runtime, plan.value, status.value), contact, rank };
}

/** The one under way and the last one, by their keys: a cache of thousands is not searched. */
function runsOf(runtime: Runtime, plan: Plan, { currentRun, lastRun }: PlanStatus): readonly Run[] {
  const names = [...new Set([currentRun?.name, lastRun?.name])];
  return names.flatMap((name) => {
    const object = name === undefined ? undefined : runtime.runs.cache.get(`${plan.namespace}/${name}`);
    const run = object === undefined ? undefined : runtime.parsed.run(object);
    return run?.ok === true && run.value.spec.planRef.uid === plan.uid ? [run.value] : [];
  });
}

/** When a whole fleet has something to tell, who is paged for a run does not stand in line behind plans at rest. */
export function laneGoesFirst(runtime: Runtime, key: string): boolean {
  const subject = subjectOf(runtime, key);
  if (subject === undefined) return false;
  return tellsOfRun(topicsOf(subject.status, subject.runs), runtime.ports.clock.wall());
}
