import { known, unknown, type Fact, type Known, type Unknown, type UnknownWhy } from '../../../src/api/fact.ts';
import type { PlanSpec } from '../../../src/api/plan.ts';
import { nothingObserved, type Need, type Observed, type Seen, type Streak } from '../../../src/decide/facts.ts';
import type { Effect } from '../../../src/decide/judgement.ts';
import type { CheckResult } from '../../../src/drivers/checks/driver.ts';
import type { DatabaseState, Divergence } from '../../../src/drivers/databases/driver.ts';
import { compareLsn, formatLsn, parseLsn } from '../../../src/drivers/databases/lsn.ts';
import type { ApplyResult } from '../../../src/drivers/outcome.ts';
import type { TrafficState } from '../../../src/drivers/traffic/driver.ts';
import type { Autoscaler, JobState, WorkloadState } from '../../../src/drivers/workloads/driver.ts';
import type { Instant } from '../../../src/ports/clock.ts';
import { alive, aPrimary, aStandby, answer, answers, isGreen, listed, scaled } from './facts.ts';
import { east, west } from './plans.ts';

/**
 * Two regions as values: what looks would find, and what effects would do. No time, no I/O; a test changes the fields
 * and plays a run against them.
 */
export interface World {
  readonly spec: PlanSpec;
  readonly databases: Record<string, DatabaseState>;
  readonly workloads: Record<string, WorkloadState>;
  /** Of the target. */
  readonly autoscalers: Autoscaler[];
  readonly jobs: Record<string, JobState>;
  readonly records: Record<string, TrafficState>;
  readonly checks: Record<string, CheckResult>;
  readonly divergence: Divergence;
  /** What cannot be seen or reached, by prefix of its key: `db/orders@us-east-1`, `record/`, `region/us-east-1`. */
  readonly dark: Map<string, UnknownWhy>;
  /** Replication from one region's databases to the other's. */
  link: boolean;
  /** Everything that was ever done, in order: `Fence orders@us-east-1`. */
  readonly done: string[];
}

export function aWorld(spec: PlanSpec, active = east): World {
  const passive = active === east ? west : east;
  const world: World = {
    spec,
    databases: {},
    workloads: {},
    autoscalers: [],
    jobs: {},
    records: {},
    checks: {},
    divergence: { lostCommits: 0, postReturnCommits: 0 },
    dark: new Map(),
    link: true,
    done: [],
  };
  for (const { name } of spec.databases) {
    world.databases[`${name}@${active}`] = aPrimary();
    world.databases[`${name}@${passive}`] = aStandby();
  }
  for (const workload of spec.workloads) {
    const size = 'replicas' in workload.active ? workload.active.replicas : 6;
    world.workloads[`${workload.name}@${active}`] = scaled(size);
    world.workloads[`${workload.name}@${passive}`] = scaled(workload.standby.replicas);
  }
  for (const { name } of spec.traffic) world.records[name] = listed(active);
  return world;
}

/** The region and everything in it goes dark; its standby's receiver stands still. */
export function blackout(world: World, region: string): void {
  for (const { name } of world.spec.databases) world.dark.set(`db/${name}@${region}`, 'Unreachable');
  for (const { name } of world.spec.workloads) world.dark.set(`workload/${name}@${region}`, 'Unreachable');
  world.dark.set(`region/${region}`, 'Unreachable');
  world.link = false;
}

export function lightUp(world: World): void {
  world.dark.clear();
}

function darkness(world: World, key: string): UnknownWhy | undefined {
  return [...world.dark].find(([prefix]) => key.startsWith(prefix))?.[1];
}

function look<T>(world: World, key: string, value: T | undefined, when: Instant): Fact<T> {
  const why = darkness(world, key);
  if (why !== undefined) return unknown(why, `${key} is dark`, when);
  if (value === undefined) return unknown('Malformed', `${key} is not in this world`, when);
  return known(value, when);
}

