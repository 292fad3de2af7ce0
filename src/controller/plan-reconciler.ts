import { renderPlanStatus } from '../api/render-plan-status.ts';
import { renderRunSpec } from '../api/render-run.ts';
import type { Plan } from '../api/plan.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import { peerOf } from '../api/plan.ts';
import { decidePlan } from '../decide/plan/decide-plan.ts';
import type { PlanDecision, PlanFacts } from '../decide/plan/facts.ts';
import { nothingObserved } from '../decide/facts.ts';
import { restAfterMs } from '../decide/plan/rest.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Gatherer } from '../observe/gather.ts';
import { instant } from '../ports/clock.ts';
import { readLive, writeStatus } from '../record/write-status.ts';
import { isBrokenOff } from './broken-off.ts';
import { fieldOwner } from './field-owner.ts';
import { createGatherers } from './gatherers.ts';
import { haltOf } from './halt.ts';
import { holdInFlight } from './in-flight.ts';
import { awsRegionOf, operatorRegion, regionProblems, regionsOf } from './known-regions.ts';
import { noteLags } from './measured.ts';
import { decideOnWhatIsThere } from './overtaken-plan.ts';
import { runsOf, withBoundRun } from './plan-runs.ts';
import { refusePlan } from './refused-plan.ts';
import { apiVersion, planResource, runResource } from './resources.ts';
import type { Runtime } from './runtime.ts';
import { heldOrLater } from './wake.ts';

/** Adopts, takes up a change of wish, follows the run: what it decides is one status write, and at most one Run made after it. */
export function createPlanReconciler(runtime: Runtime): (key: string) => Promise<void> {
  const gatherers = createGatherers(runtime.resting, () => runtime.lease.term());
  return async (key) => {
    const object = runtime.ownWrites.newest(`plan/${key}`, runtime.plans.cache.get(key));
    gatherers.keepOnly(key, object?.metadata.uid);
    if (object === undefined) forget(runtime, key);
    if (object === undefined || !heldOrLater(runtime, runtime.planQueue, key)) return;
    const plan = runtime.parsed.plan(object);
    const status = runtime.parsed.planStatus(object);
    if (!plan.ok || !status.ok) {
      runtime.slots.free(key);
      const problems = [plan, status].flatMap((read) => (read.ok ? [] : read.problems));
      await refusePlan(runtime, key, object, problems);
      return;
    }
    const gatherer = gatherers.of(key, plan.value.uid, () => undefined);
    const seen = await observe(runtime, object, plan.value, status.value, gatherer);
    if (isBrokenOff(runtime)) return;
    const { facts, decision } = decideWithSlot(runtime, key, seen);
    noteLags(runtime, facts, decision, longestRestOf(runtime, plan.value, decision.status));
    await carryOut(runtime, key, object, facts, decision);
  };
}

function forget(runtime: Runtime, key: string): void {
  runtime.runbooks.forget(key);
  runtime.slots.free(key);
}

/** Nothing may be awaited between the count and its note: see run-slots.ts. */
function decideWithSlot(
  runtime: Runtime,
  key: string,
  seen: PlanFacts,
): { readonly facts: PlanFacts; readonly decision: PlanDecision } {
  const { uid } = seen.plan;
  const facts = { ...seen, runsElsewhere: runtime.slots.elsewhere(uid) };
  const decision = decidePlan(facts);
  const begins = facts.status.currentRun === undefined && decision.status.currentRun !== undefined;
  if (begins) runtime.slots.take(key, uid);
  else runtime.slots.free(key);
  return { facts, decision };
}

async function observe(
  runtime: Runtime,
  object: KubeObject,
  plan: Plan,
  status: PlanStatus,
  gatherer: Gatherer,
): Promise<PlanFacts> {
  const { spec } = plan;
  const host = operatorRegion(runtime);
  const owner = fieldOwner(object);
  const halt = haltOf(runtime);
  const identityKeptBy = runtime.identities.keptBy(object);
  const cached: PlanFacts = {
    now: instant(runtime.ports.clock),
    plan,
    status,
    ...runsOf(runtime, plan, status),
    observed: nothingObserved,
    samples: runtime.samples.of(plan.uid),
    regionProblems: regionProblems(runtime, plan.namespace, spec),
    warnings: warningsOf(runtime, object),
    runsElsewhere: 0,
    maxRuns: runtime.config.maxRuns,
    ...(halt === undefined ? {} : { halt }),
    ...(identityKeptBy === undefined ? {} : { identityKeptBy }),
    ...(host === undefined ? {} : { operatorRegion: host }),
    ...(owner === undefined ? {} : { fieldOwner: owner }),
  };
  const base = await withBoundRun(runtime, cached);
  const { needs } = decidePlan(base);
  const probes = Object.fromEntries(
    Object.entries(regionsOf(runtime, spec)).map(([name, region]) => [name, region.spec.probes]),
  );
  const subject = {
    namespace: plan.namespace,
    generation: plan.generation,
    spec,
    key: plan.uid,
    awsRegion: awsRegionOf(runtime, spec.activeRegion),
    probes,
  };
  const observed = await gatherer.gather(subject, needs, runtime.signal);
  takeSamples(runtime, plan, observed, status.activeRegion);
  return { ...base, now: instant(runtime.ports.clock), observed, samples: runtime.samples.of(plan.uid) };
}

