import { canonicalJson, sha256Hex } from '../api/canonical-json.ts';
import type { Plan } from '../api/plan.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { PlanFacts } from '../decide/plan/facts.ts';
import { runbookWanted } from '../decide/plan/runbook-wanted.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { WorkQueue } from '../kube/queue.ts';
import { withFields } from '../ports/log.ts';
import { keepRunbook, runbookTexts } from '../record/runbooks.ts';
import type { Runtime } from './runtime.ts';

/** What is in a cluster is looked at again this often: somebody may have deleted it. */
const againMs = 6 * 3_600_000;
/** After a refusal (no such namespace there, no rights), which only people end. */
const refusedMs = 600_000;
/** Between two plans, so that a thousand of them at a start leave the cluster's limiter to what is urgent. */
const paceMs = 100;
/** A plan's counts are seen within its first passes: the first text waits for them, so that it is written once. */
const countsMs = 60_000;
/** Of a region whose cluster cannot be reached. */
const unreachableMs = 30_000;

/**
 * Keeps each plan's runbooks in its regions' clusters, beside everything else: a region that does not answer delays
 * neither a plan nor another region.
 */
export interface RunbookKeeper {
  /** After each pass of a plan. Returns at once. */
  consider(facts: PlanFacts, status: PlanStatus): void;
  forget(key: string): void;
  /** One region's turn. */
  work(region: string): Promise<void>;
}

interface Wanted {
  readonly plan: Plan;
  readonly replicas: Readonly<Record<string, number>>;
  /** Equal ones give equal texts. */
  readonly signature: string;
}

/** What the passes of one plan have told. */
interface Known {
  readonly uid: string;
  /** Monotonic ms. */
  readonly since: number;
  readonly replicas: Readonly<Record<string, number>>;
}

interface State {
  /** The keeper is made before the runtime that holds it is whole. */
  readonly runtime: () => Runtime;
  readonly queue: WorkQueue;
  /** `namespace/name` -> what is to be kept now; plans that are not quiet are absent. */
  readonly wanted: Map<string, Wanted>;
  /** `region namespace/name` -> what was seen to, and until when (monotonic ms) that is enough. */
  readonly kept: Map<string, { readonly signature: string; readonly until: number }>;
}

export function createRunbookKeeper(runtime: () => Runtime, queue: WorkQueue): RunbookKeeper {
  const state: State = { runtime, queue, wanted: new Map(), kept: new Map() };
  const known = new Map<string, Known>();
  return {
    consider(facts, status) {
      const { plan } = facts;
      const key = `${plan.namespace}/${plan.name}`;
      if (!runbookWanted(facts, status)) {
        state.wanted.delete(key);
        return;
      }
      const now = runtime().ports.clock.monotonic();
      const before = known.get(key);
      const had: Known = before?.uid === plan.uid ? before : { uid: plan.uid, since: now, replicas: {} };
      // A count that is not known just now was: the text is not written twice for that.
      const seen = Object.fromEntries(status.workloads.map(({ name, replicas }) => [name, replicas]));
      const replicas = { ...had.replicas, ...seen };
      known.set(key, { ...had, replicas });
      const waitMs = isCounted(plan, replicas) ? 0 : had.since + countsMs - now;
      if (waitMs > 0) {
        // A plan at rest may come back only in ten minutes. What was asked too late for its pass is there by then.
        runtime().planQueue.addAfter(key, waitMs);
        return;
      }
      const signature = sha256Hex(canonicalJson({ spec: plan.spec, replicas }));
      state.wanted.set(key, { plan, replicas, signature });
      for (const region of plan.spec.regions) if (isDue(state, region, key)) queue.add(region);
    },
    forget(key) {
      known.delete(key);
      state.wanted.delete(key);
      for (const region of [...state.kept.keys()].filter((kept) => kept.endsWith(` ${key}`))) state.kept.delete(region);
    },
    work: (region) => work(state, region),
  };
}

function isCounted({ spec }: Plan, replicas: Readonly<Record<string, number>>): boolean {
  return spec.workloads.every(({ name, active }) => 'replicas' in active || replicas[name] !== undefined);
}

function isDue({ runtime, wanted, kept }: State, region: string, key: string): boolean {
  const seen = kept.get(`${region} ${key}`);
  return (
    seen === undefined ||
    seen.signature !== wanted.get(key)?.signature ||
    seen.until <= runtime().ports.clock.monotonic()
  );
}

async function work(state: State, region: string): Promise<void> {
  const { queue, wanted } = state;
  const { ports, lease, signal } = state.runtime();
  for (const key of [...wanted.keys()]) {
    const entry = wanted.get(key);
    if (entry === undefined || !isThere(entry, region) || !isDue(state, region, key)) continue;
    if (!lease.held()) return;
    const reached = await keep(state, region, key, entry);
    if (!reached) {
      queue.addAfter(region, unreachableMs);
      return;
    }
    await ports.clock.sleep(paceMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted) return;
  }
}

function isThere({ plan }: Wanted, region: string): boolean {
  return plan.spec.regions.some((own) => own === region);
}

/** False: the region's cluster does not answer, and the others of its plans need not be tried. */
async function keep(state: State, region: string, key: string, entry: Wanted): Promise<boolean> {
  const runtime = state.runtime();
  const { clock } = runtime.ports;
  const cluster = runtime.clusters.get(region);
  if (cluster.kind !== 'Client') return false;
  const log = withFields(runtime.ports.log, { plan: key, region });
  const seen = (ms: number): void => {
    state.kept.set(`${region} ${key}`, { signature: entry.signature, until: clock.monotonic() + ms });
  };
  const call = { deadlineMs: runtime.config.kubeMs, signal: runtime.signal };
  const source = { plan: entry.plan, replicas: entry.replicas, operatorNamespace: runtime.config.namespace };
  try {
    for (const text of runbookTexts(source)) {
      const result = await keepRunbook(cluster.client, entry.plan, text, call);
      if (result === 'Written') log.log('info', 'runbook written', { configMap: text.name });
      if (result === 'TooLong') log.log('warn', 'runbook too long for a ConfigMap; print it', { configMap: text.name });
    }
    seen(againMs);
    return true;
  } catch (error) {
    if (!isKubeError(error)) throw error;
    log.log('warn', 'runbook not written', { error: error.message });
    const silent = error.code === 'Unreachable' || error.code === 'Timeout' || error.code === 'Unavailable';
    if (silent) return false;
    seen(refusedMs);
    return true;
  }
}
