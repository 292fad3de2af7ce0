import { abortCommand } from '../commands.ts';
import { hold } from '../context.ts';
import { abandonRefused } from '../steering/abandon.ts';
import { firstSeen } from './first-seen.ts';
import type { Gate } from './gate.ts';

/**
 * An abandonment is a record that nobody can take back. Refused before the fence, it would be obeyed at the fence's intent,
 * and leave the source closed with nothing promoted: so nothing is begun on it any more, and an abort ends the Run.
 */
export const abandonAsked: Gate = {
  reason: 'NothingFenced',
  before: 'Effect',
  applies: () => true,
  check(_step, ctx) {
    const { abandon } = ctx.run.spec;
    const refused = abandon === undefined ? undefined : abandonRefused(ctx.status);
    if (abandon === undefined || refused === undefined) return undefined;
    const asked = firstSeen(
      ctx,
      'NothingFenced',
      `abandoned by ${abandon.by} (claimed, unverified): ${abandon.reason}`,
    );
    return hold('NothingFenced', `A person abandons this Run. ${refused}`, [asked], abortCommand(ctx));
  },
};
