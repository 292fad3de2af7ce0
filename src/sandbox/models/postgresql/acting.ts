import type { SqlRow, SqlStatement } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { ModelTime } from '../time.ts';
import type { Catalogue } from './catalogue.ts';
import { fenced, opened, sealed, signed } from './markers.ts';
import type { Marking } from './markers.ts';
import type { Asking } from './observing.ts';
import { numberParameter, textParameter, textsParameter } from './parameters.ts';
import type { Replication } from './replication.ts';
import type { Server, Session } from './server.ts';
import { append, endSession, replayedPosition } from './server.ts';
import { lsnOf } from './wal.ts';

export interface Surroundings {
  readonly time: ModelTime;
  readonly replication: Replication;
}

type Answer = (asking: Asking, statement: SqlStatement, around: Surroundings) => readonly SqlRow[];

/** What the catalogue's acting statements do, and answer. */
export const ACTING = {
  fence: (asking, statement, around) => {
    assertPrimary(asking.server, 'fence');
    const after = fenced(asking.server.catalogue, marking(asking, statement), textsParameter(statement, 2));
    return commit(asking.server, after, around);
  },
  open: (asking, statement, around) => {
    assertPrimary(asking.server, 'open');
    return commit(asking.server, opened(asking.server.catalogue, marking(asking, statement)), around);
  },
  seal: (asking, statement, around) => {
    assertWritable(asking.server, 'seal');
    const after = sealed(asking.server.catalogue, marking(asking, statement), textParameter(statement, 2));
    return commit(asking.server, after, around);
  },
  'end-sessions': (asking, statement) => {
    const roles = textsParameter(statement, 0);
    const pids = textsParameter(statement, 1).map(Number);
    end(asking, ({ listed, role, pid }) => (listed && roles.includes(role)) || pids.includes(pid));
    return [];
  },
  spared: ({ server, pid }) => [{ pids: (server.sessions.get(pid)?.spared ?? []).map(String) }],
  'end-readers': (asking, _statement, { replication }) => {
    if (!asking.server.recovering) return [];
    end(asking, ({ listed }) => listed);
    replication.replay(asking.server);
    return [];
  },
  sign: (asking, statement, around) => {
    assertPrimary(asking.server, 'sign');
    const after = signed(asking.server.catalogue, marking(asking, statement), textParameter(statement, 2));
    return commit(asking.server, after, around);
  },
  announce: ({ server }, _statement, { time, replication }) => {
    if (server.recovering) return [{ lsn: null }];
    const record = append(server, time, { kind: 'Message' }, true);
    replication.written(server);
    return [{ lsn: lsnOf(record.end) }];
  },
  flushed: ({ server }) => [{ lsn: server.recovering ? null : lsnOf(replayedPosition(server)) }],
  promote: ({ server, role }, _statement, { replication }) => {
    if (!server.recovering) return [{ asked: null }];
    assertRight(server, role, 'promote', 'permission denied for function pg_promote');
    replication.promote(server);
    return [{ asked: true }];
  },
  checkpoint: ({ server, role }, _statement, { replication }) => {
    assertRight(server, role, 'checkpoint', 'permission denied to execute CHECKPOINT command');
    replication.checkpoint(server);
    return [];
  },
  probe: ({ server, role }, statement) => {
    assertWritable(server, 'probe');
    if (server.catalogue.roles[role]?.writes !== true) {
      throw new SqlError('42501', `permission denied for table ${textParameter(statement, 0)}`, 'probe');
    }
    return [];
  },
} as const satisfies Record<string, Answer>;

function marking({ role }: Asking, statement: SqlStatement): Marking {
  return { operator: role, hash: textParameter(statement, 0), epoch: numberParameter(statement, 1) };
}

function commit(server: Server, catalogue: Catalogue, { time, replication }: Surroundings): readonly SqlRow[] {
  append(server, time, { kind: 'Catalogue', catalogue }, true);
  replication.written(server);
  return [];
}

/** A superuser's sessions are only a superuser's to end; the block goes on with the others. */
function end({ server, role, pid: own }: Asking, chosen: (session: Session) => boolean): void {
  const operator = server.catalogue.roles[role];
  const spared: number[] = [];
  for (const session of [...server.sessions.values()]) {
    const allowed =
      operator?.superuser === true ||
      (operator?.rights.includes('signal_backend') === true &&
        session.authenticated &&
        server.catalogue.roles[session.role]?.superuser !== true);
    if (session.pid === own || !chosen(session)) continue;
    if (allowed) endSession(server, session);
    else spared.push(session.pid);
  }
  const asking = server.sessions.get(own);
  if (asking !== undefined) asking.spared = spared;
}

function assertPrimary(server: Server, statement: string): void {
  if (server.recovering) throw new SqlError('MD002', 'the server is in recovery', statement);
}

function assertWritable(server: Server, statement: string): void {
  if (!server.recovering) return;
  throw new SqlError('25006', `cannot execute ${statement} in a read-only transaction`, statement);
}

function assertRight(server: Server, name: string, right: 'promote' | 'checkpoint', message: string): void {
  const role = server.catalogue.roles[name];
  if (role?.superuser === true || role?.rights.includes(right) === true) return;
  throw new SqlError('42501', message, right);
}
