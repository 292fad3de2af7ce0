import type { RunStatus } from '../../api/run.ts';
import { fenceIntended } from '../abort.ts';

/** Before anything was fenced an abort takes everything back, and is what is wanted. One that is stuck may be abandoned. */
export function abandonRefused(status: RunStatus): string | undefined {
  if (fenceIntended(status) || status.abort !== undefined) return undefined;
  return 'Nothing is fenced yet: set desiredState to Aborted, which takes back what was begun.';
}

/** The steps whose effect was asked for and not seen: what may still arrive, or is left half done. */
export function leftOpen(status: RunStatus): readonly string[] {
  return status.steps
    .filter((step) => step.intent !== undefined && (step.outcome === undefined || step.state === 'Undoing'))
    .map((step) => step.id);
}
