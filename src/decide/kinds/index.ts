import type { StepKind } from '../../api/run.ts';
import type { StepRule } from '../judgement.ts';
import { assess } from './assess.ts';
import { dependency, smoke } from './checks.ts';
import { checkpoint, open, position, probe, promote } from './databases.ts';
import { approve, report, samplePositions, soak } from './ends.ts';
import { fence, finishFence } from './fence.ts';
import { preflightWorkload } from './preflight-workload.ts';
import { preflightDatabase, preflightTraffic } from './preflight.ts';
import { observeTraffic, shift } from './traffic.ts';
import { compare, protect, rebuild } from './way-back.ts';
import { preScale, quiesce, standDown, workload } from './workloads.ts';

/** One rule for each kind of step. */
export const stepRules: Readonly<Record<StepKind, StepRule>> = {
  Assess: assess,
  SamplePositions: samplePositions,
  PreflightDatabase: preflightDatabase,
  PreflightWorkload: preflightWorkload,
  PreflightTraffic: preflightTraffic,
  Approve: approve,
  PreScale: preScale,
  Dependency: dependency,
  Quiesce: quiesce,
  Fence: fence,
  Position: position,
  Promote: promote,
  Checkpoint: checkpoint,
  Open: open,
  Probe: probe,
  Workload: workload,
  Smoke: smoke,
  Shift: shift,
  ObserveTraffic: observeTraffic,
  Soak: soak,
  StandDown: standDown,
  FinishFence: finishFence,
  Compare: compare,
  Rebuild: rebuild,
  Protect: protect,
  Report: report,
};
