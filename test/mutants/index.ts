import type { Mutant } from '../../scripts/break.ts';

/**
 * What `make demo BREAK=<name>` and `node scripts/build.ts --break <name> --outfile <path>` put in the place of one
 * function each. Each mutant must break its own invariant and no other.
 */
export const mutants: Readonly<Record<string, Mutant>> = {};
