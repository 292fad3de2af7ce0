import { paused as right } from '../../src/decide/rules/safety.ts';
import type { Gate } from '../../src/decide/rules/gate.ts';

/** Goes on whoever says wait. */
export const paused: Gate = { ...right, check: () => undefined };
