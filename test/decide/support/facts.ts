import { known, unknown, type Fact, type UnknownWhy } from '../../../src/api/fact.ts';
import type { RegionHealth } from '../../../src/api/region.ts';
import type { EffectOutcome, Seen, Streak } from '../../../src/decide/facts.ts';
import type { CheckResult } from '../../../src/drivers/checks/driver.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import type { Ownership, TrafficAnswers, TrafficState } from '../../../src/drivers/traffic/driver.ts';
import type { JobState, WorkloadState } from '../../../src/drivers/workloads/driver.ts';
import type { ApplyResult } from '../../../src/drivers/outcome.ts';
import type { Instant } from '../../../src/ports/clock.ts';
import { east, west } from './plans.ts';

/** Where the tests' time begins, wall ms. */
export const start = Date.UTC(2030, 0, 1);

/** `ms` after the beginning, both clocks going alike. */
export function at(ms: number, incarnation = 'first-life'): Instant {
  return { wall: start + ms, monotonic: ms, incarnation };
}

/** The time of facts where a test says nothing else. */
export const now = at(600_000);

/** `ms` before `now`. */
export function ago(ms: number): Instant {
  return at(600_000 - ms);
}

export const everyWhy: readonly UnknownWhy[] = [
  'Unreachable',
  'Forbidden',
  'Throttled',
  'Timeout',
  'Malformed',
  'NotAsked',
];

/** `generation`: of the Run for which it was asked; `aRun` is in its first. */
export function seen<T>(
  value: T,
  when: Instant = now,
  streaks: Readonly<Record<string, Streak>> = {},
  // As the plans of these tests, and above their Runs'.
  generation = 3,
): Seen<T> {
  return { fact: known(value, when, generation), streaks };
}

export function lost<T>(why: UnknownWhy = 'Unreachable', since: Instant = now): Seen<T> {
  const fact: Fact<T> = unknown(why, `the reason for ${why}`, since);
  return { fact, streaks: {} };
}

export function streak(value: string, count: number, since: Instant = ago(60_000)): Streak {
  return { value, count, since };
}

/** A row of looks that found nobody. */
export const quiet = { quiet: streak('quiet', 2) };
export const silent = (ms: number): Readonly<Record<string, Streak>> => ({ receiver: streak('0/5000@1', 9, ago(ms)) });
export const green = (count: number, since: Instant = ago(60_000)): Readonly<Record<string, Streak>> => ({
  ok: streak('ok', count, since),
});

export function aPrimary(over: Partial<DatabaseState> = {}): DatabaseState {
  return {
    role: 'Primary',
    systemIdentifier: '7001',
    timeline: 1,
    checkpointTimeline: 1,
    position: '0/5000',
    slots: [{ name: 'to_west', active: true, walStatus: 'reserved' }],
    fence: { present: false },
    highestEpoch: 0,
    enabledRoles: ['shop'],
    applicationSessions: 2,
    otherSessions: 0,
    fenceObstacles: [],
    missingRights: [],
    replayObstacles: [],
    commitObstacles: [],
    ...over,
  };
}

export function aStandby(over: Partial<DatabaseState> = {}): DatabaseState {
  return aPrimary({
    role: 'Replica',
    received: '0/5000',
    receiver: { streaming: true, latestEndAt: start },
    slots: [],
    applicationSessions: 0,
    ...over,
  });
}

/** Fenced by `epoch`, seen from outside: nobody can log in, nobody is left. */
export function fenced(epoch: number, over: Partial<DatabaseState> = {}): DatabaseState {
  return aPrimary({
    fence: { present: true, epoch, restores: ['shop'], sealed: true },
    highestEpoch: epoch,
    enabledRoles: [],
    applicationSessions: 0,
    ...over,
  });
}

/** Promoted at 0/5000, and still closed by the fence that came over with the replication. */
export function promoted(over: Partial<DatabaseState> = {}): DatabaseState {
  return aPrimary({ timeline: 2, switchpoint: '0/5000', applicationSessions: 0, ...over });
}

export function scaled(replicas: number, over: Partial<Extract<WorkloadState, { exists: true }>> = {}): WorkloadState {
  return {
    exists: true,
    wanted: replicas,
    ready: replicas,
    pods: replicas,
    settled: true,
    obstacles: [],
    ...over,
  };
}

export const absent = { exists: false } as const;

export function aJob(state: Extract<JobState, { exists: true }>['state'], message = 'told so'): JobState {
  return { exists: true, state, message };
}

export const unclaimed: Ownership = { kind: 'Unclaimed' };
export function mine(epoch: number, region: string, runUid = 'run-uid'): Ownership {
  return { kind: 'Mine', epoch, region, runUid };
}
export const foreign: Ownership = { kind: 'Foreign', identityHash: 'abc', epoch: 9 };
export const conflict: Ownership = { kind: 'Conflict', detail: 'external-dns owns it' };

export function listed(
  region: string,
  ownership: Ownership = unclaimed,
  over: Partial<TrafficState> = {},
): TrafficState {
  return {
    ownership,
    points: { kind: 'Region', region },
    liveTtl: 20,
    nameServers: ['ns1', 'ns2'],
    listed: `listed at ${region}`,
    ...over,
  };
}

type Answer = TrafficAnswers['servers'][number]['answers'];
export const silentAnswer: Answer = { kind: 'Silent', detail: 'no answer in time' };
export const otherAnswer: Answer = { kind: 'Other' };
export const answer = (region: string): Answer => ({ kind: 'Region', region });

/** One server for each answer. */
export function answers(given: readonly Answer[], inSync?: boolean, ownership?: Ownership): TrafficAnswers {
  const servers = given.map((one, index) => ({
    name: `ns${String(index + 1)}`,
    answers: one,
    ...(ownership === undefined ? {} : { ownership }),
  }));
  return inSync === undefined ? { servers } : { servers, inSync };
}

export const isGreen: CheckResult = { ok: true, detail: 'status 200' };
export const isRed: CheckResult = { ok: false, detail: 'status 503' };

export const alive: RegionHealth = { clusterUid: 'cluster-uid' };

export function ended(result: ApplyResult, when: Instant = now): EffectOutcome {
  return { state: 'Ended', result, endedAt: when };
}
export const accepted = (when: Instant = now, detail?: string): EffectOutcome =>
  ended(detail === undefined ? { kind: 'Accepted' } : { kind: 'Accepted', detail }, when);
export const refused = (when: Instant = now, code = 'Busy', message = 'come back later'): EffectOutcome =>
  ended({ kind: 'Refused', code, message }, when);
export const outcomeUnknown = (when: Instant = now): EffectOutcome =>
  ended({ kind: 'OutcomeUnknown', detail: 'the reply was lost' }, when);
export const inFlight: EffectOutcome = { state: 'InFlight' };

/** `orders@us-east-1` and the like. */
export const inEast = (name: string): string => `${name}@${east}`;
export const inWest = (name: string): string => `${name}@${west}`;
