import type { Skip } from '../../src/api/run.ts';

/** Leaves nothing out. */
export function skipOf(): Skip | undefined {
  return undefined;
}
