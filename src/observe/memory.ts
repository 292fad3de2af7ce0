import type { HttpCheck } from '../api/plan.ts';
import type { RegionHealth } from '../api/region.ts';
import type { Need, Observed, Seen } from '../decide/facts.ts';
import type { CheckResult } from '../drivers/checks/driver.ts';
import type { DatabaseState, Divergence } from '../drivers/databases/driver.ts';
import type { TrafficAnswers, TrafficHeading, TrafficState } from '../drivers/traffic/driver.ts';
import type { Autoscaler, JobState, WorkloadState } from '../drivers/workloads/driver.ts';
import { createLooks, type LookOptions, type Looks } from './looks.ts';

/** The HTTP probes of each region, by its name. */
export type Probes = Readonly<Record<string, readonly HttpCheck[]>>;

/** What one plan or run has seen so far, by what was looked at. */
export interface Memory {
  readonly options: LookOptions;
  readonly recordReuseMs: number;
  readonly databases: Looks<DatabaseState>;
  readonly workloads: Looks<WorkloadState>;
  readonly headings: Looks<TrafficHeading>;
  moving: Moving | undefined;
}

/** What a plan that stays where it is never asks for: a thousand of them hold no maps of jobs and records. */
export interface Moving {
  readonly divergences: Looks<Divergence>;
  readonly autoscalers: Looks<readonly Autoscaler[]>;
  readonly jobs: Looks<JobState>;
  readonly records: Looks<TrafficState>;
  readonly answers: Looks<TrafficAnswers>;
  readonly checks: Looks<CheckResult>;
  readonly regions: Looks<RegionHealth>;
}

const databaseAspects = Object.freeze({
  receiver: (state: DatabaseState) => `${state.received ?? ''}@${String(state.receiver?.latestEndAt ?? '')}`,
  quiet: (state: DatabaseState) =>
    state.enabledRoles.length === 0 && state.applicationSessions === 0 ? 'quiet' : 'open',
});

/** How old an answer may be, ms, before it is asked for again: of records, and of where the records of plans at rest lead. */
interface Reuse {
  readonly recordReuseMs: number;
  readonly headingReuseMs: number;
}

export function createMemory(options: LookOptions, { recordReuseMs, headingReuseMs }: Reuse): Memory {
  return {
    options,
    recordReuseMs,
    databases: createLooks(options, databaseAspects),
    workloads: createLooks(options, {}),
    headings: createLooks({ ...options, reuseMs: headingReuseMs }, {}),
    moving: undefined,
  };
}

export function movingOf(memory: Memory): Moving {
  const { options, recordReuseMs } = memory;
  memory.moving ??= {
    divergences: createLooks(options, {}),
    autoscalers: createLooks(options, {}),
    jobs: createLooks(options, {}),
    records: createLooks({ ...options, reuseMs: recordReuseMs }, {}),
    answers: createLooks(options, {}),
    checks: createLooks(options, { ok: (result: CheckResult) => (result.ok ? 'ok' : 'red') }),
    regions: createLooks(options, {}),
  };
  return memory.moving;
}

/** Only what was asked for: a fact nobody asked about grows old unseen, and is not shown as if it were looked at. */
export function recall(memory: Memory, needs: readonly Need[], probes: Probes): Observed {
  const by = <T>(looks: Looks<T> | undefined, keys: readonly string[]): Readonly<Record<string, Seen<T>>> =>
    Object.fromEntries(
      keys.flatMap((key) => {
        const seen = looks?.seen(key);
        return seen === undefined ? [] : [[key, seen] as const];
      }),
    );
  const keys = (kind: Need['kind'], key: (need: Need) => readonly string[]): readonly string[] =>
    needs.filter((n) => n.kind === kind).flatMap(key);
  const at = (need: Need): readonly string[] =>
    'name' in need && 'region' in need ? [`${need.name}@${need.region}`] : [];
  const regional = (need: Need): readonly string[] => ('region' in need ? [need.region] : []);
  const named = (need: Need): readonly string[] => ('name' in need ? [need.name] : []);
  return {
    databases: by(memory.databases, keys('Database', at)),
    divergences: by(memory.moving?.divergences, keys('Divergence', at)),
    workloads: by(memory.workloads, keys('Workload', at)),
    autoscalers: by(memory.moving?.autoscalers, keys('Autoscalers', regional)),
    jobs: by(memory.moving?.jobs, keys('Job', at)),
    records: by(memory.moving?.records, keys('Record', named)),
    headings: by(memory.headings, keys('Heading', named)),
    answers: by(memory.moving?.answers, keys('Answers', named)),
    checks: by(memory.moving?.checks, [
      ...keys('Dependency', (need) => named(need).map((name) => `dependency/${name}`)),
      ...keys('Smoke', (need) => at(need).map((key) => `smoke/${key}`)),
      ...keys('Region', (need) =>
        'region' in need ? (probes[need.region] ?? []).map((p) => `probe/${need.region}/${p.name}`) : [],
      ),
    ]),
    regions: by(memory.moving?.regions, [...keys('Region', regional), ...keys('Cluster', regional)]),
  };
}
