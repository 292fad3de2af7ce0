import type { Skip, StepKind, StepStatus } from '../../api/run.ts';
import type { Context } from '../context.ts';
import { partlyPromoted } from './partial.ts';

/** What may be left out on a person's word: checks, and what costs comfort or protection, and never proof. */
const skippable: readonly StepKind[] = [
  'Dependency',
  'PreScale',
  'Quiesce',
  'Workload',
  'Smoke',
  'StandDown',
  'Rebuild',
  'Protect',
];

/** Of a database that is left where it is. `finish-fence` is not among them: it stays a duty. */
const goesWithIt: readonly StepKind[] = ['Checkpoint', 'Open', 'Probe', 'Compare', 'Rebuild', 'Protect'];

export function isSkippable(kind: StepKind): boolean {
  return skippable.includes(kind);
}

/** Why a step is left out, if it is. */
export function skipOf(step: StepStatus, ctx: Context): Skip | undefined {
  const word = ctx.run.spec.skips.find((skip) => skip.step === step.id);
  if (word !== undefined && skipRefused(step, ctx) === undefined) return word;
  if (!goesWithIt.includes(step.kind)) return undefined;
  const promotion = ctx.status.steps.find((s) => s.kind === 'Promote' && s.subject === step.subject);
  if (promotion?.outcome?.state !== 'Skipped') return undefined;
  return ctx.run.spec.skips.find((skip) => skip.step === promotion.id);
}

/** Why a step cannot be left out, as a sentence; undefined where it can. */
export function skipRefused(step: StepStatus, ctx: Context): string | undefined {
  if (isSkippable(step.kind)) return undefined;
  if (step.kind !== 'Promote') {
    return `${step.kind} is not skippable: what comes after it rests on what it proves.`;
  }
  if (!partlyPromoted(ctx.status, step, ctx.facts.now.wall)) {
    return 'A promotion can only be skipped once it is past its deadline and another database of the plan was promoted.';
  }
  return ctx.run.spec.acceptDataLoss === undefined
    ? `Leaving ${step.subject ?? ''} behind needs a recorded acceptance: set acceptDataLoss as well.`
    : undefined;
}

/** The databases that this run moves: all but those that a person left where they are. */
export function movedDatabases(ctx: Context): Context['spec']['databases'] {
  return ctx.spec.databases.filter(
    ({ name }) =>
      !ctx.status.steps.some((s) => s.kind === 'Promote' && s.subject === name && s.outcome?.state === 'Skipped'),
  );
}
