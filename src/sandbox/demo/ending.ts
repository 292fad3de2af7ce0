import { acknowledged } from '../shop/attempts.ts';
import type { Evidence } from './evidence.ts';
import type { Figures } from './figures.ts';
import { seconds, type Verdict } from './judge.ts';
import type { RunView } from './run-view.ts';

export interface Ending {
  readonly evidence: Evidence;
  readonly figures: Figures;
  readonly verdicts: readonly Verdict[];
  readonly reports: string;
  readonly totalMs: number;
}

/** The figures at the end: what the witnesses counted, and beside it what the operator reported. */
export function ending({ evidence, figures, verdicts, reports, totalMs }: Ending): string {
  const { forced, back, planned, quiet } = evidence;
  const failed = verdicts.filter(({ holds }) => !holds);
  const lines = [
    '',
    `Forced ${forced.reported.name}`,
    `  RTO by segment     ${segments(forced.reported, forced.killedAt)}`,
    `  RPO                ${figures.reportedGrade}, at most ${ms(figures.reportedBoundMs)} when it promoted; ${measured(back.reported)}`,
    `  clients            ${String(figures.acknowledged)} orders acknowledged, ${String(figures.lost.length)} lost, exposed for ${seconds(figures.exposureMs)}, out for ${ms(figures.outage?.ms)}`,
    `  return             ${String(figures.postReturn.length)} orders taken by the east before it was fenced, ${ms(sinceWritable(figures))} after it was writable`,
    `Planned ${planned.reported.name}`,
    `  RTO by segment     ${segments(planned.reported, planned.askedAt)}`,
    `  clients            ${String(acknowledged(evidence.clients.filter(({ t }) => t >= planned.askedAt)).length)} orders acknowledged, ${String(figures.plannedLost.length)} lost, out for ${ms(figures.plannedOutage?.ms)}`,
    `Fixpoint             ${String(quiet.mutations.length)} mutations in ${seconds(quiet.until - quiet.from)}`,
    `Reports              ${reports}`,
    '',
    ...verdicts.map(({ invariant, holds, says }) => `  ${holds ? 'holds ' : 'BROKEN'}  ${invariant.padEnd(24)} ${says}`),
    '',
    failed.length === 0
      ? `All ${String(verdicts.length)} invariants hold. ${seconds(totalMs)} in all.`
      : `Broken: ${failed.map(({ invariant }) => invariant).join(', ')}. ${seconds(totalMs)} in all.`,
    '',
  ];
  return lines.join('\n');
}

const SEGMENTS = ['detected', 'declared', 'started', 'fenced', 'opened', 'trafficObserved', 'smokePassed', 'sustained'];

/** Each milestone that was seen, in seconds since the beginning. */
function segments(run: RunView, from: number): string {
  return SEGMENTS.flatMap((name) => {
    const at = run.milestones[name];
    return at === undefined ? [] : [`${name} ${at < from ? '' : '+'}${seconds(at - from)}`];
  }).join(', ');
}

function measured(run: RunView): string {
  const [entry] = run.recovery;
  if (entry?.grade !== 'Measured') return 'not measured afterwards';
  return `Measured ${ms(entry.lossMs)}, ${String(entry.lostCommits ?? 0)} commits lost, ${String(entry.postReturnCommits ?? 0)} after the return`;
}

function sinceWritable({ fencedAt, writableAt }: Figures): number | undefined {
  return fencedAt === undefined || writableAt === undefined ? undefined : fencedAt - writableAt;
}

function ms(value: number | undefined): string {
  return value === undefined ? 'unknown' : seconds(value);
}
