import type { Attestation } from '../../api/run.ts';
import type { Context } from '../context.ts';
import { startAgain } from './refused-mode.ts';

export interface WordRefused {
  readonly reason: string;
  readonly message: string;
}

/**
 * Why an attestation counts for nothing, whatever is seen later. That its time is contradicted by what was seen is told
 * by the step that waits (kinds/fence.ts).
 */
export function attestationRefused({ target }: Attestation, ctx: Context): WordRefused | undefined {
  const names = attestable(ctx);
  if (target !== '*' && !names.includes(target)) {
    const which = names.length === 0 ? 'none' : `${names.join(', ')}. "*" is all of them`;
    const message = `No step of this Run asks whether ${target} is stopped; those that do are about: ${which}.`;
    return { reason: 'UnknownTarget', message };
  }
  if (ctx.status.mode !== 'Planned') return undefined;
  const rests =
    ctx.spec.databases.length === 0
      ? `waits until the workloads in ${ctx.source} are seen stopped`
      : `rests on the last position of ${ctx.source}, which no word can give`;
  const message = `A planned Run ${rests}: it takes no attestation. If that cannot be fenced any more, move as Forced. ${startAgain(ctx, 'Forced')}`;
  return { reason: 'PlannedNeedsProof', message };
}

/** Without a database what is fenced are the workloads that are stopped in the source. */
function attestable({ spec }: Context): readonly string[] {
  if (spec.databases.length > 0) return spec.databases.map(({ name }) => name);
  return spec.workloads.filter(({ quiesce }) => quiesce).map(({ name }) => name);
}
