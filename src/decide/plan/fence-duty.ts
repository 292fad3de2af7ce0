import type { Condition, PlanStatus } from '../../api/plan-status.ts';
import type { Run, StepStatus } from '../../api/run.ts';
import { stepOf } from '../context.ts';
import type { PlanFacts } from './facts.ts';

type Claim = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * A writer that was overtaken without proof, until it is proven fenced. A Run under way sees to that itself. One that was
 * abandoned leaves it to people: the writer is as open as before, and saying nothing would tell them otherwise.
 */
export function fenceIncomplete(facts: PlanFacts, status: PlanStatus, run: Run | undefined): readonly Claim[] {
  const owed = run === undefined ? [] : overridden(run).map(inWords);
  const left = leftOpen(facts, status);
  const parts = [
    ...(owed.length === 0 ? [] : [`Not proven fenced: ${owed.join(', ')}. It is fenced as soon as it can be reached.`]),
    ...(left.length === 0 ? [] : [`Not proven fenced: ${left.join(', ')}. ${abandonedWords(status)}`]),
  ];
  if (parts.length === 0) return [];
  return [{ type: 'FenceIncomplete', status: 'True', reason: 'FenceNotProven', message: parts.join(' ') }];
}

function overridden({ status }: Run): readonly StepStatus[] {
  return status.steps.filter(
    (step) =>
      step.kind === 'Fence' &&
      step.outcome?.state === 'Overridden' &&
      stepOf(status, `finish-fence/${step.subject ?? ''}`)?.outcome === undefined,
  );
}

const inWords = ({ subject = '', region = '' }: StepStatus): string => `${subject} in ${region}`;

function abandonedWords({ lastRun }: PlanStatus): string {
  return `${lastRun?.name ?? ''} was abandoned, so nothing fences it: stop it by hand, or see that it is a standby.`;
}

/** What the abandoned last Run still owed, as far as it is not seen settled. */
function leftOpen(facts: PlanFacts, { lastRun }: PlanStatus): readonly string[] {
  if (lastRun?.phase !== 'Abandoned') return [];
  const run = facts.runs.find(({ name, spec }) => name === lastRun.name && spec.epoch === lastRun.epoch);
  // Its record is gone: what was said of it stands for every database.
  const stood = facts.status.conditions.some(({ type, status }) => type === 'FenceIncomplete' && status === 'True');
  const all = facts.plan.spec.databases.map(({ name }) => name);
  const names = run === undefined ? (stood ? all : []) : overridden(run).map(({ subject = '' }) => subject);
  return names.filter((name) => !isSettled(facts, name, lastRun)).map((name) => `${name} in ${lastRun.from}`);
}

/** Seen closed or a standby; or it was not overtaken after all, for the other side is seen to be its standby. */
function isSettled(
  facts: PlanFacts,
  name: string,
  { from, to }: { readonly from: string; readonly to: string },
): boolean {
  const [old, other] = [from, to].map((region) => facts.observed.databases[`${name}@${region}`]?.fact);
  if (other?.known === true && other.value.role === 'Replica') return true;
  return old?.known === true && (old.value.role === 'Replica' || old.value.enabledRoles.length === 0);
}
