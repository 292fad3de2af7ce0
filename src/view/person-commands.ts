import type { Hold, Run, StepStatus } from '../api/run.ts';

/** Gates that an approval opens; each is asked for with a hash of what it would approve. */
function isApproval({ evidenceHash }: Hold): boolean {
  return evidenceHash !== undefined;
}

/** The command of this CLI that answers a hold; undefined where there is none but the run's own `next`. */
export function commandFor(hold: Hold, step: StepStatus, run: Run): string | undefined {
  const plan = `${run.spec.planRef.name} -n ${run.namespace}`;
  if (hold.reason === 'Paused') return `kubectl drplan resume ${plan}`;
  if (hold.next === undefined) return undefined;
  if (isApproval(hold)) {
    return `kubectl drplan approve ${plan} --gate ${hold.reason} --evidence ${hold.evidenceHash ?? ''} --reason YOUR-REASON`;
  }
  switch (hold.reason) {
    case 'FenceNotProven':
      return isAbort(hold.next)
        ? `kubectl drplan abort ${plan}`
        : `kubectl drplan attest ${plan} ${step.subject ?? ''} --stopped-at UTC-TIME-IT-STOPPED --reason HOW-YOU-KNOW`;
    case 'DataLossUnaccepted':
      return `kubectl drplan accept-data-loss ${plan} --max ${offeredMax(hold.next) ?? 'BOUND'} --reason YOUR-REASON`;
    default:
      return isAbort(hold.next) ? `kubectl drplan abort ${plan}` : undefined;
  }
}

function isAbort(next: string): boolean {
  return next.includes('"desiredState":"Aborted"');
}

/** The bound that the run's own command offers. */
export function offeredMax(next: string): string | undefined {
  return /"max":"([^"]+)"/.exec(next)?.[1];
}
