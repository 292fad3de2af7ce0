import type { Intent, StepStatus } from '../api/run.ts';
import { ageMs, type Instant } from '../ports/clock.ts';
import type { EffectOutcome, RunFacts } from './facts.ts';

/** `retryAt`, `waitMs`: when it is worth deciding again. */
export type IntentDecision =
  | { readonly kind: 'Send'; readonly intent: Intent }
  | {
      readonly kind: 'Hold';
      readonly why: string;
      readonly waitMs: number;
      readonly refused?: { readonly code: string; readonly message: string };
    };

const firstRetryMs = 500;
const longestRetryMs = 15_000;

/**
 * Whether an effect may be sent now. The rules, from design/KUBERNETES.md: an intent's holder never sends after
 * `notAfter`; a successor never sends again before `notAfter` + skew + request timeout, because until then the first
 * one may still arrive. What was accepted is asked for again only after `again` ms without being observed.
 */
export function decideIntent(
  step: StepStatus,
  action: Intent['action'],
  { again, found }: { readonly again: number; readonly found?: number },
  facts: RunFacts,
): IntentDecision {
  const previous = step.intent?.action === action ? step.intent : undefined;
  const room = Math.min(facts.limits.effectMs, facts.limits.leaseRemainingMs);
  if (room < facts.limits.effectMs / 4) return { kind: 'Hold', why: 'the lease is about to end', waitMs: 500 };
  if (previous === undefined) return { kind: 'Send', intent: next(step, action, { roomMs: room, found }, facts) };

  const outcome = facts.outcomes[previous.token];
  if (previous.holder !== facts.holder || outcome === undefined) {
    const free = previous.notAfter + facts.limits.skewMs + facts.limits.effectMs;
    if (facts.now.wall < free) {
      return { kind: 'Hold', why: `an attempt of ${previous.holder} may still arrive`, waitMs: free - facts.now.wall };
    }
    return { kind: 'Send', intent: next(step, action, { roomMs: room, found }, facts) };
  }
  if (outcome.state === 'InFlight') {
    return { kind: 'Hold', why: 'the request is on its way', waitMs: facts.limits.effectMs };
  }

  const backoff = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(10, previous.attempt - 1));
  const pause = outcome.result.kind === 'Accepted' ? again : backoff;
  const since = ageMs(facts.now, outcome.endedAt);
  if (since < pause) {
    const left = { kind: 'Hold', why: describe(outcome.result), waitMs: pause - since } as const;
    return outcome.result.kind === 'Refused' ? { ...left, refused: outcome.result } : left;
  }
  return { kind: 'Send', intent: next(step, action, { roomMs: room, found }, facts) };
}

type Ended = Extract<EffectOutcome, { state: 'Ended' }>;

/** How this life's last attempt at the step ended; undefined while it is on its way, and for another life's. */
export function endedAttempt({ intent }: StepStatus, facts: RunFacts): Ended | undefined {
  const outcome = intent?.holder === facts.holder ? facts.outcomes[intent.token] : undefined;
  return outcome?.state === 'Ended' ? outcome : undefined;
}

/** A look that began before the reply was there shows the world as it may have been without the attempt. */
export function beganAfter(look: { readonly at: Instant }, { endedAt }: Ended): boolean {
  return look.at.incarnation === endedAt.incarnation && look.at.monotonic >= endedAt.monotonic;
}

/**
 * For how many ms from now what this step sent last may still arrive: until then its absence proves nothing. 0 when it
 * was answered, by yes or no, or nothing was sent.
 */
export function mayArriveMs(step: StepStatus, facts: RunFacts): number {
  const { intent } = step;
  if (intent === undefined) return 0;
  const ended = endedAttempt(step, facts);
  if (ended !== undefined && ended.result.kind !== 'OutcomeUnknown') return 0;
  return Math.max(0, intent.notAfter + facts.limits.skewMs + facts.limits.effectMs - facts.now.wall);
}

function describe(result: { readonly kind: string; readonly message?: string; readonly detail?: string }): string {
  return `${result.kind}: ${result.message ?? result.detail ?? 'waiting to see it'}`;
}

interface Attempt {
  readonly roomMs: number;
  readonly found: number | undefined;
}

function next(step: StepStatus, action: Intent['action'], { roomMs, found }: Attempt, facts: RunFacts): Intent {
  const was = step.intent === undefined ? found : step.intent.found;
  const previous = step.intent?.action === action ? step.intent : undefined;
  const attempt = (previous?.attempt ?? 0) + 1;
  return {
    token: `${facts.run.name}/${step.id}/${action}/${String(attempt)}`,
    action,
    holder: facts.holder,
    at: facts.now.wall,
    notAfter: facts.now.wall + roomMs,
    attempt,
    firstAt: previous?.firstAt ?? facts.now.wall,
    ...(was === undefined ? {} : { found: was }),
  };
}
