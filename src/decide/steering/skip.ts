import type { Skip, StepKind, StepStatus } from '../../api/run.ts';
import type { Context } from '../context.ts';
import { partlyPromoted } from './partial.ts';

/**
 * What may be left out on a person's word: checks, and what costs comfort or protection, and never proof. Of a quiesce
 * only where a fence comes after it.
 */
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

/** In a plan without databases the source's stopped workloads are what keeps two of them from serving at one time. */
export function isTheFence(step: StepStatus, steps: readonly StepStatus[]): boolean {
  return step.kind === 'Quiesce' && !steps.some(({ kind }) => kind === 'Fence');
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
  if (isTheFence(step, ctx.status.steps)) return fenceRefused(step, ctx);
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

/** With the way past it: a word on what is so, where the run takes one, in place of a word that nobody need look. */
function fenceRefused({ subject = '' }: StepStatus, { source, status }: Context): string {
  const why = `Without a database it is the fence: what moves afterwards rests on ${subject} in ${source} being stopped.`;
  return status.mode === 'Planned'
    ? `${why} A planned Run waits until it is seen; abort it if that cannot be.`
    : `${why} Where nobody can see that, attest it: attestations, target ${subject}.`;
}

/** The databases that this run moves: all but those that a person left where they are. */
export function movedDatabases(ctx: Context): Context['spec']['databases'] {
  return ctx.spec.databases.filter(
    ({ name }) =>
      !ctx.status.steps.some((s) => s.kind === 'Promote' && s.subject === name && s.outcome?.state === 'Skipped'),
  );
}
