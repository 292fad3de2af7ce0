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
  detectedAt: number | undefined,
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
    milestones: { declared: run.createdAt, ...(detectedAt === undefined ? {} : { detected: detectedAt }) },
    recovery: [],
    samples: samples.filter((sample) => sample.region === source),
    message: 'The plan is pinned.',
  };
}
