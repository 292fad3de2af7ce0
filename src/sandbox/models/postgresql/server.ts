import type { ModelTime } from '../time.ts';
import type { Catalogue } from './catalogue.ts';
import type { Change, WalRecord } from './wal.ts';
import { FIRST_POSITION, sizeOf } from './wal.ts';

/** One backend. `leaking`: past authentication, and no view lists it with a role yet. */
export interface Session {
  readonly pid: number;
  readonly role: string;
  /** Before that only a superuser may end it. */
  authenticated: boolean;
  listed: boolean;
  /** A stopped process: asked to end, it stays until it goes on. */
  stuck: boolean;
  /** A reader whose snapshot holds up replay. */
  holdsReplay: boolean;
  ended: boolean;
  /** Whom its last `end-sessions` was not allowed to end. */
  spared: readonly number[];
  readonly onEnd: () => void;
}

/** What a server is made of. The other files of this folder change it; nobody else does. */
export interface Server {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  state: 'Running' | 'Starting' | 'Down';
  /** How the operator's sessions fare on the way. */
  reach: 'Open' | 'Refused' | 'Silent';
  recovering: boolean;
  systemIdentifier: string;
  timeline: number;
  checkpointTimeline: number;
  /** Each switch of the timeline, oldest first. */
  history: readonly TimelineSwitch[];
  /** A standby: received, replayed up to `replayed`. */
  wal: WalRecord[];
  /** How many records of `wal` are replayed (all of them on a primary). */
  replayed: number;
  catalogue: Catalogue;
  rows: Map<string, { readonly by: string; readonly at: number }>;
  sessions: Map<number, Session>;
  nextPid: number;
  slots: Map<string, Slot>;
  /** Where its last recovery since the start ended, in a promotion or after a crash. */
  recoveredTo: number | undefined;
  cleanlyStopped: boolean;
  /** WAL before this position was removed. */
  walFrom: number;
  upstream: Upstream | undefined;
  promotion: 'None' | 'Asked';
  replayPaused: boolean;
  applyDelayMs: number;
  /** synchronous_standby_names: no commit returns without one of them. */
  synchronousNames: string;
}

export interface TimelineSwitch {
  readonly timeline: number;
  readonly parent: number;
  readonly switchpoint: number;
  readonly at: number;
}

export interface Slot {
  active: boolean;
  walStatus: 'reserved' | 'extended' | 'lost';
}

/** A standby's way to its primary. */
export interface Upstream {
  readonly server: Server;
  readonly slot: string;
  link: 'Open' | 'Held' | 'Cut';
  delayMs: number;
  streaming: boolean;
  lastMessageAt: number;
}

export interface ServerSpec {
  readonly name: string;
  readonly host: string;
  readonly port?: number;
  readonly maxConnections?: number;
}

export function emptyServer(spec: ServerSpec, systemIdentifier: string, catalogue: Catalogue): Server {
  return {
    name: spec.name,
    host: spec.host,
    port: spec.port ?? 5432,
    maxConnections: spec.maxConnections ?? 100,
    state: 'Running',
    reach: 'Open',
    recovering: false,
    systemIdentifier,
    timeline: 1,
    checkpointTimeline: 1,
    history: [],
    wal: [],
    replayed: 0,
    catalogue,
    rows: new Map(),
    sessions: new Map(),
    nextPid: 1001,
    slots: new Map(),
    recoveredTo: undefined,
    cleanlyStopped: false,
    walFrom: 0,
    upstream: undefined,
    promotion: 'None',
    replayPaused: false,
    applyDelayMs: 0,
    synchronousNames: '',
  };
}

/** Everything a base copy carries over; what the server is to the network stays. */
export function copyInto(target: Server, source: Server): void {
  target.systemIdentifier = source.systemIdentifier;
  target.timeline = source.timeline;
  target.checkpointTimeline = source.checkpointTimeline;
  target.history = source.history;
  target.wal = [...source.wal.slice(0, source.replayed)];
  target.replayed = target.wal.length;
  target.catalogue = source.catalogue;
  target.rows = new Map(source.rows);
  target.slots = new Map();
  target.walFrom = source.walFrom;
  target.recoveredTo = undefined;
  target.promotion = 'None';
}

export function receivedPosition(server: Server): number {
  return server.wal.at(-1)?.end ?? FIRST_POSITION;
}

export function replayedPosition(server: Server): number {
  return server.wal[server.replayed - 1]?.end ?? FIRST_POSITION;
}

/** Writes on a primary: durable and applied at once. */
export function append(server: Server, time: ModelTime, change: Change, own = false): WalRecord {
  const start = receivedPosition(server);
  const record = { timeline: server.timeline, start, end: start + sizeOf(change), at: time.now(), change, own };
  server.wal.push(record);
  apply(server, record);
  server.replayed = server.wal.length;
  return record;
}

export function apply(server: Server, { change, at }: WalRecord): void {
  if (change.kind === 'Insert') server.rows.set(change.rowId, { by: change.by, at });
  if (change.kind === 'Catalogue') server.catalogue = change.catalogue;
}

export function openSession(server: Server, role: string, listed: boolean, onEnd: () => void): Session {
  const pid = server.nextPid++;
  const session = {
    pid,
    role,
    authenticated: true,
    listed,
    stuck: false,
    holdsReplay: false,
    ended: false,
    spared: [],
    onEnd,
  };
  server.sessions.set(pid, session);
  return session;
}

/** Whether it is gone; a stopped process stays, and ends when it goes on. */
export function endSession(server: Server, session: Session): boolean {
  session.ended = true;
  if (session.stuck) return false;
  if (server.sessions.delete(session.pid)) session.onEnd();
  return true;
}

export function endAllSessions(server: Server): void {
  for (const session of [...server.sessions.values()]) {
    session.stuck = false;
    endSession(server, session);
  }
}
