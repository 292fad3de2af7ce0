import { canonicalJson } from '../api/canonical-json.ts';
import { formatDuration } from '../api/duration.ts';
import { recoverySkew } from '../api/recovery-skew.ts';
import type { DatabaseRecovery, Milestones, Run, RunStatus, StepStatus } from '../api/run.ts';
import { formatTime } from '../api/time.ts';
import { pointWords, skewWords } from './recovery-words.ts';
import { lossWords, weakerWords } from './words.ts';
import { peopleData, peopleLines } from './report-people.ts';
import { rtoClock } from '../api/rto-clock.ts';
import { laterOf, rtoOf, segmentsOf } from './rto.ts';

/** What a run did, for people and for machines: everything in it comes from its journal, and nothing secret is there. */
export interface RunReport {
  readonly json: string;
  readonly markdown: string;
}

export function runReport(run: Run): RunReport {
  return { json: `${canonicalJson(reportData(run))}\n`, markdown: markdown(run) };
}

function reportData(run: Run): unknown {
  const { status, spec } = run;
  return {
    run: run.name,
    plan: `${run.namespace}/${spec.planRef.name}`,
    identity: status.snapshot?.identity,
    epoch: spec.epoch,
    type: spec.type,
    mode: status.mode,
    from: status.sourceRegion,
    to: spec.targetRegion,
    phase: status.phase,
    enforcement: status.snapshot?.enforcement,
    objectives: status.snapshot?.objectives,
    policy: status.snapshot?.failover,
    administrativeRoles: status.snapshot?.databases.map((d) => ({
      database: d.name,
      notFenced: d.administrativeRoles,
    })),
    rto: rtoOf(run),
    rtoFrom: rtoClock(status)?.from,
    segments: segmentsOf(run),
    later: laterOf(run),
    milestones: times(status.milestones),
    recovery: status.recovery.map(recoveryData),
    recoverySkew: skewData(status),
    ...peopleData(run),
    abort: status.abort,
    vantage: 'checks and DNS answers were asked from the operator',
    steps: status.steps.map((step) => ({
      id: step.id,
      state: step.state,
      outcome: step.outcome?.state,
      at: step.outcome === undefined ? undefined : formatTime(step.outcome.at),
      attempts: step.intent?.attempt,
      evidence: step.outcome?.evidence.map((e) => e.what),
      waitsFor: step.waitsFor?.message,
    })),
  };
}

function recoveryData(recovery: DatabaseRecovery): unknown {
  const { point } = recovery;
  if (point === undefined) return recovery;
  return { ...recovery, point: { earliest: formatTime(point.earliest), latest: formatTime(point.latest) } };
}

function skewData(status: RunStatus): unknown {
  const skew = recoverySkew(status);
  if (skew === undefined) return undefined;
  return skew.known ? { atMostMs: skew.atMostMs } : { unknownOf: skew.unknownOf };
}

function times(milestones: Milestones): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(milestones).flatMap(([name, at]) => (typeof at === 'number' ? [[name, formatTime(at)]] : [])),
  );
}

/** What the plan's clock counts from and nobody has seen is not claimed. */
function rtoWords({ status }: Run, rtoMs: number): string {
  const from = rtoClock(status)?.from ?? 'Declared';
  const wanted = status.snapshot?.objectives.clockStart ?? from;
  const unseen = wanted === from ? '' : ` (the plan counts from ${wanted}, which was not seen)`;
  return `${formatDuration(rtoMs)} from ${from}${unseen}`;
}

function markdown(run: Run): string {
  const { status, spec } = run;
  const rto = rtoOf(run);
  const objectives = status.snapshot?.objectives;
  const lines = [
    `# ${spec.type} ${run.name}: ${status.sourceRegion ?? '?'} to ${spec.targetRegion}`,
    '',
    `Plan ${run.namespace}/${spec.planRef.name}, epoch ${String(spec.epoch)}, mode ${status.mode ?? 'undecided'}, phase **${status.phase}**.`,
    ...(status.snapshot?.enforcement === 'Observe'
      ? ['', 'The plan was in Observe: everything below was decided and reported, and nothing was changed.']
      : []),
    ...weaker(run),
    '',
    '## Objectives',
    '',
    `- RTO ${objectives === undefined ? '?' : formatDuration(objectives.rtoMs)}: ${rto === undefined ? 'not yet measured' : rtoWords(run, rto)}`,
    ...status.recovery.map(
      (recovery) =>
        `- RPO ${objectives === undefined ? '?' : formatDuration(objectives.rpoMs)}, ${recovery.database}: ${lossWords(recovery)}`,
    ),
    ...pointLines(status),
    '',
    '## Time',
    '',
    ...segmentsOf(run).map((segment) => `- ${segment.name}: ${formatDuration(segment.ms)}`),
    ...laterOf(run).map(
      (later) => `- ${later.name}, ${formatDuration(later.ms)} after that, which the RTO does not count`,
    ),
    ...(status.milestones.cachesExpireBy === undefined
      ? []
      : [
          `- caches of the old answer expire by ${formatTime(status.milestones.cachesExpireBy)}, for resolvers that honour the TTL`,
        ]),
    '',
    '## Steps',
    '',
    '| step | outcome | seen | evidence |',
    '|---|---|---|---|',
    ...status.steps.map(stepRow),
    '',
    '## People',
    '',
    ...peopleLines(run),
    '',
    'Checks and DNS answers were asked from the operator.',
    '',
  ];
  return lines.join('\n');
}

function pointLines(status: RunStatus): readonly string[] {
  if (status.recovery.length === 0) return [];
  const skew = skewWords(status);
  return [
    '',
    '## Recovery points',
    '',
    ...status.recovery.map((recovery) => `- ${recovery.database}: ${pointWords(recovery)}`),
    ...(skew === undefined ? [] : [`- skew between the databases: ${skew}`]),
  ];
}

function weaker(run: Run): readonly string[] {
  const spec = run.status.snapshot;
  const words = spec === undefined ? [] : weakerWords(spec);
  return words.length === 0 ? [] : ['', `Weaker than the safe defaults: ${words.join('; ')}.`];
}

function stepRow(step: StepStatus): string {
  const outcome = step.outcome?.state ?? step.state;
  const at = step.outcome === undefined ? '' : formatTime(step.outcome.at);
  const words = step.outcome?.evidence.map((e) => e.what).join('; ') ?? step.waitsFor?.message ?? '';
  return `| ${step.id} | ${outcome} | ${at} | ${words.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`;
}
