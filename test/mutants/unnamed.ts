import type { rebuilt as right } from '../../src/decide/kinds/preservation.ts';
import { done } from '../../src/decide/judgement.ts';

/** It streams: that is all it asks. */
export const rebuilt: typeof right = (ctx, name) =>
  done('Succeeded', { what: `${name} streams`, at: ctx.facts.now.wall });
