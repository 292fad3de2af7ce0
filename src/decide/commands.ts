import { formatDuration } from '../api/duration.ts';
import type { TrafficRecord } from '../api/plan.ts';
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
  return patchRun(ctx, { acceptDataLoss: acceptance(maxMs) });
}

/** In seconds, as the message says it, where the CRD's form of a duration has room for that: it takes five digits. */
function acceptance(maxMs: number): unknown {
  const seconds = Math.ceil(maxMs / 1000);
  const max = seconds > 99_999 ? formatDuration(seconds * 1000) : `${String(seconds)}s`;
  return { max, by: 'YOUR-NAME', reason: 'YOUR-REASON' };
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
  return patchRun(ctx, { skips: skipsWith(ctx, step) });
}

/**
 * A promotion is only skipped with an acceptance on record: where there is none, both words are one patch, for the skip
 * alone would be refused and the same command printed again.
 */
export function leaveBehindCommand(ctx: Context, step: string, maxMs: number): string {
  const accepted = ctx.run.spec.acceptDataLoss !== undefined;
  return patchRun(ctx, {
    skips: skipsWith(ctx, step),
    ...(accepted ? {} : { acceptDataLoss: acceptance(maxMs) }),
  });
}

function skipsWith(ctx: Context, step: string): readonly unknown[] {
  const others = ctx.run.spec.skips.filter((skip) => skip.step !== step);
  return [...others, { step, by: 'YOUR-NAME', reason: 'YOUR-REASON' }];
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
  // What was recorded stays, with its mistakes: one that named another plan is answered by one more.
  const takeover = { record, from: 'IDENTITY-OF-THE-OTHER-PLAN', by: 'YOUR-NAME', reason: 'YOUR-REASON' };
  return patchRun(ctx, { takeovers: [...ctx.run.spec.takeovers, takeover] });
}

export function resumeCommand(ctx: Context): string {
  return patchRun(ctx, { desiredState: 'Running' });
}

/** Out of band it is people who moved the platform: the field then says where it is. */
export function adoptCommand(plan: { readonly namespace: string; readonly name: string }, region: string): string {
  return patch('drplan', plan, { activeRegion: region });
}

/**
 * What there is of a kind in the plan's namespace of a region. The context is supposed to be called as the region is, as
 * in the runbook (view/runbook/guide.ts): the operator knows none of the person's names.
 */
export function listCommand(ctx: Context, region: string, resources: string): string {
  return ['kubectl', '--context', region, '-n', ctx.run.namespace, 'get', resources].map(shellWord).join(' ');
}

/** Whether a database's server takes connections: PostgreSQL's own question, which needs no password. */
export function isReadyCommand({ host, port }: { readonly host: string; readonly port: number }): string {
  return ['pg_isready', '-h', host, '-p', String(port)].map(shellWord).join(' ');
}

/** What one name server answers for a record, as it answers everybody. */
export function digCommand({ recordName, type }: TrafficRecord, server: string): string {
  return ['dig', `@${server}`, recordName, type, '+norecurse', '+short'].map(shellWord).join(' ');
}

/** For a Run that is out of date: its plan then looks anew where the platform is. */
export function deleteCommand(ctx: Context): string {
  return `kubectl delete drrun ${ctx.run.name} -n ${ctx.run.namespace}`;
}
