import { evidenceFresh as right } from '../../src/decide/rules/safety.ts';
import type { Gate } from '../../src/decide/rules/gate.ts';

/** Moves the name on what was seen while other steps were still waited for. */
export const evidenceFresh: Gate = { ...right, applies: (step) => step.kind !== 'Shift' && right.applies(step) };
