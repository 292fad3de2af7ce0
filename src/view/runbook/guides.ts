import type { StepKind } from '../../api/run.ts';
import { dependency, smoke } from './checks.ts';
import { checkpoint, fence, finishFence, open, position, preflightDatabase, probe, promote } from './databases.ts';
import type { GuideOf } from './guide.ts';
import { approve, assess, report, samplePositions, soak } from './looking.ts';
import { observeTraffic, preflightTraffic, shift } from './traffic.ts';
import { compare, protect, rebuild } from './way-back.ts';
import { preflightWorkload, preScale, quiesce, standDown, workload } from './workloads.ts';

/** How a person carries out each kind of step: the twin of decide/kinds, which says how the operator does. */
export const guides: Readonly<Record<StepKind, GuideOf>> = {
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
