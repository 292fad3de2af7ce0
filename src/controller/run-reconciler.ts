import { renderRunStatus } from '../api/render-run.ts';
import type { Run, RunStatus } from '../api/run.ts';
import type { Notice, RunDecision } from '../decide/decision.ts';
import { decideRun } from '../decide/decide-run.ts';
import type { RunFacts } from '../decide/facts.ts';
import { noticesOf } from '../decide/notices.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { pinRun } from '../decide/pin.ts';
import { afterEnd } from '../decide/steering/after-end.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Gatherer } from '../observe/gather.ts';
import { writeStatus } from '../record/write-status.ts';
import { createGatherers } from './gatherers.ts';
import { readHalt, type HaltRead } from './halt.ts';
import { isBrokenOff } from './broken-off.ts';
import { heldBeforeFence, holdInFlight } from './in-flight.ts';
import { awsRegionOf, regionsOf } from './known-regions.ts';
import { apiVersion, planResource, runResource } from './resources.ts';
import { readPlanObject, runFacts } from './run-facts.ts';
import type { Runtime } from './runtime.ts';
import { logOf, logSteps } from './step-log.ts';
import { runHeldOrLater } from './wake.ts';

/** Observe, decide, record, act: what the run needs is looked at, one status is written, and only then its effects are sent. */
export function createRunReconciler(runtime: Runtime): (key: string) => Promise<void> {
  const gatherers = createGatherers(runtime.looking, () => runtime.lease.term());
  return async (key) => {
    const object = runtime.ownWrites.newest(`run/${key}`, runtime.runs.cache.get(key));
    const gone = gatherers.keepOnly(key, object?.metadata.uid);
    if (gone !== undefined) forget(runtime, gone);
    if (object === undefined || !runHeldOrLater(runtime, key, object)) return;
    const parsed = runtime.parsed.run(object);
    if (!parsed.ok) {
      runtime.ports.log.log('error', 'run is malformed and left alone', { run: key, problems: parsed.problems });
      return;
    }
    const run = parsed.value;
    if (isTerminalPhase(run.status.phase)) {
      gatherers.drop(key);
      if (!(await noted(runtime, run, key, object))) await endOf(runtime, run, key, object);
      return;
    }
    const gatherer = gatherers.of(key, run.uid, () => {
      runtime.runQueue.add(key);
    });
    const pinned = run.status.snapshot === undefined ? await pin(runtime, run, object) : undefined;
    if (pinned !== undefined) return;
    const facts = await observe(runtime, run, gatherer);
    if (isBrokenOff(runtime)) return;
    const decision = decideRun(facts);
    await carryOut(runtime, key, object, run, decision);
  };
}

/** What was asked of it after its end is answered. True: that was to be written, and the write wakes it again. */
async function noted(runtime: Runtime, run: Run, key: string, object: KubeObject): Promise<boolean> {
  const status = afterEnd(run, runtime.ports.clock.wall());
  if (status === undefined) return false;
  if (await record(runtime, key, object, run, status)) {
    tell(runtime, run, noticesOf(run.status, status));
    runtime.runQueue.add(key);
  }
  return true;
}

/** Nothing more is done for it, but that its report is there: the process may have died between the two writes. */
async function endOf(runtime: Runtime, run: Run, key: string, object: KubeObject): Promise<void> {
  const ref = { ...runResource, namespace: run.namespace, name: run.name };
  try {
    if (run.status.snapshot !== undefined) await runtime.reports.write(run);
    forget(runtime, run.uid);
  } finally {
    // Whatever refuses a report (a namespace that is being deleted, a quota) must not hold what is over.
    await holdInFlight(runtime, `run/${key}`, ref, object, false);
  }
}

/** It has ended, or is gone: nothing that was kept for it is asked for any more. */
function forget(runtime: Runtime, uid: string): void {
  runtime.rejected.delete(uid);
  runtime.reports.forget(uid);
  runtime.performer.forget(uid);
}

