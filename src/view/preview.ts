import { conditionOf } from '../api/conditions.ts';
import { peerOf, type Mode, type Plan } from '../api/plan.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { Effect, PositionSample, Run, StepPhase } from '../api/run.ts';
import { buildGraph } from '../decide/graph.ts';
import { applyModes } from '../decide/modes.ts';
import { expectedOf, longestChain, type Expected } from './durations.ts';
import { predictLoss, type PredictedLoss } from './predicted-loss.ts';
import { foreseenGates, type ForeseenGate } from './foreseen-gates.ts';
import { stepWords } from './step-words.ts';

/** Wall ms throughout. What could not be read is absent, and the preview says what it does not know for that. */
export interface PreviewInput {
  readonly plan: Plan;
  readonly status: PlanStatus;
  readonly target: string;
  /** What a person would set; default: what the plan says, else what is seen. */
  readonly mode?: Mode;
  /** Whether the Region's condition Reachable is True. */
  readonly reachable: Readonly<Record<string, boolean>>;
  readonly runs: readonly Run[];
  readonly samples: readonly PositionSample[];
  readonly now: number;
}

export interface PreviewStep {
  readonly id: string;
  readonly phase: StepPhase;
  readonly does: string;
  readonly effect: Effect;
  /** The plan is in Observe: it would only be reported. */
  readonly pretended: boolean;
  readonly after: readonly string[];
  readonly expected: Expected;
}

export interface Preview {
  readonly plan: { readonly namespace: string; readonly name: string; readonly identity: string };
  readonly from: string;
  readonly to: string;
  readonly enforcement: 'Act' | 'Observe';
  readonly mode: { readonly mode: Mode; readonly why: string; readonly decided: boolean };
  readonly steps: readonly PreviewStep[];
  /** Until the RTO's clock stops, people aside. `bound`: some of it is a deadline, not an experience. */
  readonly time: {
    readonly ms: number;
    readonly bound: boolean;
    readonly objectiveMs: number;
    readonly chain: readonly string[];
  };
  readonly loss: readonly PredictedLoss[];
  readonly gates: readonly ForeseenGate[];
}

/** What moving the plan would do, from the graph that the run itself would pin. Nothing is asked of anybody but the management cluster. */
export function preview(input: PreviewInput): Preview {
  const { plan, target } = input;
  const { spec } = plan;
  const mode = foreseenMode(input);
  const acting = buildGraph({ spec, target, mode: mode.mode });
  const graph = applyModes(acting, spec);
  const runs = input.runs.filter((run) => run.spec.planRef.name === plan.name && run.spec.targetRegion === target);
  const steps = graph.map((step, index): PreviewStep => ({
    id: step.id,
    phase: step.phase,
    does: stepWords(step, spec),
    // Under Observe the graph says that nothing is changed; what would be is worth knowing.
    effect: acting[index]?.effect ?? step.effect,
    pretended: step.pretend !== undefined,
    after: step.after,
    expected: expectedOf(step, spec, mode.mode, runs),
  }));
  const byId = new Map(steps.map((step) => [step.id, step]));
  const chain = longestChain(graph, 'soak', ({ id }) => expectedMs(byId.get(id)?.expected));
  const loss = predictLoss(input, mode.mode);
  return {
    plan: { namespace: plan.namespace, name: plan.name, identity: spec.identity },
    from: peerOf(spec, target),
    to: target,
    enforcement: spec.enforcement,
    mode,
    steps,
    time: {
      ms: chain.ms,
      bound: chain.steps.some((id) => isBound(byId.get(id)?.expected)),
      objectiveMs: spec.objectives.rtoMs,
      chain: chain.steps,
    },
    loss,
    gates: foreseenGates(input, mode, loss),
  };
}

export interface ForeseenMode {
  readonly mode: Mode;
  readonly why: string;
  /** False: a person would be asked. */
  readonly decided: boolean;
}

/** As the assessment would settle it, from what the plan's and the Regions' conditions say of the source. */
function foreseenMode({ plan, status, target, mode, reachable }: PreviewInput): ForeseenMode {
  const policy = plan.spec.failover.mode;
  if (mode !== undefined) return { mode, why: 'asked for', decided: true };
  if (policy !== 'Auto') return { mode: policy, why: 'set in the plan', decided: true };
  const source = peerOf(plan.spec, target);
  // Its conditions are about the other way then: what they say of a standby is not said of the one in the target.
  if (status.activeRegion === target) {
    return { mode: 'Planned', why: `nothing is moved, for ${plan.name} is active in ${target} already`, decided: true };
  }
  const answers = reachable[source];
  const streams = plan.spec.databases.length === 0 || conditionOf(status.conditions, 'Protected')?.status === 'True';
  if (answers === true && streams) {
    return { mode: 'Planned', why: `${source} answers, and every database streams to ${target}`, decided: true };
  }
  if (answers === false && !streams) {
    return {
      mode: 'Forced',
      why: `${source} does not answer; its databases would be looked at for 10 s`,
      decided: true,
    };
  }
  const why =
    answers === undefined
      ? `whether ${source} answers could not be read`
      : `${source} is neither seen healthy nor down`;
  return { mode: answers === false ? 'Forced' : 'Planned', why: `${why}: a person would decide it`, decided: false };
}

function expectedMs(expected: Expected | undefined): number {
  return expected !== undefined && 'ms' in expected ? expected.ms : 0;
}

function isBound(expected: Expected | undefined): boolean {
  return expected?.basis === 'Deadline' || expected?.basis === 'Unknown';
}
