import type { RunStatus } from '../api/run.ts';

/** How a Run that went through its whole graph ended, by what was seen: not everything that succeeded was done. */
export interface Ending {
  /** In Observe, and in what else only pretends. */
  readonly changedNothing: boolean;
  /** Databases whose way back ended without anybody seeing them stream again. */
  readonly unprotected: readonly string[];
  readonly hasDatabases: boolean;
}

export function endingOf({ steps }: RunStatus): Ending {
  const protects = steps.filter(({ kind }) => kind === 'Protect');
  return {
    changedNothing: steps.some(({ outcome }) => outcome?.state === 'Pretended'),
    unprotected: protects.filter(({ outcome }) => outcome?.state !== 'Succeeded').map(({ subject = '' }) => subject),
    hasDatabases: protects.length > 0,
  };
}

/** The message of a Run in `Succeeded`. */
export function endingMessage(status: RunStatus): string {
  const { changedNothing, unprotected, hasDatabases } = endingOf(status);
  if (changedNothing) return 'Decided and reported; nothing was changed.';
  if (unprotected.length > 0) return `Recovered; not seen protected again: ${unprotected.join(', ')}.`;
  return hasDatabases ? 'Recovered and protected again.' : 'Recovered.';
}
