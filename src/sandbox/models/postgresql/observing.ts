import type { SqlRow, SqlStatement } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import { epochIn, mayEnter, mayWrite, membersOf, roleNames } from './catalogue.ts';
import { textParameter, textsParameter } from './parameters.ts';
import { isHeldUp } from './replication.ts';
import type { Server, Upstream } from './server.ts';
import { receivedPosition, replayedPosition } from './server.ts';
import { isCommit, lsnOf, positionOf } from './wal.ts';

/** A session of the operator on a server: `role` is who it is, `pid` its backend. */
export interface Asking {
  readonly server: Server;
  readonly role: string;
  readonly database: string;
  readonly pid: number;
  /** Wall ms. */
  readonly now: number;
}

/** The answers to the catalogue's reading statements, as the real server gives them. */
export const OBSERVING = {
  server: (asking) => [serverRow(asking)],
  roles: ({ server, role }, statement) =>
    [...textsParameter(statement, 0)].sort().map((name) => {
      const found = server.catalogue.roles[name];
      return {
        name,
        present: found !== undefined,
        can_login: found?.login ?? false,
        superuser: found?.superuser ?? false,
        operator: name === role,
        awaits: true,
        administered: server.catalogue.roles[role]?.superuser === true || administers(server, role, name),
      };
    }),
  markers: ({ server, role }, statement) => {
    const [fence, epoch] = [textParameter(statement, 0), textParameter(statement, 1)];
    const [seal, signature] = [textParameter(statement, 2), textParameter(statement, 3)];
    return roleNames(server.catalogue).flatMap((name) => {
      const number = epochIn(name, fence) ?? epochIn(name, epoch);
      if (number === undefined) return [];
      const { comment = '' } = server.catalogue.roles[name] ?? {};
      return [
        {
          kind: name.startsWith(fence) ? 'fence' : 'epoch',
          name,
          administered: server.catalogue.roles[role]?.superuser === true || administers(server, role, name),
          epoch: number,
          restores: membersOf(server.catalogue, name, role),
          sealed: comment.startsWith(seal),
          announced: comment.startsWith(signature) ? comment.slice(signature.length) : null,
        },
      ];
    });
  },
  sessions: ({ server }, statement) => {
    const roles = textsParameter(statement, 0);
    return [...server.sessions.values()].flatMap((session) => {
      if (!session.listed) return [{ pid: session.pid, kind: 'unlisted' }];
      return roles.includes(session.role) ? [{ pid: session.pid, kind: 'application' }] : [];
    });
  },
  slots: ({ server }) =>
    [...server.slots]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { active, walStatus }]) => ({ name, active, wal_status: walStatus })),
  obstacles: ({ server, role, database }, statement) => {
    const keep = textsParameter(statement, 0);
    if (!server.catalogue.tenants.includes(database)) return obstacleRows(server, role, keep);
    return keep.includes(database) ? [] : [{ kind: 'UnlistedWriter', name: database }];
  },
  entrants: ({ server: { catalogue }, role }, statement) => {
    const database = textParameter(statement, 0);
    const keep = textsParameter(statement, 1);
    return Object.entries(catalogue.roles)
      .filter(
        ([name, { login }]) => login && name !== role && !keep.includes(name) && mayEnter(catalogue, name, database),
      )
      .map(([name]) => ({ name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  rights: ({ server, role }) => [rightsRow(server, role)],
  switchpoint: ({ server, role }, statement) => {
    const from = readable(server, role, textParameter(statement, 0), 'switchpoint');
    const record = server.wal.find(({ start }) => start >= from);
    return record === undefined ? [] : [{ switched: record.change.kind === 'TimelineStart' }];
  },
  'timeline-start': ({ server, role }) => {
    readable(server, role, lsnOf(server.walFrom), 'timeline-start');
    const start = server.wal.findLast(({ change }) => change.kind === 'TimelineStart');
    return start === undefined || start.start < server.walFrom ? [] : [{ lsn: lsnOf(start.start) }];
  },
  divergence: ({ server, role }, statement) => [divergenceRow(server, role, textParameter(statement, 0))],
} as const satisfies Record<string, (asking: Asking, statement: SqlStatement) => readonly SqlRow[]>;

function serverRow({ server, role, now }: Asking): SqlRow {
  const { recovering, upstream } = server;
  const streaming = upstream?.streaming === true;
  const others = [...server.sessions.values()].filter((session) => !session.listed || session.role !== role);
  return {
    recovering,
    system_identifier: server.systemIdentifier,
    checkpoint_timeline: server.checkpointTimeline,
    timeline: server.timeline,
    position: lsnOf(replayedPosition(server)),
    received: recovering ? lsnOf(receivedPosition(server)) : null,
    recovered_to: recovering || server.recoveredTo === undefined ? null : lsnOf(server.recoveredTo),
    receiver_status: streaming ? 'streaming' : null,
    last_message_ms: streaming ? lastMessageAt(upstream, now) : null,
    receiver_timeout_ms: 2 * PING_MS,
    replay_paused: recovering && server.replayPaused,
    apply_delay_ms: server.applyDelayMs,
    recovery_target: null,
    replay_conflict: recovering && isHeldUp(server) && server.replayed < server.wal.length,
    synchronous_names: server.synchronousNames,
    synchronous_wanted: server.synchronousNames === '' ? 0 : 1,
    synchronous_there: synchronousThere(server),
    other_sessions: others.length,
  };
}

/** One that follows it by a slot, as its name in the model. */
export function synchronousThere({ slots, synchronousNames }: Server): number {
  return [...slots].filter(([name, { active }]) => active && synchronousNames === name).length;
}

/** A receiver that heard nothing for half of wal_receiver_timeout asks, and an upstream that is there answers. */
function lastMessageAt({ lastMessageAt: last, link }: Upstream, now: number): number {
  if (link !== 'Open') return last;
  return last + Math.floor((now - last) / PING_MS) * PING_MS;
}

const PING_MS = 30_000;

function administers(server: Server, operator: string, name: string): boolean {
  return server.catalogue.roles[operator]?.memberOf[name] === true;
}

function obstacleRows(server: Server, operator: string, keep: readonly string[]): readonly SqlRow[] {
  const { catalogue } = server;
  const names = roleNames(catalogue);
  const unlisted = names.filter((name) => {
    const role = catalogue.roles[name];
    if (role?.login !== true || keep.includes(name) || name === operator) return false;
    return mayWrite(catalogue, name);
  });
  return [
    ...openSessions(server, operator, keep),
    ...catalogue.prepared.map((name) => ({ kind: 'PreparedTransaction', name })),
    ...(catalogue.extensions.includes('pg_cron') ? [{ kind: 'Scheduler', name: 'pg_cron' }] : []),
    ...catalogue.subscriptions.map((name) => ({ kind: 'Subscription', name })),
    ...unlisted.map((name) => ({ kind: 'UnlistedWriter', name })),
  ];
}

/** Of strangers who may not log in any more, and of roles that are none any more. */
function openSessions({ catalogue, sessions }: Server, operator: string, keep: readonly string[]): readonly SqlRow[] {
  return [...sessions.values()].flatMap(({ pid, role: name, listed }) => {
    const role = catalogue.roles[name];
    if (!listed || role?.login === true) return [];
    const stranger = role !== undefined && name !== operator && !keep.includes(name) && mayWrite(catalogue, name);
    if (role !== undefined && !stranger) return [];
    return [{ kind: 'OpenSession', name: `pid ${String(pid)} of ${role === undefined ? 'a dropped role' : name}` }];
  });
}

function rightsRow(server: Server, name: string): SqlRow {
  const role = server.catalogue.roles[name];
  const superuser = role?.superuser === true;
  const installed = server.catalogue.extensions.includes('pg_walinspect');
  const has = (right: 'signal_backend' | 'monitor' | 'checkpoint' | 'promote' | 'walinspect'): boolean =>
    superuser || role?.rights.includes(right) === true;
  return {
    operator: name,
    database: 'shop',
    databases: server.catalogue.tenants,
    superuser,
    createrole: superuser || role?.createrole === true,
    version: 180004,
    signal_backend: has('signal_backend'),
    monitor: has('monitor'),
    checkpoint: has('checkpoint'),
    promote: has('promote'),
    walinspect: installed ? has('walinspect') : null,
  };
}

/** The position to read WAL from. @throws SqlError where there is no right to it, or it was removed. */
function readable(server: Server, name: string, lsn: string, statement: string): number {
  const rights = rightsRow(server, name);
  if (rights['walinspect'] === null) {
    throw new SqlError('42883', 'function pg_get_wal_records_info(pg_lsn, pg_lsn) does not exist', statement);
  }
  if (rights['walinspect'] !== true) {
    throw new SqlError('42501', 'permission denied for function pg_get_wal_records_info', statement);
  }
  const from = positionOf(lsn);
  if (from < server.walFrom && receivedPosition(server) > from) {
    throw new SqlError('58P01', 'requested WAL segment has already been removed', statement);
  }
  return from;
}

function divergenceRow(server: Server, role: string, switchpoint: string): SqlRow {
  const from = readable(server, role, switchpoint, 'divergence');
  const beyond = server.wal.filter(({ start }) => start >= from);
  const restart = beyond.findIndex(({ change }) => change.kind === 'Shutdown');
  const lost = restart < 0 ? beyond : beyond.slice(0, restart);
  const late = restart < 0 ? [] : beyond.slice(restart);
  const times = (records: typeof beyond): readonly number[] =>
    records.filter((record) => isCommit(record) && !record.own).map(({ at }) => at);
  const [lostAt, lateAt] = [times(lost), times(late)];
  return {
    lost: lostAt.length,
    first_lost_ms: lostAt.at(0) ?? null,
    last_lost_ms: lostAt.at(-1) ?? null,
    late: lateAt.length,
    first_late_ms: lateAt.at(0) ?? null,
    last_late_ms: lateAt.at(-1) ?? null,
  };
}
