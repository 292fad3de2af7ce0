import type { RunView, StepView } from './run-view.ts';

/** What somebody who looks on sees. */
export interface View {
  phase(title: string): void;
  say(what: string): void;
  /** A command as the person typed it. */
  typed(command: string): void;
  watch(run: RunView): void;
  close(): void;
}

/** One line for each thing that happened, with the time since the beginning. */
export function createPlainView(write: (text: string) => void, now: () => number): View {
  const begun = now();
  const states = new Map<string, string>();
  const line = (text: string): void => {
    write(`${((now() - begun) / 1_000).toFixed(1).padStart(6)}  ${text}\n`);
  };
  return {
    phase: (title) => {
      write(`\n== ${title}\n`);
    },
    say: line,
    typed: (command) => {
      line(`$ ${command}`);
    },
    watch: (run) => {
      for (const step of run.steps) {
        const key = `${run.name}/${step.id}`;
        const state = summary(step);
        if (states.get(key) === state) continue;
        states.set(key, state);
        if (worthALine(step)) line(`${run.name}  ${step.id.padEnd(22)} ${state}`);
      }
    },
    close: () => undefined,
  };
}

function worthALine(step: StepView): boolean {
  return step.outcome !== undefined || step.waitsFor?.next !== undefined;
}

function summary(step: StepView): string {
  if (step.outcome !== undefined) return `${step.outcome.state}: ${step.outcome.what}`;
  if (step.waitsFor !== undefined) return `${step.state}, ${step.waitsFor.reason}: ${step.waitsFor.message}`;
  return step.state;
}