/** Looks at what is needed; rows of equal looks go on from what was seen before. */
export function observe(
  world: World,
  needs: readonly Need[],
  { when, generation }: { readonly when: Instant; readonly generation: number },
  before: Observed,
): Observed {
  const seen: { -readonly [K in keyof Observed]: Record<string, Seen<unknown>> } = { ...nothingObserved };
  const put = <T>(family: keyof Observed, key: string, looked: Fact<T>, aspects: Aspects<T> = {}): void => {
    const had = before[family][key];
    const now = looked.known
      ? rowOf(had?.streaks ?? {}, { ...looked, generation }, aspects)
      : { fact: stillUnknown(had?.fact, looked), streaks: {} };
    seen[family] = { ...seen[family], [key]: now };
  };
  for (const need of needs) {
    switch (need.kind) {
      case 'Database': {
        const key = `${need.name}@${need.region}`;
        put('databases', key, look(world, `db/${key}`, world.databases[key], when), databaseAspects);
        break;
      }
      case 'Divergence': {
        const key = `${need.name}@${need.region}`;
        put('divergences', key, look(world, `db/${key}`, world.divergence, when));
        break;
      }
      case 'Workload': {
        const key = `${need.name}@${need.region}`;
        put('workloads', key, look(world, `workload/${key}`, world.workloads[key], when));
        break;
      }
      case 'Autoscalers':
        put('autoscalers', need.region, look(world, `workload/autoscalers@${need.region}`, world.autoscalers, when));
        break;
      case 'Job': {
        const key = `${need.name}@${need.region}`;
        put('jobs', key, look(world, `workload/${key}`, world.jobs[key] ?? { exists: false }, when));
        break;
      }
      case 'Record':
        put('records', need.name, look(world, `record/${need.name}`, world.records[need.name], when));
        break;
      case 'Heading':
        put('headings', need.name, look(world, `record/${need.name}`, world.records[need.name], when));
        break;
      case 'Answers':
        put('answers', need.name, look(world, `answers/${need.name}`, answered(world, need.name), when));
        break;
      case 'Dependency':
      case 'Smoke': {
        const key = need.kind === 'Dependency' ? `dependency/${need.name}` : `smoke/${need.name}@${need.region}`;
        put('checks', key, look(world, key, world.checks[key] ?? isGreen, when), checkAspects);
        break;
      }
      case 'Region':
      case 'Cluster':
        put('regions', need.region, look(world, `region/${need.region}`, alive, when));
        break;
      case 'Plan':
        break;
    }
  }
  // Each family was filled from looks of its own type above.
  return seen as Observed;
}

/** Since when, and what was seen before, as `Looks` remembers them. */
function stillUnknown(had: Fact<unknown> | undefined, looked: Unknown<unknown>): Unknown<unknown> {
  if (had === undefined) return looked;
  if (had.known) return { ...looked, last: { value: had.value, at: had.at } };
  const last = had.last === undefined ? {} : { last: had.last };
  return { ...looked, since: had.since, looked: looked.since, ...last };
}

function answered(world: World, name: string): ReturnType<typeof answers> | undefined {
  const record = world.records[name];
  if (record?.points.kind !== 'Region') return undefined;
  const there = answer(record.points.region);
  return answers([there, there], true, record.ownership);
}

type Aspects<T> = Readonly<Record<string, (value: T) => string>>;

const databaseAspects: Aspects<DatabaseState> = {
  receiver: (state) => `${state.received ?? ''}@${String(state.receiver?.latestEndAt ?? '')}`,
  quiet: (state) => (state.enabledRoles.length === 0 && state.applicationSessions === 0 ? 'quiet' : 'open'),
};
const checkAspects: Aspects<CheckResult> = { ok: (result) => (result.ok ? 'ok' : 'red') };

function rowOf<T>(before: Readonly<Record<string, Streak>>, fact: Known<T>, aspects: Aspects<T>): Seen<T> {
  const streaks = Object.entries(aspects).map(([name, read]) => {
    const value = read(fact.value);
    const had = before[name];
    return [name, had?.value === value ? { ...had, count: had.count + 1 } : { value, since: fact.at, count: 1 }];
  });
  return { fact, streaks: Object.fromEntries(streaks) as Record<string, Streak> };
}

interface Mark {
  readonly epoch: number;
  readonly token: string;
}

