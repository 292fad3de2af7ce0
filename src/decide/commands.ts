import { formatTime } from '../api/time.ts';
import type { Context } from './context.ts';

/** Commands that a person can paste. Kept in one place, for a scenario executes each of them. */

function patchRun(ctx: Context, spec: unknown): string {
  return `kubectl patch drrun ${ctx.run.name} -n ${ctx.run.namespace} --type=merge -p '${JSON.stringify({ spec })}'`;
}

/** Lists are atomic in a merge patch, so what is already recorded is repeated. */
export function approveCommand(ctx: Context, gate: string, evidenceHash: string): string {
  const others = ctx.run.spec.approvals.filter((a) => a.gate !== gate);
  const approvals = [...others, { gate, by: 'YOUR-NAME', reason: 'YOUR-REASON', evidenceHash }];
  return patchRun(ctx, { approvals });
}

export function attestCommand(ctx: Context, target: string): string {
  const others = ctx.run.spec.attestations.filter((a) => a.target !== target);
  const recorded = others.map((a) => ({ ...a, at: formatTime(a.at) }));
  const attestation = { target, kind: 'Fenced', at: 'UTC-TIME-IT-STOPPED', by: 'YOUR-NAME', reason: 'HOW-YOU-KNOW' };
  return patchRun(ctx, { attestations: [...recorded, attestation] });
}

export function acceptLossCommand(ctx: Context, maxMs: number): string {
  return patchRun(ctx, {
    acceptDataLoss: { max: `${String(Math.ceil(maxMs / 1000))}s`, by: 'YOUR-NAME', reason: 'YOUR-REASON' },
  });
}

export function modeCommand(ctx: Context, mode: string): string {
  return patchRun(ctx, { mode });
}

/** Takes back what was begun, as long as nothing irreversible was. */
export function abortCommand(ctx: Context): string {
  return patchRun(ctx, { desiredState: 'Aborted' });
}

/** For a Run that is out of date: its plan then looks anew where the platform is. */
export function deleteCommand(ctx: Context): string {
  return `kubectl delete drrun ${ctx.run.name} -n ${ctx.run.namespace}`;
}
