import { canonicalJson, sha256Hex } from '../api/canonical-json.ts';
import { peerOf, type Plan } from '../api/plan.ts';
import type { PositionSample, Run, RunStatus } from '../api/run.ts';

/**
 * The Run's first status: the plan as it is now, for good. Editing the plan never alters a running run; the samples are
 * copied because they may be the only proof of how much was lost, and the operator may die.
 */
export function pinRun(
  run: Run,
  plan: Plan,
  samples: readonly PositionSample[],
  clusterUids: Readonly<Record<string, string>>,
  now: number,
): RunStatus {
  const source = peerOf(plan.spec, run.spec.targetRegion);
  return {
    phase: 'Activation',
    observedGeneration: run.generation,
    sourceRegion: source,
    snapshot: plan.spec,
    snapshotHash: sha256Hex(canonicalJson(plan.spec)).slice(0, 32),
    clusterUids,
    steps: [],
    milestones: { declared: declaredAt(run, now) },
    recovery: [],
    samples: samples.filter((sample) => sample.region === source),
    words: [],
    refusals: [],
    message: 'The plan is pinned.',
  };
}

/** An API server cuts the creation to the second: rounded up, so that no time is claimed that had not begun. */
function declaredAt(run: Run, now: number): number {
  return Math.min(now, run.createdAt + 999);
}
