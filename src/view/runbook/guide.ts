import type { Mode, Plan } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';

/** What a runbook is made for. */
export interface Journey {
  readonly plan: Pick<Plan, 'namespace' | 'name' | 'spec'>;
  readonly source: string;
  readonly target: string;
  readonly mode: Mode;
  readonly operatorNamespace: string;
  /** The name of kubectl's context for a Region, or for `management`. */
  readonly context: (cluster: string) => string;
  /** The count of a workload that was last seen healthy where it was active. */
  readonly replicas: Readonly<Record<string, number>>;
}

/** Commands that are pasted together into one shell, which keeps its variables from one block to the next. */
export interface Block {
  /** What they are for, in a sentence. */
  readonly says: string;
  /** The commands; a block without is a sentence alone. */
  readonly sh?: string;
  /** The last line that they print when all is well; until then they are repeated. */
  readonly prints?: string;
  /** What to do where something else is printed: a sentence for each case. */
  readonly otherwise?: readonly string[];
  /** Not while the source is silent: a forced run needs nothing of it. */
  readonly needsSource?: boolean;
}

/** One step as a person carries it out. */
export interface Guide {
  readonly does: readonly Block[];
  readonly verifies: readonly Block[];
  /** What takes it back, as long as nothing was promoted. */
  readonly undoes?: readonly Block[];
}

export type GuideOf = (step: Step, journey: Journey) => Guide;

/** @throws Error where the graph names what its plan has not: the two were not made from each other. */
export function named<T extends { readonly name: string }>(items: readonly T[], step: Step): T {
  const found = items.find(({ name }) => name === step.subject);
  if (found === undefined) throw new Error(`the plan has no ${step.subject ?? ''} for step ${step.id}`);
  return found;
}
