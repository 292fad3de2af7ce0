import { formatTime } from '../api/time.ts';
import { operatorLines } from './operator-text.ts';
import type { Paint, Style } from './paint.ts';
import { rtoWords, type RunView, type StatusStep, type StatusView, type Waiting } from './status.ts';
import { span } from './words.ts';

/** One screen: where, since when, what it waits for, the command to type; then the tree of steps. */
export function statusText(view: StatusView, paint: Paint): string {
  const operator = view.operator === undefined ? [] : operatorLines(view.operator, paint);
  const leads = view.operator?.state === 'Leading';
  const [title = '', ...below] = head(view, paint);
  const lines = [
    // Who reads what a dead operator left takes it for what is, unless that is said first.
    ...(leads ? [title, ...operator] : [...operator, title]),
    ...below,
    ...(view.run === undefined ? [] : ['', ...runLines(view.run, paint)]),
    ...(view.run === undefined ? [] : ['', ...tree(view.run, paint)]),
  ];
  return `${lines.join('\n')}\n`;
}

function head(view: StatusView, paint: Paint): readonly string[] {
  const { plan, active, wanted } = view;
  const where = active === undefined ? 'not adopted' : `active in ${active}`;
  const wish = active === wanted ? '' : `, wanted in ${wanted}`;
  const observe = view.enforcement === 'Observe' ? '   Observe: nothing is changed' : '';
  return [
    `${paint('strong', `${plan.namespace}/${plan.name}`)}   ${where}${wish}${observe}`,
    ...view.conditions
      .filter(({ type }) => type !== 'Reconciling')
      .map(
        ({ type, status, reason, message, forMs }) =>
          `${paint(styleOf(type, status), `${type}=${status}`)} ${reason} for ${span(forMs)}: ${message}`,
      ),
    ...(view.weaker.length === 0 ? [] : [`Weaker than the safe defaults: ${view.weaker.join('; ')}.`]),
  ];
}

function styleOf(type: string, status: string): Style {
  if (status === 'Unknown') return 'waits';
  const good = type === 'FenceIncomplete' || type === 'Stalled' || type === 'Halted' ? 'False' : 'True';
  return status === good ? 'good' : 'bad';
}

function runLines(run: RunView, paint: Paint): readonly string[] {
  const lasts = run.forMs === undefined ? '' : `${run.finished ? ', took ' : ', for '}${span(run.forMs)}`;
  const desired = run.desired === 'Running' ? '' : `, ${run.desired} by a person`;
  return [
    `Run ${paint('strong', run.name)}   ${run.mode ?? 'mode undecided'} ${run.type.toLowerCase()} ${run.from} -> ${run.to}: ${run.phase}${lasts}${desired}`,
    ...(run.message === '' ? [] : [`  ${run.message}`]),
    `RTO ${rtoWords(run.rto, span)}`,
    ...run.loss.map((words) => `Loss ${words}`),
    ...run.recoveryPoints.map((words) => `Recovery point of ${words}`),
    ...(run.skew === undefined ? [] : [`Skew between the databases: ${run.skew}`]),
    ...run.waits.flatMap((waiting) => ['', ...waitingLines(waiting, paint)]),
    ...(run.refusals.length === 0 ? [] : ['', ...run.refusals.map((one) => refusalLine(one, paint))]),
  ];
}

function refusalLine({ request, reason, message, at }: RunView['refusals'][number], paint: Paint): string {
  return `${paint('bad', 'Refused')} ${request}, ${reason} at ${formatTime(at)}: ${message}`;
}

function waitingLines(waiting: Waiting, paint: Paint): readonly string[] {
  const late = waiting.leftMs !== undefined && waiting.leftMs < 0;
  const left =
    waiting.leftMs === undefined
      ? ''
      : late
        ? `, ${span(-waiting.leftMs)} past its deadline`
        : `, ${span(waiting.leftMs)} until its deadline`;
  const whose = waiting.person ? 'Waits for you' : 'Waits';
  return [
    `${paint(late || waiting.state === 'Blocked' ? 'bad' : 'waits', whose)}: ${paint('strong', waiting.step)}, ${waiting.reason} for ${span(waiting.forMs)}${left}`,
    `  ${waiting.message}`,
    ...waiting.evidence.map(({ what, ageMs }) => `  ${paint('faint', age(ageMs).padStart(8))}  ${what}`),
    ...(waiting.next === undefined ? [] : [`  type  ${waiting.next}`]),
    ...(waiting.command === undefined ? [] : [`  ${waiting.next === undefined ? 'type' : 'or  '}  ${waiting.command}`]),
  ];
}

/** Evidence may be a time to come: when a cooldown ends. */
function age(ms: number): string {
  return ms >= 0 ? `${span(ms)} ago` : `in ${span(-ms)}`;
}

function tree(run: RunView, paint: Paint): readonly string[] {
  const shown = run.phases.filter(({ steps }) => steps.length > 0);
  return shown.flatMap(({ phase, steps }, index) => {
    const last = index === shown.length - 1;
    const done = steps.filter((step) => isOver(step)).length;
    const width = Math.max(...steps.map(({ id }) => id.length));
    return [
      `${last ? '└─' : '├─'} ${phase}  ${String(done)} of ${String(steps.length)}`,
      ...steps.map((step, at) => {
        const branch = `${last ? '   ' : '│  '}${at === steps.length - 1 ? '└─' : '├─'}`;
        return `${branch} ${stepLine(step, width, paint)}`;
      }),
    ];
  });
}

function isOver({ state }: StatusStep): boolean {
  return ['Succeeded', 'Vacuous', 'Overridden', 'Pretended', 'Skipped', 'Undone'].includes(state);
}

const marks: Readonly<Record<string, readonly [mark: string, style: Style]>> = Object.freeze({
  Succeeded: ['✓', 'good'],
  Vacuous: ['✓', 'good'],
  Overridden: ['!', 'waits'],
  Skipped: ['!', 'waits'],
  Pretended: ['~', 'faint'],
  Undone: ['↺', 'faint'],
  Undoing: ['↺', 'waits'],
  Running: ['●', 'strong'],
  Waiting: ['●', 'waits'],
  Blocked: ['✗', 'bad'],
  Drifted: ['✗', 'bad'],
});

function stepLine({ id, state, tookMs, reason }: StatusStep, width: number, paint: Paint): string {
  const [mark, style] = marks[state] ?? ['·', 'faint'];
  const took = tookMs === undefined ? '' : `  ${span(tookMs)}`;
  return `${paint(style, mark)} ${id.padEnd(width)}  ${state}${reason === undefined ? '' : ` ${reason}`}${took}`;
}
