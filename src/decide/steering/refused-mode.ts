import type { Mode } from '../../api/plan.ts';
import { pastNoReturn } from '../abort.ts';
import { abandonCommand, abortCommand } from '../commands.ts';
import type { Context } from '../context.ts';

/** Why the mode that is set now is not taken: the graph was laid out for the one that was decided, and is pinned. */
export function modeRefused(ctx: Context): string | undefined {
  const { mode: decided } = ctx.status;
  const { mode: asked } = ctx.run.spec;
  if (asked === undefined || decided === undefined || asked === decided) return undefined;
  return `This Run is ${decided}, and its steps are laid out for that: it does not change its mode. ${startAgain(ctx, asked)}`;
}

/** How a person comes to a run of another mode, from where this one is. */
export function startAgain(ctx: Context, mode: Mode): string {
  const { status, run, source, target } = ctx;
  if (pastNoReturn(status)) {
    return 'It can no longer be aborted, either: do what its waiting steps ask for, or fail back once it is over.';
  }
  const then =
    run.spec.origin === 'Person'
      ? `then make the next Run with mode: ${mode} in its spec.`
      : `then set failover.mode of the plan to ${mode}, and activeRegion to ${source} and again to ${target}.`;
  if (status.abort !== undefined) {
    return `It is being aborted; where that does not end, for ${source} cannot be reached, abandon it (${abandonCommand(ctx)}); ${then}`;
  }
  return `Abort it (${abortCommand(ctx)}), which takes back what it began; ${then}`;
}
