import type { Run, StepStatus } from '../api/run.ts';

/**
 * How a database's old writer stands. `Proven`: seen fenced, or seen to be no writer. `NotProven`: the run went on
 * without, and the fence is a standing duty. `Open`: not fenced (yet). `Pretended`: the plan is in Observe.
 */
export interface FenceView {
  readonly database: string;
  readonly region: string;
  readonly state: 'Proven' | 'NotProven' | 'Open' | 'TakenBack' | 'Pretended';
  readonly words: string;
}

export function fencesOf(run: Run): readonly FenceView[] {
  const { steps } = run.status;
  return steps
    .filter((step) => step.kind === 'Fence')
    .map((step) => {
      const finished = steps.find((other) => other.kind === 'FinishFence' && other.subject === step.subject);
      return { database: step.subject ?? '', region: step.region ?? '', ...fenceState(step, finished) };
    });
}

function fenceState(step: StepStatus, finished: StepStatus | undefined): Pick<FenceView, 'state' | 'words'> {
  if (step.state === 'Undone') return { state: 'TakenBack', words: 'the fence was taken back' };
  if (step.state === 'Undoing') return { state: 'Open', words: 'the fence is being taken back' };
  const said = (of: StepStatus): string => of.outcome?.evidence[0]?.what ?? of.waitsFor?.message ?? '';
  switch (step.outcome?.state) {
    case undefined:
      return { state: 'Open', words: step.waitsFor?.message ?? 'not fenced yet' };
    case 'Succeeded':
    case 'Vacuous':
      return { state: 'Proven', words: said(step) };
    case 'Pretended':
      return { state: 'Pretended', words: said(step) };
    case 'Overridden':
    case 'Skipped':
      return finished?.outcome === undefined
        ? { state: 'NotProven', words: said(step) }
        : { state: 'Proven', words: said(finished) };
  }
}
