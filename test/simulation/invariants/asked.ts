import { lastVersion, type ObjectLog, type Version, type Wire } from '../object-log.ts';
import { phaseOf, stepIn, TERMINAL } from './reading.ts';

/** Something that a Run was asked for: as a refusal names it, and whether it was done. */
export interface Word {
  readonly request: string;
  readonly isDone: boolean;
}

interface Spec {
  readonly desiredState?: string;
  readonly mode?: string;
  readonly skips?: readonly { readonly step: string }[];
  readonly retries?: readonly { readonly step: string; readonly at: string }[];
}

export function isRefused({ status }: Version, request: string): boolean {
  const { refusals = [] } = status as { readonly refusals?: readonly Wire[] };
  return refusals.some((one) => one.request === request);
}

/** An abort, the mode, the steps that are to be left out or tried again. Of approvals their gates tell. */
export function wordsOf(log: ObjectLog): readonly Word[] {
  const version = lastVersion(log);
  if (version === undefined) return [];
  const { desiredState, mode, skips = [], retries = [] } = version.spec as Spec;
  const { status } = version;
  return [
    ...(desiredState === 'Aborted' ? [{ request: 'Abort', isDone: status.abort !== undefined }] : []),
    ...(mode === undefined ? [] : [{ request: `Mode ${mode}`, isDone: status.mode === mode }]),
    ...skips.map(({ step }) => ({
      request: `Skip ${step}`,
      isDone: stepIn(version, step)?.outcome?.state === 'Skipped',
    })),
    ...retries.map((retry) => ({ request: `Retry ${retry.step}`, isDone: isTried(log, version, retry) })),
  ];
}

/**
 * Done after it was asked for. Clocks differ: which came first is told by the versions, for the word has only its giver's
 * time. By that alone the operator tells one from after the end, which a clock that jumped may put before it.
 */
function isTried(log: ObjectLog, last: Version, { step, at }: { readonly step: string; readonly at: string }): boolean {
  const first = log.versions.find(({ spec }) =>
    ((spec as Spec).retries ?? []).some((one) => one.step === step && one.at === at),
  );
  if (TERMINAL.includes(phaseOf(first))) return true;
  return stepIn(first, step)?.outcome === undefined && stepIn(last, step)?.outcome !== undefined;
}