/** Asks the decision itself what it wants to know, by letting it decide on nothing. */
async function observe(runtime: Runtime, run: Run, gatherer: Gatherer): Promise<RunFacts> {
  const cached = runtime.plans.cache.get(`${run.namespace}/${run.spec.planRef.name}`);
  const blind = runFacts(runtime, run, cached, false);
  const { needs } = decideRun(blind);
  const live = needs.some((need) => need.kind === 'Plan');
  const [plan, observed] = await Promise.all([
    live ? readPlanAndHalt(runtime, run) : Promise.resolve({ object: cached, live: false, stop: { isRead: false } }),
    gatherer.gather(subjectOf(runtime, run), needs, runtime.signal),
  ]);
  return { ...withHalt(runFacts(runtime, run, plan.object, plan.live), plan.stop), observed };
}

/** Before a fence neither the field set back, nor a deletion, nor a halt must be overtaken by a cache that lags. */
async function readPlanAndHalt(
  runtime: Runtime,
  run: Run,
): Promise<{ readonly object: KubeObject | undefined; readonly live: boolean; readonly stop: HaltRead }> {
  // Of a person's Run no halt is asked.
  const unasked: HaltRead = { isRead: false };
  const isPersons = run.spec.origin === 'Person';
  const [plan, stop] = await Promise.all([readPlan(runtime, run), isPersons ? unasked : readHalt(runtime)]);
  return { object: plan.object, live: plan.live && (isPersons || stop.isRead), stop };
}

function withHalt(facts: RunFacts, { isRead, halt }: HaltRead): RunFacts {
  if (!isRead) return facts;
  const { halt: _cached, ...rest } = facts;
  return { ...rest, ...(halt === undefined ? {} : { halt }) };
}

/** Past the cache: undefined with `live` means that it is known to be gone. */
async function readPlan(
  runtime: Runtime,
  run: Run,
): Promise<{ readonly object: KubeObject | undefined; readonly live: boolean }> {
  const { name } = run.spec.planRef;
  try {
    const object = await runtime.client.get(
      { ...planResource, namespace: run.namespace, name },
      { deadlineMs: runtime.config.kubeMs, signal: runtime.signal },
    );
    return { object, live: true };
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return { object: undefined, live: true };
    if (!isKubeError(error)) throw error;
    return { object: runtime.plans.cache.get(`${run.namespace}/${name}`), live: false };
  }
}

function subjectOf(runtime: Runtime, run: Run): Parameters<Gatherer['gather']>[0] {
  const spec = run.status.snapshot;
  if (spec === undefined) throw new Error('a run is looked at only once it is pinned');
  const regions = regionsOf(runtime, spec);
  return {
    namespace: run.namespace,
    generation: run.generation,
    spec,
    key: run.uid,
    awsRegion: awsRegionOf(runtime, run.spec.targetRegion),
    probes: Object.fromEntries(Object.entries(regions).map(([name, region]) => [name, region.spec.probes])),
  };
}

/** The first write of a bound run: the plan as it is now. Returns undefined once that is done. */
async function pin(runtime: Runtime, run: Run, object: KubeObject): Promise<'Pinned' | 'Waiting'> {
  const key = `${run.namespace}/${run.name}`;
  const refused = runtime.rejected.get(run.uid);
  if (refused !== undefined) {
    await supersede(runtime, key, object, run, refused);
    return 'Waiting';
  }
  const { object: planObject, live } = await readPlan(runtime, run);
  if (live && planObject === undefined && run.spec.origin === 'PlanField') {
    const message = 'Its plan was deleted before it began: it changes nothing.';
    await supersede(runtime, key, object, run, message);
    return 'Waiting';
  }
  const facts = runFacts(runtime, run, planObject, live);
  const plan = planObject === undefined ? undefined : runtime.parsed.plan(planObject);
  if (!facts.bound || !facts.plan.known || plan?.ok !== true) {
    // Not (yet) the plan's current run. Overtaken for certain: say so. Else the plan's next write wakes it.
    const decision = decideRun(facts);
    if (decision.status.phase === 'Superseded' && overtaken(runtime, planObject, run)) {
      await carryOut(runtime, key, object, run, decision);
    }
    return 'Waiting';
  }
  // They are copied once, and may be the only bound of what is lost.
  if (!runtime.sampleKeeper.recalled()) {
    runtime.runQueue.addAfter(key, 100);
    return 'Waiting';
  }
  const uids = Object.fromEntries(
    plan.value.spec.regions.flatMap((name) => {
      const status = runtime.regions.cache.get(name)?.status;
      const uid =
        typeof status === 'object' && status !== null && 'clusterUID' in status ? status.clusterUID : undefined;
      return typeof uid === 'string' && uid !== '' ? [[name, uid] as const] : [];
    }),
  );
  const pinned = pinRun(run, plan.value, runtime.samples.of(plan.value.uid), uids, runtime.ports.clock.wall());
  if (await record(runtime, key, object, run, pinned)) {
    tell(runtime, run, noticesOf(run.status, pinned));
    runtime.runQueue.add(key);
  }
  return 'Pinned';
}

