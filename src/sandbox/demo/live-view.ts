import type { RunView, StepView } from './run-view.ts';
import { createPlainView, type View } from './view.ts';

/** What of a terminal is used. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Now, for it may be resized. */
  readonly columns: () => number;
}

export interface Objectives {
  readonly rtoMs: number;
  readonly rpoMs: number;
}

const REDRAW_MS = 200;
const BAR = 24;

/** The plain lines, and below them what the Run is at, drawn again as time passes. */
export function createLiveView(terminal: Terminal, now: () => number, objectives: Objectives): View {
  let drawn = 0;
  let run: RunView | undefined;
  let asked = now();
  const erase = (): void => {
    if (drawn > 0) terminal.write(`\u001b[${String(drawn)}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    const lines = run === undefined ? [] : statusLines(run, now() - asked, now(), objectives);
    const width = Math.max(20, terminal.columns() - 1);
    terminal.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    drawn = lines.length;
  };
  const above = (text: string): void => {
    erase();
    // A line that wraps would be counted as one when it is erased later; these are never erased.
    terminal.write(text);
    draw();
  };
  const plain = createPlainView(above, now);
  const timer = setInterval(() => {
    erase();
    draw();
  }, REDRAW_MS);
  return {
    phase: (title) => {
      run = undefined;
      plain.phase(title);
    },
    say: (what) => {
      plain.say(what);
    },
    typed: (command) => {
      plain.typed(command);
    },
    watch: (seen) => {
      if (run?.name !== seen.name) asked = now();
      run = seen;
      plain.watch(seen);
    },
    close: () => {
      clearInterval(timer);
      erase();
      run = undefined;
    },
  };
}

/** Exported for its test. `elapsedMs`: since the move was asked for. */
export function statusLines(
  run: RunView,
  elapsedMs: number,
  at: number,
  { rtoMs, rpoMs }: Objectives,
): readonly string[] {
  const done = run.steps.filter(({ outcome }) => outcome !== undefined).length;
  const sustained = run.milestones['sustained'];
  const declared = run.milestones['declared'];
  const took = sustained === undefined || declared === undefined ? elapsedMs : sustained - declared;
  const [recovery] = run.recovery;
  const loss = recovery?.lossMs === undefined ? 'not yet known' : `${recovery.grade} ${tenths(recovery.lossMs)}`;
  const active = run.steps.filter(isActive);
  return [
    '',
    `${run.name}  ${run.mode === '' ? 'mode undecided' : run.mode}  ${run.phase}  ${String(done)} of ${String(run.steps.length)} steps done`,
    `RTO ${bar(took / rtoMs)} ${tenths(took)} of ${tenths(rtoMs)}${sustained === undefined ? '' : ', recovered'}   RPO ${loss} of ${tenths(rpoMs)}`,
    ...active.map((step) => stepLine(step, at)),
  ];
}

function isActive({ outcome, state }: StepView): boolean {
  return outcome === undefined && state !== 'Pending';
}

function stepLine(step: StepView, at: number): string {
  const since = tenths(Math.max(0, at - step.since)).padStart(7);
  const deadline = step.deadline === undefined ? '' : ` (deadline in ${tenths(Math.max(0, step.deadline - at))})`;
  const why = step.waitsFor === undefined ? '' : `  ${step.waitsFor.reason}: ${step.waitsFor.message}`;
  return `${since}  ${step.id.padEnd(22)} ${step.state}${deadline}${why}`;
}

function bar(share: number): string {
  const full = Math.max(0, Math.min(BAR, Math.round(share * BAR)));
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}

function tenths(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
