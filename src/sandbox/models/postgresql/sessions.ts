import type { SqlTarget } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { Surroundings } from './acting.ts';
import { mayWrite } from './catalogue.ts';
import { synchronousThere } from './observing.ts';
import type { Server, Session } from './server.ts';
import { append, endSession, openSession } from './server.ts';

/** A session of an application. */
export interface Client {
  /** False where the session is gone. @throws SqlError where the server refuses. */
  write(rowId: string): boolean;
  /** Holds a snapshot: on a standby replay waits for it. */
  holdSnapshot(hold: boolean): void;
  isOpen(): boolean;
  /** A stopped process: asked to end, it stays until it goes on. */
  stop(stopped: boolean): void;
  close(): void;
}

export type Connected =
  { readonly kind: 'Connected'; readonly client: Client } | { readonly kind: 'Refused'; readonly refusal: string };

export interface Leak {
  /** Its process no longer runs: asked to end, it stays until it goes on. */
  stop(): void;
  /** It goes on: a session that can write, unless it was ended. */
  proceed(): Client | undefined;
}

/** A login that waits for its client's password. */
export interface Stall {
  /** The password comes: a session, unless the role may no longer log in. */
  proceed(): Client | undefined;
}

export interface Clients {
  stall(server: Server, role: string): Stall;
  connect(server: Server, role: string): Connected;
  write(server: Server, role: string, rowId: string): { readonly acknowledged: boolean; readonly refusal?: string };
  leak(server: Server, role: string): Leak;
}

/** In the server's order: its state, room, the password, then whether the role may log in. @throws SqlError */
export function authenticate(server: Server, target: Pick<SqlTarget, 'user' | 'password'>): void {
  const { user, password } = target;
  admit(server, server.catalogue.roles[user]?.password === password, user);
}

function admit(server: Server, passwordIsRight: boolean, user: string): void {
  if (server.state !== 'Running') throw new SqlError('57P03', 'the database system is starting up', 'connect');
  if (server.sessions.size >= server.maxConnections) {
    throw new SqlError('53300', 'sorry, too many clients already', 'connect');
  }
  const role = server.catalogue.roles[user];
  if (role === undefined || !passwordIsRight) {
    throw new SqlError('28P01', `password authentication failed for user "${user}"`, 'connect');
  }
  if (!role.login) throw new SqlError('28000', `role "${user}" is not permitted to log in`, 'connect');
}

export function createClients(around: Surroundings): Clients {
  const open = (server: Server, role: string, listed: boolean): Session => {
    admit(server, true, role);
    return openSession(server, role, listed, () => {
      around.replication.replay(server);
    });
  };
  const connect = (server: Server, role: string): Connected => {
    if (server.state === 'Down') return { kind: 'Refused', refusal: 'connection refused' };
    return refusable(
      (): Connected => ({ kind: 'Connected', client: clientOf(around, server, open(server, role, true)) }),
      (refusal) => ({ kind: 'Refused', refusal }),
    );
  };
  return {
    connect,
    write(server, role, rowId) {
      const connected = connect(server, role);
      if (connected.kind === 'Refused') return { acknowledged: false, refusal: connected.refusal };
      const { client } = connected;
      const written = refusable<{ readonly acknowledged: boolean; readonly refusal?: string }>(
        () => ({ acknowledged: client.write(rowId) }),
        (refusal) => ({ acknowledged: false, refusal }),
      );
      client.close();
      return written;
    },
    stall(server, role) {
      const stalled = openSession(server, role, false, () => undefined);
      stalled.authenticated = false;
      return {
        proceed() {
          endSession(server, stalled);
          const connected = connect(server, role);
          return connected.kind === 'Connected' ? connected.client : undefined;
        },
      };
    },
    leak(server, role) {
      const leaked = open(server, role, false);
      return {
        stop() {
          leaked.stuck = true;
        },
        proceed() {
          leaked.stuck = false;
          if (leaked.ended) endSession(server, leaked);
          if (!server.sessions.has(leaked.pid)) return undefined;
          leaked.listed = true;
          return clientOf(around, server, leaked);
        },
      };
    },
  };
}

function clientOf({ time, replication }: Surroundings, server: Server, session: Session): Client {
  return {
    write(rowId) {
      if (!server.sessions.has(session.pid)) return false;
      assertMayWrite(server, session.role);
      append(server, time, { kind: 'Insert', rowId, by: session.role });
      replication.written(server);
      // It is written, and nobody is told so while the server waits for its standby.
      return server.synchronousNames === '' || synchronousThere(server) > 0;
    },
    holdSnapshot(hold) {
      session.holdsReplay = hold;
      replication.replay(server);
    },
    isOpen: () => server.sessions.has(session.pid),
    stop(stopped) {
      session.stuck = stopped;
      if (!stopped && session.ended) endSession(server, session);
    },
    close() {
      session.stuck = false;
      endSession(server, session);
    },
  };
}

function assertMayWrite(server: Server, name: string): void {
  if (server.recovering) throw new SqlError('25006', 'cannot execute INSERT in a read-only transaction', 'write');
  if (!mayWrite(server.catalogue, name)) throw new SqlError('42501', 'permission denied for table orders', 'write');
}

function refusable<T>(work: () => T, refused: (refusal: string) => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqlError) return refused(error.message);
    throw error;
  }
}
