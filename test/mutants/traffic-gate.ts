import type { Step } from '../../src/api/run.ts';
import { buildGraph as right } from '../../src/decide/graph.ts';

/** Moves the traffic as soon as the databases are opened; whether the application can write there is tried afterwards. */
export function buildGraph(input: Parameters<typeof right>[0]): readonly Step[] {
  const steps = right(input);
  const shifts = steps.filter(({ kind }) => kind === 'Shift').map(({ id }) => id);
  const opened = steps.filter(({ kind }) => kind === 'Open').map(({ id }) => id);
  const moved = steps.map((step) => {
    if (step.kind === 'Shift') return { ...step, after: opened };
    return step.kind === 'Probe' ? { ...step, after: [...step.after, ...shifts] } : step;
  });
  // Every edge points backwards.
  const isShift = ({ kind }: Step): boolean => kind === 'Shift';
  const first = moved.findIndex(({ kind }) => kind === 'Probe');
  const rest = moved.filter((step, index) => index >= first && !isShift(step));
  return first < 0 ? moved : [...moved.slice(0, first), ...moved.filter(isShift), ...rest];
}