/** Does it, as the actuators promise: idempotent, answered, seen by the next look. */
export function perform(world: World, effect: Effect, mark: Mark): ApplyResult {
  const { epoch } = mark;
  switch (effect.kind) {
    case 'Database':
      return performOnDatabase(world, effect, mark);
    case 'Scale': {
      const key = `${effect.workload}@${effect.region}`;
      if (darkness(world, `workload/${key}`) !== undefined) return gone(key);
      world.workloads[key] = scaled(effect.replicas);
      world.done.push(`Scale ${key} to ${String(effect.replicas)}`);
      return { kind: 'Accepted' };
    }
    case 'Traffic': {
      const record = world.records[effect.record];
      if (record === undefined || darkness(world, `record/${effect.record}`) !== undefined) return gone(effect.record);
      if (record.listed !== effect.action.listed) {
        return { kind: 'Refused', code: 'Moved', message: 'it is not what was listed' };
      }
      const ownership = { kind: 'Mine', epoch, region: effect.action.to, runUid: 'run-uid' } as const;
      world.records[effect.record] = listed(effect.action.to, ownership);
      world.done.push(`${effect.action.kind} ${effect.record} to ${effect.action.to}`);
      return { kind: 'Accepted' };
    }
    case 'Job': {
      const key = `${effect.database}@${effect.region}`;
      const job = `${effect.job}@${effect.region}`;
      if (darkness(world, `workload/${job}`) !== undefined) return gone(job);
      const primary = world.databases[`${effect.database}@${effect.region === east ? west : east}`];
      if (primary === undefined) return gone(key);
      world.jobs[job] = { exists: true, state: 'Succeeded', message: 'rebuilt', preservedAt: '/kept' };
      world.link = true;
      world.databases[key] = aStandby({ timeline: primary.timeline, position: primary.position });
      world.done.push(`Job ${job}`);
      return { kind: 'Accepted' };
    }
  }
}

const gone = (key: string): ApplyResult => ({ kind: 'OutcomeUnknown', detail: `${key} did not answer` });

function performOnDatabase(
  world: World,
  effect: Extract<Effect, { kind: 'Database' }>,
  { epoch, token }: Mark,
): ApplyResult {
  const key = `${effect.database}@${effect.region}`;
  const state = world.databases[key];
  if (state === undefined || darkness(world, `db/${key}`) !== undefined) return gone(key);
  const write = (over: Partial<DatabaseState>, bytes = 16n): string => {
    const position = formatLsn(parseLsn(state.position) + bytes);
    world.databases[key] = { ...state, position, ...over };
    replicate(world, effect.database, effect.region);
    return position;
  };
  world.done.push(`${effect.action} ${key}`);
  switch (effect.action) {
    case 'Fence':
      write({
        fence: { present: true, epoch, restores: ['shop'], sealed: true },
        highestEpoch: Math.max(epoch, state.highestEpoch),
        enabledRoles: [],
        applicationSessions: 0,
      });
      return { kind: 'Accepted' };
    case 'Unfence':
    case 'Open':
      write({ fence: { present: false }, enabledRoles: ['shop'], highestEpoch: Math.max(epoch, state.highestEpoch) });
      return { kind: 'Accepted' };
    case 'Promote':
      if (state.role === 'Replica') {
        const { receiver: _ended, received: _over, ...rest } = state;
        const slots = [{ name: 'to_east', active: true, walStatus: 'reserved' }];
        world.databases[key] = {
          ...rest,
          role: 'Primary',
          timeline: state.timeline + 1,
          switchpoint: state.position,
          slots,
        };
      }
      return { kind: 'Accepted' };
    case 'Checkpoint':
      write({ checkpointTimeline: state.timeline });
      return { kind: 'Accepted' };
    case 'Probe':
      return state.role === 'Primary' && !state.fence.present
        ? { kind: 'Accepted' }
        : { kind: 'Refused', code: '28000', message: 'role "shop" is not permitted to log in' };
    case 'Announce':
      return {
        kind: 'Accepted',
        detail: write({ announced: token, highestEpoch: Math.max(epoch, state.highestEpoch) }),
      };
  }
}

/** What the primary has, its standby gets, while the link is there and both are of one timeline. */
export function replicate(world: World, database: string, from: string): void {
  const primary = world.databases[`${database}@${from}`];
  const key = `${database}@${from === east ? west : east}`;
  const standby = world.databases[key];
  if (!world.link || primary?.role !== 'Primary' || standby?.role !== 'Replica') return;
  if (standby.timeline !== primary.timeline || compareLsn(standby.position, primary.position) > 0) return;
  const { position, fence, highestEpoch, announced, enabledRoles } = primary;
  const heard = announced === undefined ? {} : { announced };
  world.databases[key] = { ...standby, position, received: position, fence, highestEpoch, enabledRoles, ...heard };
}
