import type { RunPhase } from '../api/run.ts';

const terminal: readonly RunPhase[] = ['Succeeded', 'Aborted', 'Abandoned', 'Failed', 'Superseded'];

export function isTerminalPhase(phase: RunPhase): boolean {
  return terminal.includes(phase);
}
