import { formatDuration } from '../api/duration.ts';
import { formatTime } from '../api/time.ts';
import type { Message, PlanView, RunView, StopView } from './message.ts';

/** A message in words. `command`: to be set off, and never to be wrapped or changed. */
export type Line =
  | { readonly kind: 'Title'; readonly text: string }
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Command'; readonly text: string };

const text = (words: string): Line => ({ kind: 'Text', text: words });

/** What a person needs at 3 a.m., in this order: what is wrong, what to type, how much time is left, what is at stake. */
export function messageLines(message: Message): readonly Line[] {
  const { stops, run, plan } = message;
  const [, ...others] = stops;
  return [
    { kind: 'Title', text: `${message.title}${message.repeat === 0 ? '' : ` (told ${times(message.repeat)} before)`}` },
    text(message.what),
    ...stops.slice(0, 1).flatMap((stop) => stopLines(stop, message.at)),
    ...others.slice(0, mostOthers).map((stop) => text(`Also ${stop.step} ${stop.state}: ${stop.what}`)),
    ...(others.length > mostOthers ? [text(`Also ${String(others.length - mostOthers)} more steps.`)] : []),
    ...(run === undefined ? [] : runLines(run, plan)),
    ...(plan.enforcement === 'Observe' ? [text('The plan is in Observe: nothing is changed.')] : []),
    ...(plan.weaker.length === 0 ? [] : [text(`Weaker than the safe defaults: ${plan.weaker.join('; ')}.`)]),
    text(signature(message)),
  ];
}

const mostOthers = 4;

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}

function stopLines(stop: StopView, at: number): readonly Line[] {
  const late = stop.deadline === undefined ? '' : `, deadline ${utc(stop.deadline)}`;
  return [
    text(`Step ${stop.step} ${stop.state} since ${utc(stop.since)} (${ago(at - stop.since)})${late}.`),
    ...(stop.next === undefined ? [] : [text('Type:'), { kind: 'Command', text: stop.next } as const]),
  ];
}

function runLines(run: RunView, { rtoMs, rpoMs }: PlanView): readonly Line[] {
  return [
    text(`Mode ${run.mode ?? 'undecided'}. ${rtoWords(run, rtoMs)}`),
    ...run.losses.map((loss) => text(`Loss of ${loss.database} (RPO ${formatDuration(rpoMs)}): ${loss.words}`)),
    ...run.fences.map((fence) =>
      text(`Fence of ${fence.database} in ${fence.region}: ${fenceWords[fence.state]}: ${fence.words}`),
    ),
  ];
}

const fenceWords = {
  Proven: 'proven',
  NotProven: 'NOT PROVEN',
  Open: 'not fenced',
  TakenBack: 'taken back',
  Pretended: 'pretended',
} as const satisfies Readonly<Record<RunView['fences'][number]['state'], string>>;

function rtoWords(run: RunView, objectiveMs: number): string {
  const objective = `RTO ${formatDuration(objectiveMs)}`;
  if (run.rtoMs !== undefined) return `${objective}, took ${formatDuration(Math.max(0, run.rtoMs))}.`;
  if (run.rtoLeftMs === undefined) return `${objective}.`;
  const left = Math.floor(Math.abs(run.rtoLeftMs) / 1000) * 1000;
  return run.rtoLeftMs < 0
    ? `${objective}, MISSED by ${formatDuration(left)}.`
    : `${objective}, ${formatDuration(left)} left.`;
}

/** To the second: `2026-03-01 03:00:31 UTC`. */
function utc(ms: number): string {
  return `${formatTime(ms).slice(0, 19).replace('T', ' ')} UTC`;
}

/** Whole seconds; a clock that was set back makes it none. */
function ago(ms: number): string {
  return formatDuration(Math.floor(Math.max(0, ms) / 1000) * 1000);
}

function signature({ plan, run, contact, at }: Message): string {
  const who = contact.name === undefined ? contact.role : `${contact.role} (${contact.name})`;
  const what = run === undefined ? '' : ` Run ${run.name}, epoch ${String(run.epoch)}, ${run.phase}.`;
  return `Plan ${plan.namespace}/${plan.name}, active in ${plan.activeRegion ?? 'no known region'}.${what} ${utc(at)}, to ${who}.`;
}
