import type { Evidence, StepStatus } from '../api/run.ts';
import type { Known } from '../api/fact.ts';
import type { DatabaseState } from '../drivers/databases/driver.ts';
import { beganAfter, endedAttempt } from './intents.ts';
import { seenAt, type Context } from './context.ts';
import type { Seen } from './facts.ts';

/** What of the proof is there. `missing` is empty only when every part was seen. */
export interface FenceProof {
  readonly proven: boolean;
  /** In words a person can act on. */
  readonly missing: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** How many observations in a row must find no session of an application role. */
const quietPasses = 2;

/**
 * fenced = this epoch's marker ∧ no application role can log in ∧ no session of one in consecutive passes ∧ no unlisted
 * writer ∧ the actuator saw the same from inside and made it durable (design/POSTGRESQL.md).
 */
export function fenceProof(
  step: StepStatus,
  ctx: Context,
  seen: Seen<DatabaseState>,
  fact: Known<DatabaseState>,
): FenceProof {
  const state = fact.value;
  const missing: string[] = [];
  if (!state.fence.present || state.fence.epoch !== ctx.run.spec.epoch) {
    missing.push(`the marker of epoch ${String(ctx.run.spec.epoch)} is not there`);
  }
  if (state.enabledRoles.length > 0) missing.push(`can still log in: ${state.enabledRoles.join(', ')}`);
  const quiet = seen.streaks.quiet;
  if (state.applicationSessions > 0) missing.push(`${String(state.applicationSessions)} application sessions are open`);
  else if (quiet?.value !== 'quiet' || quiet.count < quietPasses) missing.push('no session was seen only once');
  for (const obstacle of state.fenceObstacles) missing.push(`${obstacle.kind} ${obstacle.name}`);
  if (!sealedBefore(step, ctx, fact)) missing.push('the fence was not confirmed durable before this look');
  const what = `${step.subject ?? ''}@${step.region ?? ''}: ${missing.length === 0 ? 'fenced' : missing.join('; ')}`;
  return {
    proven: missing.length === 0,
    missing,
    evidence: [seenAt(fact, what, { lsn: state.position, timeline: state.timeline })],
  };
}

/** The last attempt was accepted, and this look began after that: its position then holds every commit before the fence. */
function sealedBefore(step: StepStatus, ctx: Context, fact: Known<DatabaseState>): boolean {
  const ended = step.intent?.action === 'Do' ? endedAttempt(step, ctx.facts) : undefined;
  return ended?.result.kind === 'Accepted' && beganAfter(fact, ended);
}
