import { acknowledged } from '../shop/attempts.ts';
import { stringAt } from '../models/kube-api/json.ts';
import { sayBroken } from './broken.ts';
import type { Evidence, ForcedEvidence } from './evidence.ts';
import { forcedFigures, plannedFigures, returnFigures } from './figures.ts';
import { count, seconds, type Verdict } from './judge/verdict.ts';
import { durationMs, type RunView } from './run-view.ts';
import { readCommand } from './typed-command.ts';

export interface Ending {
  readonly evidence: Evidence;
  readonly verdicts: readonly Verdict[];
  /** Why the story stopped before its end. */
  readonly stopped: string | undefined;
  /** Where the reports lie; undefined where the story came to none. */
  readonly reports: string | undefined;
  /** The BREAK that the operator was built with. */
  readonly broken?: string | undefined;
  readonly totalMs: number;
}

/** The figures at the end: what the witnesses counted, and beside it what the operator reported. */
export function ending({ evidence, verdicts, stopped, reports, broken, totalMs }: Ending): string {
  const failed = verdicts.filter(({ holds }) => !holds);
  const result =
    failed.length > 0
      ? `Broken: ${failed.map(({ invariant }) => invariant).join(', ')}.`
      : stopped === undefined
        ? `All ${String(verdicts.length)} invariants hold.`
        : `${String(verdicts.length)} invariants hold, but the story did not come to its end.`;
  const lines = [
    '',
    '== What was seen',
    ...forcedLines(evidence),
    ...plannedLines(evidence),
    ...(reports === undefined ? [] : [line('Reports', reports)]),
    '',
    ...verdicts.map(
      ({ invariant, holds, says }) => `  ${holds ? 'holds ' : 'BROKEN'}  ${invariant.padEnd(24)} ${says}`,
    ),
    '',
    ...(stopped === undefined ? [] : [`Stopped: ${stopped}`]),
    `${result} ${seconds(totalMs)} in all.`,
    ...(broken === undefined ? [] : [sayBroken(broken, verdicts)]),
    '',
  ];
  return lines.join('\n');
}

function forcedLines(evidence: Evidence): readonly string[] {
  const { forced, back, clients, pinned } = evidence;
  if (forced === undefined) return [];
  const { lost, exposureMs, boundMs, grade, outage } = forcedFigures(evidence, forced);
  const lines = [
    `Forced failover ${forced.reported.name}, times since the kill`,
    line('RTO', segments(forced.reported, forced.killedAt)),
    line('RPO', `${grade}: at most ${known(boundMs)} ${whoseWord(forced)}${measured(back?.reported)}`),
    line(
      'Clients',
      `${count(acknowledged([...clients, ...pinned]).length, 'order')} acknowledged in all, ${String(lost.length)} lost, exposed for ${seconds(exposureMs)}; out for ${known(outage?.ms)}`,
    ),
  ];
  if (back === undefined) return lines;
  const { taken, fencedAt, writableAt } = returnFigures(evidence);
  const fenced = fencedAt === undefined || writableAt === undefined ? undefined : fencedAt - writableAt;
  return [
    ...lines,
    line('Return', `fenced ${known(fenced)} after it was writable, ${count(taken.length, 'order')} taken by then`),
  ];
}

function plannedLines(evidence: Evidence): readonly string[] {
  const { planned, end } = evidence;
  const figures = plannedFigures(evidence);
  if (planned === undefined || figures === undefined || end === undefined) return [];
  const { from, until, mutations } = end.quiet;
  return [
    `Planned switchover ${planned.reported.name}, times since it was asked for`,
    line('RTO', segments(planned.reported, planned.askedAt)),
    line(
      'Clients',
      `${count(figures.acknowledged, 'order')} acknowledged, ${String(figures.lost.length)} lost; out for ${known(figures.outage?.ms)}`,
    ),
    line('Fixpoint', `${count(mutations.length, 'mutation')} in ${seconds(until - from)}`),
  ];
}

/** The bound is the operator's alone; what it said before the promotion is what it asked the person to accept. */
function whoseWord({ words }: ForcedEvidence): string {
  const asked = words.find(({ reason }) => reason === 'DataLossUnaccepted');
  const most =
    asked === undefined ? undefined : stringAt(readCommand(asked.command).patch, 'spec', 'acceptDataLoss', 'max');
  return `by the operator's word after the promotion (${most === undefined ? 'none' : seconds(durationMs(most))} before it)`;
}

const SEGMENTS: Readonly<Record<string, string>> = Object.freeze({
  declared: 'declared',
  started: 'started',
  fenced: 'fenced',
  opened: 'database open',
  trafficObserved: 'DNS answers new',
  smokePassed: 'smoke passed',
  sustained: 'sustained',
});

function segments(run: RunView, from: number): string {
  return Object.entries(SEGMENTS)
    .flatMap(([name, words]) => {
      const at = run.milestones[name];
      return at === undefined ? [] : [`${words} ${seconds(at - from)}`];
    })
    .join(', ');
}

function measured(run: RunView | undefined): string {
  const entry = run?.recovery[0];
  if (entry?.grade !== 'Measured') return '';
  return `; Measured on return: ${known(entry.lossMs)}, ${count(entry.lostCommits ?? 0, 'commit')} lost`;
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}`;
}

function known(ms: number | undefined): string {
  return ms === undefined ? 'unknown' : seconds(ms);
}
