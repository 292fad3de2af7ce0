import type { Fact, Unknown } from '../api/fact.ts';
import { peerOf, type Database, type PlanSpec, type TrafficRecord, type Workload } from '../api/plan.ts';
import type { Evidence, Hold, Run, RunStatus, StepStatus } from '../api/run.ts';
import type { CheckResult } from '../drivers/checks/driver.ts';
import type { DatabaseState } from '../drivers/databases/driver.ts';
import type { TrafficAnswers, TrafficState } from '../drivers/traffic/driver.ts';
import type { Autoscaler, JobState, WorkloadState } from '../drivers/workloads/driver.ts';
import { ageMs, type Instant } from '../ports/clock.ts';
import type { RunFacts, Seen } from './facts.ts';

/** What a rule sees: the facts of this pass, and the journal as it stands while the pass works through it. */
export interface Context {
  readonly facts: RunFacts;
  readonly run: Run;
  readonly status: RunStatus;
  readonly spec: PlanSpec;
  readonly source: string;
  readonly target: string;
}

export function contextOf(facts: RunFacts, status: RunStatus, spec: PlanSpec): Context {
  const target = facts.run.spec.targetRegion;
  return { facts, run: facts.run, status, spec, source: peerOf(spec, target), target };
}

const notAsked = <T>(now: Instant): Seen<T> => ({
  fact: { known: false, why: 'NotAsked', detail: 'not looked at yet', since: now },
  streaks: {},
});

export function databaseAt(ctx: Context, name: string, region: string): Seen<DatabaseState> {
  return ctx.facts.observed.databases[`${name}@${region}`] ?? notAsked(ctx.facts.now);
}
export function workloadAt(ctx: Context, name: string, region: string): Seen<WorkloadState> {
  return ctx.facts.observed.workloads[`${name}@${region}`] ?? notAsked(ctx.facts.now);
}
export function autoscalersIn(ctx: Context, region: string): Seen<readonly Autoscaler[]> {
  return ctx.facts.observed.autoscalers[region] ?? notAsked(ctx.facts.now);
}
/** `name`: the Job's own. */
export function jobAt(ctx: Context, name: string, region: string): Seen<JobState> {
  return ctx.facts.observed.jobs[`${name}@${region}`] ?? notAsked(ctx.facts.now);
}
export function recordOf(ctx: Context, name: string): Seen<TrafficState> {
  return ctx.facts.observed.records[name] ?? notAsked(ctx.facts.now);
}
export function answersOf(ctx: Context, name: string): Seen<TrafficAnswers> {
  return ctx.facts.observed.answers[name] ?? notAsked(ctx.facts.now);
}
export function checkOf(ctx: Context, key: string): Seen<CheckResult> {
  return ctx.facts.observed.checks[key] ?? notAsked(ctx.facts.now);
}

/** @throws Error when the pinned graph names what the pinned plan has not: the snapshot was tampered with. */
export function databaseOf(ctx: Context, name: string | undefined): Database {
  const found = ctx.spec.databases.find((d) => d.name === name);
  if (found === undefined) throw new Error(`the pinned plan has no database ${name ?? ''}`);
  return found;
}
/** @throws Error as databaseOf. */
export function workloadOf(ctx: Context, name: string | undefined): Workload {
  const found = ctx.spec.workloads.find((w) => w.name === name);
  if (found === undefined) throw new Error(`the pinned plan has no workload ${name ?? ''}`);
  return found;
}
/** @throws Error as databaseOf. */
export function trafficOf(ctx: Context, name: string | undefined): TrafficRecord {
  const found = ctx.spec.traffic.find((t) => t.name === name);
  if (found === undefined) throw new Error(`the pinned plan has no traffic record ${name ?? ''}`);
  return found;
}

export function stepOf(status: RunStatus, id: string): StepStatus | undefined {
  return status.steps.find((step) => step.id === id);
}

/** Whether an effect of this step was ever recorded as intended: from then on it may have happened. */
export function everIntended(status: RunStatus, id: string): boolean {
  return stepOf(status, id)?.intent?.action === 'Do';
}

/** Age of a fact in ms; of an unknown one, for how long it has been so. */
export function factAge<T>(ctx: Context, fact: Fact<T>): number {
  return ageMs(ctx.facts.now, fact.known ? fact.at : fact.since);
}

export function seenAt(fact: { readonly at: Instant }, what: string, value?: Evidence['value']): Evidence {
  return value === undefined ? { what, at: fact.at.wall } : { what, at: fact.at.wall, value };
}

export function unknownEvidence<T>(subject: string, fact: Unknown<T>): Evidence {
  return { what: `${subject}: ${fact.why}, ${fact.detail}`, at: fact.since.wall };
}

/** What a database is, as it was last looked at. */
export function asItIs(ctx: Context, name: string, region: string): Evidence {
  const { fact } = databaseAt(ctx, name, region);
  const key = `${name}@${region}`;
  return fact.known ? seenAt(fact, `${key} is a ${fact.value.role}`) : unknownEvidence(key, fact);
}

export function hold(reason: string, message: string, evidence: readonly Evidence[] = [], next?: string): Hold {
  return next === undefined ? { reason, message, evidence } : { reason, message, evidence, next };
}
