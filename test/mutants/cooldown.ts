import { cooldown as right } from '../../src/decide/rules/approval.ts';
import type { Gate } from '../../src/decide/rules/gate.ts';

/** Goes to and fro as it is told. */
export const cooldown: Gate = { ...right, check: () => undefined };
