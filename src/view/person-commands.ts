import { parseJson } from '../api/canonical-json.ts';
import { isObject } from '../api/reader.ts';
import type { Hold, Run, StepStatus } from '../api/run.ts';
import { printedPatch } from '../api/shell-word.ts';

/** The command of this CLI that says the same as a hold's `next`; undefined where there is none but that. */
export function commandFor(hold: Hold, step: StepStatus, run: Run): string | undefined {
  if (hold.next === undefined) return undefined;
  const plan = `${run.spec.planRef.name} -n ${run.namespace}`;
  const spec = specIn(hold.next);
  if (spec === undefined) return undefined;
  if (hold.evidenceHash !== undefined && 'approvals' in spec) {
    return `kubectl drplan approve ${plan} --gate ${hold.reason} --evidence ${hold.evidenceHash} --reason YOUR-REASON`;
  }
  if ('attestations' in spec) {
    return `kubectl drplan attest ${plan} ${step.subject ?? ''} --stopped-at UTC-TIME-IT-STOPPED --reason HOW-YOU-KNOW`;
  }
  const bound = offeredMax(hold.next);
  if ('skips' in spec) {
    const accepted = bound === undefined ? '' : ` --accept-loss ${bound}`;
    return `kubectl drplan skip ${plan} ${step.id}${accepted} --reason YOUR-REASON`;
  }
  if ('acceptDataLoss' in spec) {
    return `kubectl drplan accept-data-loss ${plan} --max ${bound ?? 'BOUND'} --reason YOUR-REASON`;
  }
  return unmeasured(spec, step, plan);
}

/** Words that rest on no bound and no hash. */
function unmeasured(spec: Readonly<Record<string, unknown>>, step: StepStatus, plan: string): string | undefined {
  if ('retries' in spec) return `kubectl drplan retry ${plan} ${step.id} --reason WHAT-YOU-MENDED`;
  if ('takeovers' in spec) {
    return `kubectl drplan takeover ${plan} ${step.subject ?? ''} --from IDENTITY-OF-THE-OTHER-PLAN --reason YOUR-REASON`;
  }
  if ('discardDiverged' in spec) return `kubectl drplan discard-diverged ${plan} --reason YOUR-REASON`;
  if ('abandon' in spec) return `kubectl drplan abandon ${plan} --reason YOUR-REASON`;
  if (typeof spec['mode'] === 'string') return `kubectl drplan mode ${plan} ${spec['mode']}`;
  if (spec['desiredState'] === 'Aborted') return `kubectl drplan abort ${plan}`;
  return spec['desiredState'] === 'Running' ? `kubectl drplan resume ${plan}` : undefined;
}

/** What a `kubectl patch drrun` would put into the spec. */
function specIn(next: string): Readonly<Record<string, unknown>> | undefined {
  const patch = parseJson((next.startsWith('kubectl patch drrun ') ? printedPatch(next) : undefined) ?? '');
  return isObject(patch) && isObject(patch['spec']) ? patch['spec'] : undefined;
}

/** The bound that the run's own command offers. */
export function offeredMax(next: string): string | undefined {
  const loss = specIn(next)?.['acceptDataLoss'];
  return isObject(loss) && typeof loss['max'] === 'string' ? loss['max'] : undefined;
}

/** Whether the run would heed a takeover there: not of a record that something else than a plan manages. */
export function offersTakeover({ next }: Hold): boolean {
  return next !== undefined && specIn(next)?.['takeovers'] !== undefined;
}

/** The identity hash of the plan that owns a record, as the evidence of `ForeignOwner` has it (src/decide/rules/ownership.ts). */
export function ownerOf({ evidence }: Hold): string | undefined {
  const [hash] = evidence.map(({ value }) => value?.['identityHash']).filter((found) => found !== undefined);
  return typeof hash === 'string' ? hash : undefined;
}
