import { dataLoss as right } from '../../src/decide/rules/safety.ts';
import type { Gate } from '../../src/decide/rules/gate.ts';

/** Asks nobody about the loss. */
export const dataLoss: Gate = { ...right, check: () => undefined };
