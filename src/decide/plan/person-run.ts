import { peerOf } from '../../api/plan.ts';
import type { Run } from '../../api/run.ts';
import { isTerminalPhase } from '../phases.ts';
import { nextEpoch } from './epoch.ts';
import type { PlanFacts, Rejection } from './facts.ts';
import { identityInUse } from './identity.ts';

/** What becomes of the Runs that people made and that nothing has bound. */
export type PersonRun =
  | { readonly kind: 'None' }
  | { readonly kind: 'Wait'; readonly run: Run; readonly why: string }
  | { readonly kind: 'Bind'; readonly run: Run };

/** Made by a person for this plan, not begun, and not the one that is bound. */
export function unboundRuns({ plan, runs, status }: PlanFacts): readonly Run[] {
  return runs
    .filter((run) => run.spec.origin === 'Person' && run.uid !== status.currentRun?.uid)
    .filter((run) => !isTerminalPhase(run.status.phase) && !run.deleting)
    .filter((run) => run.spec.planRef.uid === plan.uid);
}

/** The first that may be bound. Asked only where no Run is under way. */
export function personRun(facts: PlanFacts): PersonRun {
  const [run] = unboundRuns(facts).filter((one) => rejection(facts, one) === undefined);
  if (run === undefined) return { kind: 'None' };
  const next = nextEpoch(facts, run.spec.targetRegion);
  return next.kind === 'Wait' ? { kind: 'Wait', run, why: next.why } : { kind: 'Bind', run };
}

/** Each that never will be bound, with the reason: it is told, and not left Pending for ever. */
export function rejections(facts: PlanFacts): readonly Rejection[] {
  if (facts.identityKeptBy !== undefined) return unbegun(facts, facts.identityKeptBy);
  return unboundRuns(facts).flatMap((run) => {
    const why = rejection(facts, run);
    return why === undefined ? [] : [{ name: run.name, uid: run.uid, message: `${why} It changes nothing.` }];
  });
}

/** Also those that the plan itself has made, or bound: not one of them begins later, when the other plan is gone. */
function unbegun({ plan, runs }: PlanFacts, keeper: string): readonly Rejection[] {
  const message = `${identityInUse(plan.spec.identity, keeper)} It changes nothing.`;
  return runs
    .filter(({ spec, status }) => spec.planRef.uid === plan.uid && status.snapshot === undefined)
    .filter(({ status, deleting }) => !isTerminalPhase(status.phase) && !deleting)
    .map(({ name, uid }) => ({ name, uid, message }));
}

function rejection(facts: PlanFacts, run: Run): string | undefined {
  const { plan, status } = facts;
  const { targetRegion, epoch, type } = run.spec;
  if (type === 'Drill') return 'Drills are not carried out by this version.';
  if (!plan.spec.regions.includes(targetRegion)) {
    return `targetRegion ${targetRegion} is none of the plan's regions, ${plan.spec.regions.join(' and ')}.`;
  }
  if (status.activeRegion === targetRegion) return `The plan is active in ${targetRegion} already.`;
  const current = status.currentRun;
  if (current !== undefined && current.name !== run.name) {
    return `${current.name} was under way when it was made; make another one when that has ended.`;
  }
  const next = nextEpoch(facts, targetRegion);
  if (next.kind === 'Wait') return undefined;
  // Its own epoch is among those that were seen.
  const others = facts.runs.filter((one) => one.uid !== run.uid);
  const wanted = nextEpoch({ ...facts, runs: others }, targetRegion);
  if (wanted.kind === 'Wait' || wanted.epoch === epoch) return undefined;
  return `Its epoch ${String(epoch)} is not the next one, which was ${String(wanted.epoch)}: make another as ${plan.name}-${String(next.epoch)}.`;
}

/** Where the field would have it is not where a person's Run has moved it, and nobody has changed the field since. */
export function isOverridden({ plan, status }: Pick<PlanFacts, 'plan' | 'status'>): boolean {
  const wanted = plan.spec.activeRegion;
  const { lastRun, activeRegion, acknowledgedActiveRegion, currentRun } = status;
  if (
    currentRun !== undefined ||
    lastRun?.phase !== 'Succeeded' ||
    activeRegion === undefined ||
    activeRegion === wanted
  ) {
    return false;
  }
  return (
    acknowledgedActiveRegion === wanted && lastRun.to === activeRegion && peerOf(plan.spec, wanted) === activeRegion
  );
}
