import type { SqlTarget } from '../../../ports/sql.ts';
import type { ModelTime } from '../time.ts';
import type { Surroundings } from './acting.ts';
import type { Catalogue, Role } from './catalogue.ts';
import { withRole } from './catalogue.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createLifecycle } from './lifecycle.ts';
import type { OperatorSession } from './operator-session.ts';
import { operatorSession } from './operator-session.ts';
import type { Pace } from './replication.ts';
import { createReplication, USUAL_PACE } from './replication.ts';
import type { Connected, Leak, Stall } from './sessions.ts';
import { authenticate, createClients } from './sessions.ts';
import type { Server, ServerSpec, TimelineSwitch } from './server.ts';
import { append, emptyServer, replayedPosition } from './server.ts';
import { lsnOf } from './wal.ts';
import { createWitness } from './witness.ts';
import type { Rebuild, Witness, Witnessed } from './witness.ts';

export interface PostgresqlModelOptions {
  readonly time: ModelTime;
  /** Names the cluster: its system identifier is made from it. */
  readonly name: string;
  readonly catalogue: Catalogue;
  /** The first is the primary; each other one a streaming standby of it, with a slot of its name (`_` for `-`). */
  readonly servers: readonly ServerSpec[];
  /** One-way delay of replication, ms; default 1. */
  readonly linkDelayMs?: number;
  readonly pace?: Partial<Pace>;
}

/** Standby's end of the replication link, as the world's faults hold it. */
export interface ReplicationLink {
  /** Everything waits in it, both ends unaware. */
  hold(): void;
  /** Ends the connection; the receiver tries again in vain. */
  cut(): void;
  restore(): void;
  delay(ms: number): void;
}

/** Servers of one PostgreSQL cluster: a state machine over virtual or real time, without randomness. */
export interface PostgresqlModel {
  readonly name: string;
  readonly servers: readonly string[];
  /**
   * A session as the real server gives it. Undefined: nobody answers (a black hole); 'Refused': no process there.
   * @throws SqlError of the server's own refusal, `statement` = `connect`.
   */
  connect(target: SqlTarget): OperatorSession | 'Refused' | undefined;
  /** Whether a server of this model is addressed. */
  serves(target: SqlTarget): boolean;

  // What the world does.
  client(server: string, role: string): Connected;
  /** One order of a simulated client: a session, an insert, the acknowledgement. */
  write(server: string, role: string, rowId: string): { readonly acknowledged: boolean; readonly refusal?: string };
  /** A backend past authentication that no view lists with its role; `proceed` makes it a session that writes. */
  leak(server: string, role: string): Leak;
  /** A login that stalls before its password. */
  stall(server: string, role: string): Stall;
  kill(server: string): void;
  /** `fast`: a checkpoint, and everything sent to the standbys. */
  stop(server: string): void;
  start(server: string): void;
  reach(server: string, reach: 'Open' | 'Refused' | 'Silent'): void;
  link(standby: string): ReplicationLink;
  /** A new base copy: `server` becomes a streaming standby of `primary`, whatever it was. */
  rebuildFrom(server: string, primary: string, how?: Rebuild): void;
  pauseReplay(server: string, paused: boolean): void;
  applyDelay(server: string, ms: number): void;
  /** Sets synchronous_standby_names; '' is nobody. */
  synchronous(server: string, name: string): void;
  /** Changes a role on a primary, by the administrator's hand. */
  alterRole(server: string, role: string, properties: Partial<Role>): void;
  alterCatalogue(server: string, change: (catalogue: Catalogue) => Catalogue): void;
  /** Removes all WAL up to now. */
  forgetWal(server: string): void;

  // What the world sees.
  role(server: string): 'Primary' | 'Replica' | 'Down';
  rows(server: string): readonly string[];
  position(server: string): string;
  timelineHistory(server: string): readonly TimelineSwitch[];
  catalogue(server: string): Catalogue;
  /** The rows of what was moved aside before a rebuild, by where it lies. */
  kept(): Readonly<Record<string, readonly string[]>>;
  /** Every change that was asked of the servers by SQL, and every rebuild, oldest first. */
  readonly witnessed: readonly Witnessed[];
}

export function createPostgresqlModel(options: PostgresqlModelOptions): PostgresqlModel {
  const { time, name, catalogue } = options;
  const servers = options.servers.map((spec) => emptyServer(spec, systemIdentifierOf(name), catalogue));
  const pace = { ...USUAL_PACE, ...options.pace };
  const replication = createReplication(time, servers, pace);
  const lifecycle = createLifecycle(time, servers, replication, pace);
  const witness = createWitness(time, servers);
  const find = (wanted: string): Server => {
    const server = servers.find((one) => one.name === wanted);
    if (server === undefined) throw new RangeError(`no server ${wanted} in ${name}`);
    return server;
  };
  const kept = new Map<string, readonly string[]>();
  const [primary, ...standbys] = servers;
  for (const standby of standbys) {
    if (primary !== undefined) lifecycle.follow(standby, primary, options.linkDelayMs ?? 1);
  }
  return {
    name,
    servers: servers.map((server) => server.name),
    ...sessionsOf(servers, find, { time, replication }, witness),
    ...handsOf(find, { time, replication }, lifecycle, witness, kept),
    ...sightsOf(find, kept),
    witnessed: witness.seen,
  };
}