/** Nothing will ever bind it: its plan is gone, or has said no. */
async function supersede(runtime: Runtime, key: string, object: KubeObject, run: Run, message: string): Promise<void> {
  const finishedAt = runtime.ports.clock.wall();
  const observedGeneration = run.generation;
  const over: RunStatus = { ...run.status, phase: 'Superseded', observedGeneration, message, finishedAt };
  if (await record(runtime, key, object, run, over)) tell(runtime, run, noticesOf(run.status, over));
}

/** The plan is of another UID, or has bound another run of this or a later epoch. */
function overtaken(runtime: Runtime, planObject: KubeObject | undefined, run: Run): boolean {
  const read = readPlanObject(runtime, planObject);
  if (read === undefined) return false;
  if (read.wish.uid !== run.spec.planRef.uid) return true;
  const current = read.status.currentRun;
  if (current?.uid !== undefined) return current.uid !== run.uid && current.epoch >= run.spec.epoch;
  return read.status.epoch >= run.spec.epoch && current?.name !== run.name;
}

async function carryOut(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  run: Run,
  decision: RunDecision,
): Promise<void> {
  if (!(await heldBeforeFence(runtime, key, object, decision.status))) {
    const isThere = runtime.ownWrites.newest(`run/${key}`, runtime.runs.cache.get(key)) !== undefined;
    // Of one that is gone its plan hears here: a silent watch would tell it late, and a run has nothing left to decide.
    if (isThere) runtime.runQueue.retry(key);
    else wakePlan(runtime, run);
    return;
  }
  if (!(await record(runtime, key, object, run, decision.status))) return;
  tell(runtime, run, decision.notices);
  runtime.performer.perform({ ...run, status: decision.status }, decision.effects, () => {
    runtime.runQueue.add(key);
  });
  if (decision.wakeAfterMs !== undefined) runtime.runQueue.addAfter(key, decision.wakeAfterMs);
  // After the effects, so that no report delays one; from the sustained recovery on it is worth reading, and amended.
  if (decision.status.milestones.sustained !== undefined && decision.status.steps.length > 0) {
    await runtime.reports.write({ ...run, status: decision.status });
  }
}

function wakePlan({ planQueue }: Runtime, { namespace, spec }: Run): void {
  planQueue.add(`${namespace}/${spec.planRef.name}`);
}

function tell(runtime: Runtime, { namespace, name, uid }: Run, notices: readonly Notice[]): void {
  const subject = { apiVersion, kind: 'DisasterRecoveryRun', namespace, name, uid };
  for (const notice of notices) runtime.events.record(subject, notice);
}

/**
 * False: it conflicted, and the decision is to be thrown away. It is made again after a while from what is there now,
 * unless that is nothing.
 */
async function record(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  run: Run,
  status: RunStatus,
): Promise<boolean> {
  const ref = { ...runResource, namespace: run.namespace, name: run.name };
  const written = await writeStatus(
    runtime.client,
    ref,
    object,
    renderRunStatus(status, run.spec),
    runtime.config.kubeMs,
  );
  const log = logOf(runtime.ports.log, run);
  if (written.kind === 'Conflict') {
    log.log('info', 'status had changed meanwhile; deciding again', {});
    if (written.there === undefined) {
      runtime.ownWrites.gone(`run/${key}`, object);
      wakePlan(runtime, run);
      return false;
    }
    runtime.ownWrites.read(`run/${key}`, object, written.there);
    runtime.runQueue.retry(key);
    return false;
  }
  if (written.kind === 'Written') {
    logSteps(log, run, status);
    runtime.ownWrites.wrote(`run/${key}`, object.metadata.resourceVersion, written.object);
  }
  return true;
}
