import { formatDuration } from '../api/duration.ts';
import type { Expected } from './durations.ts';
import type { ForeseenGate } from './foreseen-gates.ts';
import { columns, type Paint } from './paint.ts';
import type { Preview, PreviewStep } from './preview.ts';
import type { PredictedLoss } from './predicted-loss.ts';
import { amountWords, span } from './words.ts';

export const observeWords = 'The plan is in Observe: all of it would be told, and nothing changed.';

/** The exact steps, what they would do, how long that takes, what would be lost, and what would stop it. */
export function previewText(preview: Preview, now: number, paint: Paint): string {
  const { plan, from, to, mode } = preview;
  const lines = [
    `${paint('strong', `${plan.namespace}/${plan.name}`)}   ${from} -> ${to}, ${mode.mode}: ${mode.why}`,
    ...(preview.enforcement === 'Observe' ? [observeWords] : []),
    timeLine(preview),
    ...preview.loss.map((loss) => lossLine(loss, now)),
    '',
    ...gateLines(preview.gates, paint),
    '',
    ...columns([['PHASE', 'STEP', 'EFFECT', 'TAKES', 'WOULD'], ...preview.steps.map(stepRow)]),
  ];
  return `${lines.join('\n')}\n`;
}

function timeLine({ time }: Preview): string {
  const words = time.bound ? 'at most, by the deadlines on its longest chain' : 'by former Runs';
  const verdict = time.ms <= time.objectiveMs ? 'within' : 'over';
  return `Time  ${span(time.ms)} ${words}, people aside; ${verdict} the RTO of ${formatDuration(time.objectiveMs)}`;
}

function lossLine(loss: PredictedLoss, now: number): string {
  const seen = loss.asOf === undefined ? '' : `, as of ${span(now - loss.asOf)} ago`;
  return `Loss  ${loss.database}: ${amountWords(loss)}${seen} (${loss.why})`;
}

const whose = Object.freeze({ Person: 'a person', Repair: 'a repair', Perhaps: 'perhaps' } as const);

function gateLines(gates: readonly ForeseenGate[], paint: Paint): readonly string[] {
  if (gates.length === 0) return [paint('good', 'Nothing is seen that would stop it.')];
  return [
    'What would stop it:',
    ...gates.map(
      ({ reason, step, message, then }) =>
        `  ${paint(then === 'Perhaps' ? 'faint' : 'waits', reason)} at ${step ?? 'the start'} (${whose[then]}): ${message}`,
    ),
  ];
}

function stepRow({ id, phase, effect, pretended, does, expected }: PreviewStep): readonly string[] {
  return [phase, id, pretended ? 'told only' : effect === 'None' ? '-' : effect, takes(expected), does];
}

function takes(expected: Expected): string {
  switch (expected.basis) {
    case 'Runs':
      return `${span(expected.ms)} (${String(expected.runs)} run${expected.runs === 1 ? '' : 's'})`;
    case 'Deadline':
      return `<= ${span(expected.ms)}`;
    case 'Plan':
      return span(expected.ms);
    case 'Person':
      return 'a person';
    case 'Unknown':
      return '?';
  }
}
