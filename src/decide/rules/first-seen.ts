import type { Evidence } from '../../api/run.ts';
import type { Context } from '../context.ts';

/**
 * A spec does not say when it was set, nor by whom (the API server does: `--show-managed-fields`). What the first pass
 * that saw it wrote down is kept, whichever step it was written to.
 */
export function firstSeen({ status, facts }: Context, reason: string, what: string): Evidence {
  const told = status.steps.flatMap(({ outcome, waitsFor }) =>
    outcome === undefined && waitsFor?.reason === reason ? waitsFor.evidence : [],
  );
  return { what, at: Math.min(facts.now.wall, ...told.map((one) => one.at)) };
}
