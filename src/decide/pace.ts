import type { RunStatus } from '../api/run.ts';
import type { Need } from './facts.ts';
import { isTerminalPhase } from './phases.ts';

/**
 * On the critical path what can only be polled is polled this often, ms: soon after something moved, for the next is often
 * done in a moment, and then less and less; after it, less; waiting for a person, least.
 */
const soonMs = 100;
const criticalMs = 250;
const reconstitutionMs = 1_000;
const personMs = 2_000;

export interface PaceInput {
  /** Wall ms. */
  readonly now: number;
  readonly status: RunStatus;
  readonly wakes: readonly number[];
  /** A step was done in this pass: what it opened wants its facts at once. */
  readonly moved: boolean;
  readonly needs: readonly Need[];
}

/** When to look again, if nothing wakes it before. */
export function paceOf({ now, status, wakes, moved, needs }: PaceInput): { readonly wakeAfterMs?: number } {
  if (isTerminalPhase(status.phase)) return {};
  if (moved) return { wakeAfterMs: 0 };
  const poll = needs.length === 0 ? [] : [pollMs(status, now)];
  const all = [...poll, ...wakes.filter((ms) => ms > 0)];
  return all.length === 0 ? {} : { wakeAfterMs: Math.min(...all) };
}

function pollMs({ steps, phase }: RunStatus, now: number): number {
  const active = steps.some(({ state }) => state === 'Running' || state === 'Blocked' || state === 'Undoing');
  if (!active) return personMs;
  if (phase === 'Reconstitution') return reconstitutionMs;
  const movedAt = steps.flatMap(({ since, intent, outcome }) => [since, intent?.at ?? 0, outcome?.at ?? 0]);
  const quietMs = now - Math.max(...movedAt);
  return Math.round(Math.min(criticalMs, Math.max(soonMs, quietMs / 4)));
}
