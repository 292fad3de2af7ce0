import type { HttpExpectation, PlanSpec } from '../api/plan.ts';
import type { Need, Observed } from '../decide/facts.ts';
import type { Clock } from '../ports/clock.ts';
import { createMemory, movingOf, recall, type Memory, type Probes } from './memory.ts';
import type { Observers } from './observers.ts';

/** For which plan, and with whose rights, the looking is done. */
export interface Subject {
  readonly namespace: string;
  readonly generation: number;
  readonly spec: PlanSpec;
  /** Groups what belongs to one run or plan: its UID. */
  readonly key: string;
  /** AWS region whose rights serve the calls. */
  readonly awsRegion: string;
  readonly probes: Probes;
}

export interface GatherOptions {
  readonly clock: Clock;
  readonly observers: Observers;
  /** How long a pass waits for looks that are under way, ms; what is late wakes the next pass. */
  readonly graceMs: number;
  readonly reuseMs: number;
  /** The same for records: an account's control plane takes five requests a second, for all plans together. */
  readonly recordReuseMs: number;
  /** The same for where the records of plans at rest lead. */
  readonly headingReuseMs: number;
}

/** What one plan or run has seen so far, in this life of the process. */
export interface Gatherer {
  /** Looks at what is needed, all at once, and gives what is known when all are done or the grace is over. */
  gather(subject: Subject, needs: readonly Need[], signal: AbortSignal): Promise<Observed>;
}

/** `onLate`: something was seen that a pass no longer waited for. */
export function createGatherer(options: GatherOptions, onLate: () => void): Gatherer {
  const { clock, reuseMs, recordReuseMs, headingReuseMs } = options;
  let waiting = 0;
  const look = {
    clock,
    reuseMs,
    onLate: () => {
      if (waiting === 0) onLate();
    },
  };
  const memory = createMemory(look, { recordReuseMs, headingReuseMs });
  return {
    async gather(subject, needs, signal) {
      const asked = distinct(needs);
      const looks = asked.flatMap((need) => startLook({ observers: options.observers, memory, subject, signal }, need));
      waiting += 1;
      try {
        await settledOrGrace(clock, looks, options.graceMs);
      } finally {
        waiting -= 1;
      }
      return recall(memory, asked, subject.probes);
    },
  };
}

function distinct(needs: readonly Need[]): readonly Need[] {
  const byKey = new Map(needs.map((need) => [JSON.stringify(need), need]));
  return [...byKey.values()];
}

/** Whichever is first; the timer is taken back. */
async function settledOrGrace(clock: Clock, looks: readonly Promise<void>[], graceMs: number): Promise<void> {
  if (looks.length === 0) return;
  const timer = new AbortController();
  await new Promise<void>((resolve) => {
    clock.sleep(graceMs, timer.signal).then(resolve, () => {
      // All looks ended first.
    });
    void Promise.all(looks).then(() => {
      timer.abort(new Error('all seen'));
      resolve();
    });
  });
}

type Start<N extends Need> = (start: Starting, need: N) => readonly Promise<void>[];

/** What one look needs to begin. */
interface Starting {
  readonly observers: Observers;
  readonly memory: Memory;
  readonly subject: Subject;
  readonly signal: AbortSignal;
}

function startLook(start: Starting, need: Need): readonly Promise<void>[] {
  switch (need.kind) {
    case 'Database':
    case 'Divergence':
      return lookAtDatabase(start, need);
    case 'Workload':
      return lookAtWorkload(start, need);
    case 'Autoscalers': {
      const at = { namespace: start.subject.namespace, region: need.region };
      const { autoscalers } = start.observers;
      return [movingOf(start.memory).autoscalers.look(need.region, () => autoscalers.observe(at, start.signal))];
    }
    case 'Job': {
      const ref = { namespace: start.subject.namespace, region: need.region, name: need.name };
      return [
        movingOf(start.memory).jobs.look(`${need.name}@${need.region}`, () =>
          start.observers.jobs.observe(ref, start.signal),
        ),
      ];
    }
    case 'Record':
    case 'Heading':
    case 'Answers':
      return lookAtRecord(start, need);
    case 'Dependency':
    case 'Smoke':
      return lookAtCheck(start, need);
    case 'Cluster':
      return [lookAtCluster(start, need)];
    case 'Region':
      return lookAtRegion(start, need);
    case 'Plan':
      // Read by the controller itself, past its cache.
      return [];
  }
}

