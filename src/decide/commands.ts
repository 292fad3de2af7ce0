import { formatDuration } from '../api/duration.ts';
import { shellWord } from '../api/shell-word.ts';
import { formatTime } from '../api/time.ts';
import type { Context } from './context.ts';

/** Commands that a person can paste. Kept in one place, for a scenario executes each of them. */

function patchRun(ctx: Context, spec: unknown): string {
  return patch('drrun', ctx.run, spec);
}

/** People's own words are repeated in it: whatever they wrote, a shell is to take it for one word. */
function patch(resource: string, object: { readonly namespace: string; readonly name: string }, spec: unknown): string {
  const words = ['kubectl', 'patch', resource, object.name, '-n', object.namespace, '--type=merge', '-p'];
  return [...words, JSON.stringify({ spec })].map(shellWord).join(' ');
}

/** Lists are atomic in a merge patch, so what is already recorded is repeated. */
export function approveCommand(ctx: Context, gate: string, evidenceHash: string): string {
  const others = ctx.run.spec.approvals.filter((a) => a.gate !== gate || a.evidenceHash !== evidenceHash);
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
  const max = formatDuration(Math.ceil(maxMs / 1000) * 1000);
  return patchRun(ctx, { acceptDataLoss: { max, by: 'YOUR-NAME', reason: 'YOUR-REASON' } });
}

export function modeCommand(ctx: Context, mode: string): string {
  return patchRun(ctx, { mode });
}

/** Takes back what was begun, as long as nothing irreversible was. */
export function abortCommand(ctx: Context): string {
  return patchRun(ctx, { desiredState: 'Aborted' });
}

/** Ends the Run where it stands: nothing more is done, and nothing taken back. */
export function abandonCommand(ctx: Context): string {
  return patchRun(ctx, { abandon: { by: 'YOUR-NAME', reason: 'YOUR-REASON' } });
}

/** Lists are atomic in a merge patch, so what is already recorded is repeated. */
export function skipCommand(ctx: Context, step: string): string {
  const others = ctx.run.spec.skips.filter((skip) => skip.step !== step);
  return patchRun(ctx, { skips: [...others, { step, by: 'YOUR-NAME', reason: 'YOUR-REASON' }] });
}

export function retryCommand(ctx: Context, step: string): string {
  const others = ctx.run.spec.retries.map((retry) => ({ ...retry, at: formatTime(retry.at) }));
  const retry = { step, at: 'UTC-TIME-NOW', by: 'YOUR-NAME', reason: 'WHAT-YOU-MENDED' };
  return patchRun(ctx, { retries: [...others, retry] });
}

/** Nothing of what only the old primary has need be kept. */
export function discardCommand(ctx: Context): string {
  return patchRun(ctx, { discardDiverged: { by: 'YOUR-NAME', reason: 'YOUR-REASON' } });
}

export function takeoverCommand(ctx: Context, record: string): string {
  const others = ctx.run.spec.takeovers.filter((takeover) => takeover.record !== record);
  const takeover = { record, from: 'IDENTITY-OF-THE-OTHER-PLAN', by: 'YOUR-NAME', reason: 'YOUR-REASON' };
  return patchRun(ctx, { takeovers: [...others, takeover] });
}

export function resumeCommand(ctx: Context): string {
  return patchRun(ctx, { desiredState: 'Running' });
}

/** Out of band it is people who moved the platform: the field then says where it is. */
export function adoptCommand(plan: { readonly namespace: string; readonly name: string }, region: string): string {
  return patch('drplan', plan, { activeRegion: region });
}

/** For a Run that is out of date: its plan then looks anew where the platform is. */
export function deleteCommand(ctx: Context): string {
  return `kubectl delete drrun ${ctx.run.name} -n ${ctx.run.namespace}`;
}
