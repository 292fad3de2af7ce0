import type { Attestation, Refusal, Run, RunStatus } from '../../api/run.ts';
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
  const before = `It had ended before, as ${status.phase}: nothing more is done for it.`;
  const without = `It ended, as ${status.phase}, without resting on that: nothing more is done for it.`;
  const over = (message: string, asked: readonly string[]): readonly Refusal[] =>
    [...new Set(asked)]
      .filter((request) => !had.has(request))
      .map((request) => ({ request, reason: 'RunOver', message, at: now }));
  const fresh = [...over(before, requests(run)), ...over(without, unused(run))];
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

/**
 * Words for which nothing tells whether they came before the end: what the run did not rest on is refused in words that
 * are true of both, and what it did is answered by what it did.
 */
function unused({ spec, status }: Run): readonly string[] {
  return [
    ...(spec.mode !== undefined && status.mode === undefined ? [`Mode ${spec.mode}`] : []),
    ...spec.attestations.filter((one) => !restsOn(status, one)).map(({ target }) => `Attest ${target}`),
    ...(spec.acceptDataLoss !== undefined && !mayRestOnAcceptance(status) ? ['AcceptDataLoss'] : []),
    ...spec.takeovers.filter(({ record }) => !wasMoved(status, record)).map(({ record }) => `Takeover ${record}`),
    ...(spec.discardDiverged !== undefined && !mayRestOnDiscard(status) ? ['DiscardDiverged'] : []),
  ];
}

/** Of a record that this run moved, nothing tells from whom. */
function wasMoved({ steps }: RunStatus, record: string): boolean {
  return steps.some(
    ({ kind, subject, outcome }) => kind === 'Shift' && subject === record && outcome?.state === 'Succeeded',
  );
}

/** Rebuilt, and no copy is named of what diverged. */
function mayRestOnDiscard({ steps }: RunStatus): boolean {
  return steps.some(
    ({ kind, outcome }) =>
      kind === 'Rebuild' && outcome?.state === 'Succeeded' && outcome.evidence[0]?.value?.preservedAt === undefined,
  );
}

function restsOn({ steps }: RunStatus, { target, at }: Attestation): boolean {
  return steps.some(
    ({ kind, subject, outcome }) =>
      (kind === 'Fence' || kind === 'Quiesce') &&
      (target === '*' || target === subject) &&
      outcome?.state === 'Overridden' &&
      outcome.evidence[0]?.at === at,
  );
}

/** A promotion was sent, or left out, and no position that was reached said that it loses nothing. */
function mayRestOnAcceptance({ steps }: RunStatus): boolean {
  const reached = new Set(
    steps.filter((s) => s.kind === 'Position' && s.outcome?.state === 'Succeeded').map(({ subject }) => subject),
  );
  return steps.some(
    ({ kind, subject, intent, outcome }) =>
      kind === 'Promote' && (outcome?.state === 'Skipped' || (intent !== undefined && !reached.has(subject))),
  );
}