type NeedOf<K extends Need['kind']> = Extract<Need, { kind: K }>;

const lookAtDatabase: Start<NeedOf<'Database' | 'Divergence'>> = ({ observers, memory, subject, signal }, need) => {
  const { namespace, generation, spec } = subject;
  const database = spec.databases.find((d) => d.name === need.name);
  if (database === undefined) return [];
  const ref = { namespace, identity: spec.identity, generation, database, region: need.region };
  const key = `${need.name}@${need.region}`;
  const observer = observers.databases[database.kind];
  if (need.kind === 'Database') {
    if (need.once === true && memory.databases.seen(key) !== undefined) return [];
    const { othersMs } = need;
    const terms = othersMs === undefined ? ref : { ...ref, othersMs };
    return [memory.databases.look(key, () => observer.observe(terms, signal), need.since)];
  }
  return [movingOf(memory).divergences.look(key, () => observer.divergence(ref, need.switchpoint, signal))];
};

const lookAtWorkload: Start<NeedOf<'Workload'>> = ({ observers, memory, subject, signal }, { name, region }) => {
  const { namespace, generation, spec } = subject;
  const workload = spec.workloads.find((w) => w.name === name);
  if (workload === undefined) return [];
  const ref = { namespace, generation, workload, region };
  return [
    memory.workloads.look(`${name}@${region}`, () => observers.workloads[workload.target.kind].observe(ref, signal)),
  ];
};

const lookAtRecord: Start<NeedOf<'Record' | 'Heading' | 'Answers'>> = (
  { observers, memory, subject, signal },
  need,
) => {
  const { generation, spec, awsRegion } = subject;
  const record = spec.traffic.find((t) => t.name === need.name);
  if (record === undefined) return [];
  const ref = { identity: spec.identity, generation, record, regions: spec.regions, awsRegion };
  const observer = observers.traffic[record.kind];
  if (need.kind === 'Record') {
    const { kind: _kind, name, since, ...terms } = need;
    return [movingOf(memory).records.look(name, () => observer.observe({ ...ref, ...terms }, signal), since)];
  }
  if (need.kind === 'Heading') {
    const { name, since } = need;
    return [memory.headings.look(name, () => observer.heading(ref, since, signal), since)];
  }
  const { kind: _kind, name, once, ...terms } = need;
  if (once === true && movingOf(memory).answers.seen(name) !== undefined) return [];
  const servers = knownServers(memory, name);
  return [movingOf(memory).answers.look(name, () => observer.answers({ ...ref, ...terms }, servers, signal))];
};

const lookAtCheck: Start<NeedOf<'Dependency' | 'Smoke'>> = (start, need) => {
  const { spec } = start.subject;
  if (need.kind === 'Dependency') {
    const check = spec.dependencyChecks.find((c) => c.name === need.name);
    return check === undefined ? [] : [ask(start, `dependency/${need.name}`, check.http)];
  }
  const http = spec.smokeTests.find((s) => s.name === need.name)?.http[need.region];
  return http === undefined ? [] : [ask(start, `smoke/${need.name}@${need.region}`, http)];
};

function lookAtCluster(
  { memory, observers, signal }: Starting,
  { region }: NeedOf<'Cluster' | 'Region'>,
): Promise<void> {
  return movingOf(memory).regions.look(region, () => observers.regions.observe(region, signal));
}

const lookAtRegion: Start<NeedOf<'Region'>> = (start, need) => [
  lookAtCluster(start, need),
  ...(start.subject.probes[need.region] ?? []).map((probe) =>
    ask(start, `probe/${need.region}/${probe.name}`, probe.http),
  ),
];

function ask({ observers, memory, subject, signal }: Starting, key: string, http: HttpExpectation): Promise<void> {
  const ref = { key: `${subject.key}/${key}`, generation: subject.generation, http };
  return movingOf(memory).checks.look(key, () => observers.checks.check(ref, signal));
}

function knownServers(memory: Memory, record: string): readonly string[] {
  const fact = movingOf(memory).records.seen(record)?.fact;
  if (fact === undefined) return [];
  return fact.known ? fact.value.nameServers : (fact.last?.value.nameServers ?? []);
}