type Find = (name: string) => Server;

function sessionsOf(
  servers: readonly Server[],
  find: Find,
  around: Surroundings,
  witness: Witness,
): Pick<PostgresqlModel, 'serves' | 'connect' | 'client' | 'write' | 'leak' | 'stall'> {
  const clients = createClients(around);
  const serverAt = ({ host, port }: SqlTarget): Server | undefined =>
    servers.find((server) => server.host === host && server.port === port);
  return {
    serves: (target) => serverAt(target) !== undefined,
    connect(target) {
      const server = serverAt(target);
      if (server?.reach === 'Silent') return undefined;
      if (server === undefined || server.reach === 'Refused' || server.state === 'Down') return 'Refused';
      authenticate(server, target);
      return witness.session(server, target.user, operatorSession(server, target, around));
    },
    client: (server, role) => clients.connect(find(server), role),
    write: (server, role, rowId) => clients.write(find(server), role, rowId),
    stall: (server, role) => clients.stall(find(server), role),
    leak: (server, role) => clients.leak(find(server), role),
  };
}

type Hands =
  | 'kill'
  | 'stop'
  | 'start'
  | 'reach'
  | 'link'
  | 'rebuildFrom'
  | 'pauseReplay'
  | 'applyDelay'
  | 'synchronous'
  | 'alterRole'
  | 'alterCatalogue'
  | 'forgetWal';

function handsOf(
  find: Find,
  { time, replication }: Surroundings,
  lifecycle: Lifecycle,
  witness: Witness,
  kept: Map<string, readonly string[]>,
): Pick<PostgresqlModel, Hands> {
  const alterCatalogue: PostgresqlModel['alterCatalogue'] = (name, change) => {
    const server = find(name);
    append(server, time, { kind: 'Catalogue', catalogue: change(server.catalogue) });
    replication.written(server);
  };
  const setLink = (name: string, link: 'Open' | 'Held' | 'Cut') => (): void => {
    lifecycle.setLink(find(name), link);
  };
  return {
    kill: (name) => {
      lifecycle.kill(find(name));
    },
    stop: (name) => {
      lifecycle.stop(find(name));
    },
    start: (name) => {
      lifecycle.start(find(name));
    },
    reach(name, reach) {
      find(name).reach = reach;
    },
    link: (name) => ({
      hold: setLink(name, 'Held'),
      cut: setLink(name, 'Cut'),
      restore: setLink(name, 'Open'),
      delay(ms) {
        const { upstream } = find(name);
        if (upstream !== undefined) upstream.delayMs = ms;
      },
    }),
    rebuildFrom(name, primary, how = {}) {
      witness.rebuild(find(name), find(primary), how);
      if (how.keepAt !== undefined) kept.set(how.keepAt, [...find(name).rows.keys()]);
      lifecycle.follow(find(name), find(primary), 1);
    },
    pauseReplay(name, paused) {
      find(name).replayPaused = paused;
      replication.replay(find(name));
    },
    ...settingsOf(find),
    alterRole(name, role, properties) {
      alterCatalogue(name, (catalogue) => withRole(catalogue, role, properties));
    },
    alterCatalogue,
    forgetWal(name) {
      find(name).walFrom = replayedPosition(find(name));
    },
  };
}

function settingsOf(find: Find): Pick<PostgresqlModel, 'applyDelay' | 'synchronous'> {
  return {
    applyDelay(name, ms) {
      find(name).applyDelayMs = ms;
    },
    synchronous(name, standby) {
      find(name).synchronousNames = standby;
    },
  };
}

type Sights = 'role' | 'rows' | 'position' | 'timelineHistory' | 'catalogue' | 'kept';

function sightsOf(find: Find, kept: ReadonlyMap<string, readonly string[]>): Pick<PostgresqlModel, Sights> {
  return {
    kept: () => Object.fromEntries(kept),
    role(name) {
      const { state, recovering } = find(name);
      if (state !== 'Running') return 'Down';
      return recovering ? 'Replica' : 'Primary';
    },
    rows: (name) => [...find(name).rows.keys()],
    position: (name) => lsnOf(replayedPosition(find(name))),
    timelineHistory: (name) => find(name).history,
    catalogue: (name) => find(name).catalogue,
  };
}

/** As initdb makes one: 64 bits, from the name, so that two models differ and a replay does not. */
function systemIdentifierOf(name: string): string {
  const mixed = Array.from(name).reduce(
    (hash, character) => ((hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n) & 0x3fffffffffffffffn,
    0x0bf29ce484222325n,
  );
  return String(mixed | 0x4000000000000000n);
}
