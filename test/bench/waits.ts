import type { StageOptions } from '../scenarios/stage.ts';
import type { Waits } from '../scenarios/world.ts';

/** What the world makes whoever moves the platform wait for, in both of the runs that are compared. Nothing else takes time. */
export const waits = {
  /** A worker that finishes what it has begun. */
  podStopMs: 10_000,
  /** A standby that replays, ends recovery and writes its checkpoint. */
  promoteMs: 20_000,
  /** Pulling an image, starting, becoming ready. */
  podReadyMs: 30_000,
  /** From a change of the zone to its slowest server. */
  nameServersMs: [8_000, 15_000],
  insyncMs: 15_000,
} as const satisfies Waits;

export const soakMs = 30_000;
export const ttlSeconds = 30;

export function worldOf(databases: readonly string[]): StageOptions {
  return {
    databases,
    ttl: ttlSeconds,
    waits,
    timeline: false,
    latency: { thereMs: 0, backMs: 0, jitterMs: 0 },
    plan: { failover: { cooldown: '10m', drain: '30s', soak: `${String(soakMs / 1_000)}s` } },
  };
}

/**
 * The longest chain of those waits through the graph of DESIGN.md §2, planned: the worker stops, the databases are
 * promoted (all at once), the first wave was scaled in the meantime, the second becomes ready, the servers answer; to
 * health also the soak.
 */
export function longestChainMs(): number {
  const { podStopMs, promoteMs, podReadyMs, nameServersMs } = waits;
  const firstWave = Math.max(podReadyMs, podStopMs + promoteMs);
  return firstWave + podReadyMs + Math.max(...nameServersMs);
}
