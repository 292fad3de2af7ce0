import type { AuditEntry, JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import type { Witnessed } from '../../src/sandbox/models/postgresql/index.ts';
import type { AuditEntry as DnsEntry } from '../../src/sandbox/models/route53/index.ts';
import type { Attempt } from '../scenarios/clients.ts';
import { endState, type EndState } from '../scenarios/end-state.ts';
import { handRole, regionNames, serverName, type RegionName } from '../scenarios/names.ts';
import { planName } from '../scenarios/objects.ts';
import type { Stage } from '../scenarios/stage.ts';
import type { CallInfo, TraceEntry } from './kernel/index.ts';
import type { LogLine } from './ports/world.ts';
import { objectLogs, type ObjectLog } from './object-log.ts';

/** A change asked of a database server, beside what it is of. */
export interface SqlAct extends Witnessed {
  readonly database: string;
  readonly region: RegionName;
}

export interface DatabaseEnd {
  readonly role: 'Primary' | 'Replica' | 'Down';
  readonly rows: ReadonlySet<string>;
  /** How often it was promoted, over all timelines that it holds. */
  readonly switches: readonly { readonly timeline: number; readonly at: number }[];
}

export interface Look {
  readonly at: number;
  /** When its answer was there; absent: it never was. */
  readonly answeredAt?: number;
  readonly host: string;
  readonly kind: 'server' | 'divergence';
}

/** All that witnesses can say of a finished stage. Wall ms everywhere. */
export interface History {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly audit: readonly AuditEntry[];
  readonly dns: readonly DnsEntry[];
  /** The operator's and its Jobs'. */
  readonly sql: readonly SqlAct[];
  /** What people did at the servers, past the operator. */
  readonly byHand: readonly SqlAct[];
  readonly attempts: readonly Attempt[];
  readonly logs: readonly LogLine[];
  /** Each Run and plan as the API server held it, version by version, rebuilt from the audited bodies. */
  readonly runs: readonly ObjectLog[];
  readonly plans: readonly ObjectLog[];
  /** Of the plan that is judged; each has a server in each region. */
  readonly databases: readonly string[];
  readonly ends: Readonly<Record<string, DatabaseEnd>>;
  /** Rows of what rebuilds moved aside, by where it lies. */
  readonly kept: Readonly<Record<string, readonly string[]>>;
  readonly end: EndState;
  readonly mutations: readonly CallInfo[];
  /** Faults that struck, cuts, suspensions and jumps of clocks, in order. */
  readonly faults: readonly TraceEntry[];
  /** What can be read in the API servers now: Runs, plans, events, reports, as text. */
  readonly shown: string;
  /** The operator's reading statements, as they were asked. */
  readonly looks: readonly Look[];
  readonly told: Told;
}

/** What only the author of a history knows. */
export interface Told {
  /** The plan's and people's last words were answered and every fault was over at this wall ms; absent: it was not so. */
  readonly calmAt?: number;
  /** Every question of the status had been answered by a person at this wall ms. */
  readonly answeredAt?: number;
  /** The same history without the kill, or without the bad plan. */
  readonly undisturbed?: History;
  /** The same history with one operator instead of two. */
  readonly alone?: History;
  /** `api@us-east-1` -> replicas, before anything happened. */
  readonly initialReplicas?: Readonly<Record<string, number>>;
  /** Nothing is expected to change any more from this wall ms to the end. */
  readonly fixpointFrom?: number;
  /** The source region was unreachable for everybody from `from` to `to`. */
  readonly dark?: readonly { readonly region: RegionName; readonly from: number; readonly to: number }[];
  /** The name of a plan that is malformed or hung, beside the good one. */
  readonly badPlan?: string;
  readonly killPoint?: string;
}

const NOTED = /^(dies|stops|wall clock jumps)$/;

export function historyOf(stage: Stage, told: Told = {}): History {
  const { world, kernel } = stage;
  const plans = objectLogs(world.audit, 'disasterrecoveryplans');
  return {
    startedAt: stage.now() - kernel.now(),
    endedAt: stage.now(),
    audit: world.audit,
    dns: world.changes,
    sql: sqlOf(stage).filter(({ by }) => by !== handRole),
    byHand: sqlOf(stage).filter(({ by }) => by === handRole),
    attempts: world.clients.log,
    logs: stage.logs,
    runs: objectLogs(world.audit, 'disasterrecoveryruns'),
    plans,
    databases: databasesOf(plans),
    ends: endsOf(stage),
    kept: Object.assign({}, ...Object.values(world.postgresql).map((model) => model.kept())) as History['kept'],
    end: endState(stage),
    mutations: kernel.mutations(),
    faults: kernel.trace.filter(({ kind, label }) => kind === 'fault' || (kind === 'note' && NOTED.test(label))),
    looks: looksOf(stage),
    shown: shownOf(stage),
    told,
  };
}

/** A world may hold other plans' databases too. */
function databasesOf(plans: readonly ObjectLog[]): readonly string[] {
  const own = plans.filter(({ name }) => name === planName).flatMap(({ versions }) => versions);
  const named = own.flatMap(({ spec }) => {
    const { databases = [] } = spec as { readonly databases?: readonly { readonly name: string }[] };
    return databases.map(({ name }) => name);
  });
  return [...new Set(named)];
}

function sqlOf({ world }: Stage): readonly SqlAct[] {
  return Object.entries(world.postgresql)
    .flatMap(([database, model]) =>
      model.witnessed.map((seen): SqlAct => ({ ...seen, database, region: regionOf(database, seen.server) })),
    )
    .sort((a, b) => a.at - b.at);
}

function regionOf(database: string, server: string): RegionName {
  const found = regionNames.find((region) => serverName(database, region) === server);
  if (found === undefined) throw new Error(`${server} is no server of ${database}`);
  return found;
}

function looksOf(stage: Stage): readonly Look[] {
  const { kernel } = stage;
  const startedAt = stage.now() - kernel.now();
  const asked: { host: string; at: number; kind: Look['kind']; by: string; over?: true; answeredAt?: number }[] = [];
  for (const { t, kind, label, destination, process, incarnation, detail } of kernel.trace) {
    if (label !== 'sql.server' && label !== 'sql.divergence') continue;
    const by = `${process}#${String(incarnation)} ${label} ${destination}`;
    const at = startedAt + t;
    if (kind === 'call') {
      const look = label === 'sql.server' ? 'server' : 'divergence';
      asked.push({ at, host: destination.replace(/:\d+$/, ''), kind: look, by });
    } else if (kind === 'reply') {
      // Of the newest that waits: one that was never answered must not take another's answer.
      const found = asked.findLast((one) => one.by === by && one.over === undefined);
      if (found === undefined) continue;
      found.over = true;
      if (detail !== 'cancelled') found.answeredAt = at;
    }
  }
  return asked.map(({ by: _by, over: _over, ...look }) => look);
}

function endsOf({ world }: Stage): Readonly<Record<string, DatabaseEnd>> {
  return Object.fromEntries(
    Object.entries(world.postgresql).flatMap(([database, model]) =>
      regionNames.map((region) => {
        const server = serverName(database, region);
        const end: DatabaseEnd = {
          role: model.role(server),
          rows: new Set(model.rows(server)),
          switches: model.timelineHistory(server),
        };
        return [server, end] as const;
      }),
    ),
  );
}

function shownOf({ world }: Stage): string {
  const objects = (storage: string): readonly JsonObject[] =>
    ['payments', 'maestro-dr-system'].flatMap((namespace) => world.management.hooks.list(storage, namespace));
  const kinds = ['dr.maestro.io/disasterrecoveryruns', 'dr.maestro.io/disasterrecoveryplans', '/configmaps', '/events'];
  return JSON.stringify(kinds.flatMap(objects));
}
