import type { Run, RunStatus } from '../../api/run.ts';
import { isHeard } from './words.ts';

/**
 * The status of a run that is over and whose spec was patched since: it is noted which generation was read, or whoever
 * waits for the object (kubectl wait, Flux, Argo CD) takes it for being worked at for ever; and what was asked of it is
 * refused, as far as it can be told from what was carried out. Undefined: nothing was patched.
 */
export function afterEnd(run: Run, now: number): RunStatus | undefined {
  const { status, generation } = run;
  if (status.observedGeneration === generation) return undefined;
  const had = new Set(status.refusals.map(({ request }) => request));
  const message = `It had ended before, as ${status.phase}: nothing more is done for it.`;
  const fresh = [...new Set(requests(run))]
    .filter((request) => !had.has(request))
    .map((request) => ({ request, reason: 'RunOver', message, at: now }));
  return { ...status, observedGeneration: generation, refusals: [...status.refusals, ...fresh] };
}

/** What the spec asks for that the run did not do. */
function requests({ spec, status }: Run): readonly string[] {
  const skipped = new Set(status.steps.filter(({ outcome }) => outcome?.state === 'Skipped').map(({ id }) => id));
  const endedAt = status.finishedAt ?? 0;
  return [
    ...(spec.desiredState === 'Aborted' && status.abort === undefined ? ['Abort'] : []),
    ...(spec.desiredState === 'Paused' ? ['Pause'] : []),
    ...(spec.mode !== undefined && status.mode !== undefined && spec.mode !== status.mode ? [`Mode ${spec.mode}`] : []),
    ...(spec.abandon !== undefined && status.phase !== 'Abandoned' ? ['Abandon'] : []),
    ...spec.skips.filter(({ step }) => !skipped.has(step)).map(({ step }) => `Skip ${step}`),
    // One from before the end was heard, whatever became of it.
    ...spec.retries.filter(({ at }) => at > endedAt).map(({ step }) => `Retry ${step}`),
    ...spec.approvals.filter((one) => !isHeard(status, one)).map(({ gate }) => `Approve ${gate}`),
  ];
}
