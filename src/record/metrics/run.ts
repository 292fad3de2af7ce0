import type { Run } from '../../api/run.ts';
import { rtoClock } from '../../api/rto-clock.ts';
import { isTerminalPhase } from '../../decide/phases.ts';
import { rtoOf } from '../../view/rto.ts';
import { is, secondsOf, type Sample } from './sample.ts';

export interface RunLabels {
  readonly plan_namespace: string;
  readonly plan: string;
  readonly run: string;
}

export function runLabels(run: Run): RunLabels {
  return { plan_namespace: run.namespace, plan: run.spec.planRef.name, run: run.name };
}

/** What a Run is, how far it has come, and what it measured. `now`: wall ms. */
export function runSamples(run: Run, now: number): readonly Sample[] {
  const labels = runLabels(run);
  const { spec, status } = run;
  return [
    is('maestro_dr_run_info', {
      ...labels,
      type: spec.type,
      target_region: spec.targetRegion,
      ...(status.mode === undefined ? {} : { mode: status.mode }),
      ...(status.sourceRegion === undefined ? {} : { source_region: status.sourceRegion }),
    }),
    is('maestro_dr_run_phase', { ...labels, phase: status.phase }),
    ...secondsOf('maestro_dr_run_duration_seconds', labels, durationMs(run, now)),
    ...secondsOf('maestro_dr_run_rto_seconds', labels, rtoOf(run)),
    ...secondsOf('maestro_dr_run_rto_remaining_seconds', labels, remainingMs(run, now)),
    ...status.recovery.flatMap(({ database, grade, lossMs }) => [
      is('maestro_dr_run_rpo_grade', { ...labels, database, grade }),
      ...secondsOf(
        'maestro_dr_run_rpo_seconds',
        { ...labels, database, grade },
        grade === 'Unknown' ? undefined : lossMs,
      ),
    ]),
  ];
}

/** Absent for a Run that never began. A clock that was set back makes no time negative. */
function durationMs({ status }: Run, now: number): number | undefined {
  const { declared } = status.milestones;
  if (declared === undefined) return undefined;
  return Math.max(0, (status.finishedAt ?? now) - declared);
}

/** Only while it may still be met: a Run that has recovered or ended has an RTO actual, or none. */
function remainingMs(run: Run, now: number): number | undefined {
  const { snapshot, milestones, phase } = run.status;
  const start = rtoClock(run.status)?.at;
  if (snapshot === undefined || start === undefined) return undefined;
  if (milestones.sustained !== undefined || isTerminalPhase(phase)) return undefined;
  return start + snapshot.objectives.rtoMs - now;
}