function warningsOf(runtime: Runtime, object: KubeObject): readonly string[] {
  const parsed = runtime.parsed.plan(object);
  return parsed.ok ? parsed.warnings.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}.`) : [];
}

/** Each look at the active region's writers is a sample of its position. */
function takeSamples(runtime: Runtime, plan: Plan, observed: PlanFacts['observed'], active: string | undefined): void {
  if (active === undefined) return;
  for (const database of plan.spec.databases) {
    const source = observed.databases[`${database.name}@${active}`]?.fact;
    if (source?.known !== true || source.value.role !== 'Primary') continue;
    const standby = observed.databases[`${database.name}@${peerOf(plan.spec, active)}`]?.fact;
    runtime.samples.add(
      plan.uid,
      database.name,
      active,
      source,
      standby?.known === true ? standby.value.position : undefined,
    );
  }
}

async function carryOut(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  facts: PlanFacts,
  decision: PlanDecision,
): Promise<void> {
  const { plan } = facts;
  const ref = { ...planResource, namespace: plan.namespace, name: plan.name };
  const written = await writeStatus(
    runtime.client,
    ref,
    object,
    renderPlanStatus(decision.status),
    runtime.config.kubeMs,
  );
  if (written.kind === 'Conflict') {
    decideOnWhatIsThere(runtime, key, object, written.there);
    return;
  }
  if (written.kind === 'Written') {
    runtime.ownWrites.wrote(`plan/${key}`, object.metadata.resourceVersion, written.object);
  }
  const subject = {
    apiVersion,
    kind: 'DisasterRecoveryPlan',
    namespace: plan.namespace,
    name: plan.name,
    uid: plan.uid,
  };
  for (const notice of decision.notices) runtime.events.record(subject, notice);
  runtime.runbooks.consider(facts, decision.status);
  if (decision.create !== undefined) await makeRun(runtime, plan, decision.create);
  for (const { uid, name, message } of decision.reject) {
    runtime.rejected.set(uid, message);
    runtime.runQueue.add(`${plan.namespace}/${name}`);
  }
  const newest = runtime.ownWrites.newest(`plan/${key}`, object) ?? object;
  if (decision.release) await holdInFlight(runtime, `plan/${key}`, ref, newest, false);
  // The run waits for being bound, and for what the plan says of it.
  const current = decision.status.currentRun;
  if (current?.uid !== undefined) runtime.runQueue.add(`${plan.namespace}/${current.name}`);
  runtime.planQueue.addAfter(key, decision.wakeAfterMs ?? restOf(runtime, plan, decision.status));
  await removeRuns(runtime, plan, decision.remove);
}

/** If nothing wakes it. */
function longestRestOf(runtime: Runtime, { spec }: Plan, status: PlanStatus): number {
  const { restMs, restLooksPerSecond: looksPerSecond } = runtime.config;
  return restAfterMs({ spec, status, plans: runtime.plans.cache.size(), restMs, looksPerSecond });
}

function restOf(runtime: Runtime, plan: Plan, status: PlanStatus): number {
  const ms = longestRestOf(runtime, plan, status);
  // Spread where it is stretched, or plans that began together would ask together for ever after.
  return ms === runtime.config.restMs ? ms : ms * (0.9 + runtime.ports.random.next('plan.rest') / 10);
}

/**
 * Beyond what the plan keeps. Each with its UID, for a name may by now be another Run's. One whose deletion is refused
 * (by a webhook, or for want of rights) stays, and is asked for again in the next pass: it holds up nothing else.
 */
async function removeRuns(runtime: Runtime, plan: Plan, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const uid = runtime.runs.cache.get(`${plan.namespace}/${name}`)?.metadata.uid;
    if (uid === undefined) continue;
    try {
      const ref = { ...runResource, namespace: plan.namespace, name };
      await runtime.client.remove(ref, { uid, deadlineMs: runtime.config.kubeMs });
    } catch (error) {
      if (!isKubeError(error)) throw error;
      if (isKubeError(error, 'NotFound', 'Conflict')) continue;
      runtime.ports.log.log('warn', 'a run that is no longer kept stays', { run: `${plan.namespace}/${name}`, error });
    }
  }
}

/** Its name is the epoch's: made twice is made once. */
async function makeRun(runtime: Runtime, plan: Plan, create: NonNullable<PlanDecision['create']>): Promise<void> {
  const body = {
    apiVersion,
    kind: 'DisasterRecoveryRun',
    metadata: { name: create.name, namespace: plan.namespace, labels: { 'dr.maestro.io/plan': plan.name } },
    spec: renderRunSpec(create.spec),
  };
  try {
    await runtime.client.create({ ...runResource, namespace: plan.namespace }, body, {
      deadlineMs: runtime.config.kubeMs,
    });
  } catch (error) {
    // There already: the next pass sees it and binds it, or another epoch.
    if (isKubeError(error, 'AlreadyExists')) return;
    const isMadeAllTheSame =
      isKubeError(error) &&
      error.outcomeUnknown &&
      (await readLive(
        runtime.client,
        { ...runResource, namespace: plan.namespace, name: create.name },
        runtime.config.kubeMs,
      ));
    if (isMadeAllTheSame === undefined || isMadeAllTheSame === false) throw error;
  }
}
