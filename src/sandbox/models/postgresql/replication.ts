import type { ModelTime } from '../time.ts';
import type { Server, Upstream } from './server.ts';
import { append, apply, replayedPosition } from './server.ts';

/** Milliseconds; a real pair on one machine takes about as long. */
export interface Pace {
  /** From asking to the end of recovery, when nothing holds it up. */
  readonly promoteMs: number;
  /** From the start of the process to the first session. */
  readonly startMs: number;
  /** From a promotion to the checkpoint on its timeline, where nobody asks for one. */
  readonly checkpointMs: number;
  /** Between attempts of a receiver to connect. */
  readonly reconnectMs: number;
}

export const USUAL_PACE: Pace = { promoteMs: 150, startMs: 400, checkpointMs: 5_000, reconnectMs: 500 };

export interface Replication {
  /** What was written goes out to every standby. */
  written(primary: Server): void;
  /** The state of the link or of either end changed. */
  changed(standby: Server): void;
  /** Replays what may be replayed. */
  replay(standby: Server): void;
  /** A clean stop: all standbys that can be reached get everything first. */
  drain(primary: Server): void;
  promote(standby: Server): void;
  checkpoint(server: Server): void;
}

/** Streaming, replay and promotion among the servers of one model. */
export function createReplication(time: ModelTime, servers: readonly Server[], pace: Pace): Replication {
  const replay = createReplay(time);
  const streaming = createStreaming(time, servers, pace, replay);
  return {
    ...streaming,
    replay,
    promote(standby) {
      if (standby.promotion === 'Asked' || !standby.recovering) return;
      standby.promotion = 'Asked';
      // Asking ends a pause, and the receiver: what it has received is still replayed.
      standby.replayPaused = false;
      if (standby.upstream !== undefined) disconnect(standby.upstream);
      const attempt = (): void => {
        if (standby.promotion !== 'Asked' || standby.state !== 'Running') return;
        replayAll(standby);
        if (isHeldUp(standby)) {
          time.after(pace.promoteMs, attempt);
          return;
        }
        becomePrimary(standby, time, pace);
        for (const server of servers) if (server.upstream?.server === standby) streaming.changed(server);
      };
      time.after(pace.promoteMs, attempt);
    },
    checkpoint(server) {
      server.checkpointTimeline = server.timeline;
    },
  };
}

type Replay = Replication['replay'];

function createReplay(time: ModelTime): Replay {
  const delayed = new Set<Server>();
  return (standby) => {
    if (standby.state !== 'Running' || standby.replayPaused || delayed.has(standby)) return;
    const waits = standby.applyDelayMs > 0 && standby.promotion === 'None' && standby.replayed < standby.wal.length;
    if (!waits) {
      replayAll(standby);
      return;
    }
    delayed.add(standby);
    time.after(standby.applyDelayMs, () => {
      delayed.delete(standby);
      if (!standby.replayPaused) replayAll(standby);
    });
  };
}

function replayAll(standby: Server): void {
  if (!standby.recovering || standby.state !== 'Running' || isHeldUp(standby)) return;
  for (; standby.replayed < standby.wal.length; standby.replayed++) {
    const record = standby.wal[standby.replayed];
    if (record !== undefined) apply(standby, record);
  }
}

function becomePrimary(standby: Server, time: ModelTime, pace: Pace): void {
  const switchpoint = replayedPosition(standby);
  const parent = standby.wal[standby.replayed - 1]?.timeline ?? standby.timeline;
  const timeline = Math.max(standby.timeline, parent) + 1;
  standby.promotion = 'None';
  standby.recovering = false;
  standby.upstream = undefined;
  standby.timeline = timeline;
  standby.recoveredTo = switchpoint;
  standby.history = [...standby.history, { timeline, parent, switchpoint, at: time.now() }];
  append(standby, time, { kind: 'TimelineStart', parent });
  time.after(pace.checkpointMs, () => {
    if (standby.state === 'Running' && standby.timeline === timeline) standby.checkpointTimeline = timeline;
  });
}

type Streaming = Pick<Replication, 'written' | 'drain' | 'changed'>;

function createStreaming(time: ModelTime, servers: readonly Server[], pace: Pace, replay: Replay): Streaming {
  const shipping = new Set<Server>();
  const retrying = new Set<Server>();
  /** One batch on the way at a time: what is written meanwhile goes with the next. */
  const ship = (standby: Server, upstream: Upstream): void => {
    const behind = standby.wal.length < upstream.server.wal.length;
    if (shipping.has(standby) || !upstream.streaming || !standby.recovering || !behind) return;
    shipping.add(standby);
    const until = upstream.server.wal.length;
    time.after(upstream.delayMs, () => {
      shipping.delete(standby);
      // Held back it goes out when the link is released; once the connection has ended it never does.
      if (standby.upstream !== upstream || !upstream.streaming || upstream.link === 'Held') return;
      receive(standby, upstream, until);
      replay(standby);
      ship(standby, upstream);
    });
  };
  const receive = (standby: Server, upstream: Upstream, until: number): void => {
    standby.wal.push(...upstream.server.wal.slice(standby.wal.length, until));
    upstream.lastMessageAt = time.now();
  };
  const reconnect = (standby: Server, upstream: Upstream): void => {
    retrying.add(standby);
    time.after(pace.reconnectMs, () => {
      retrying.delete(standby);
      if (standby.upstream !== upstream || upstream.link !== 'Open' || !canStream(standby, upstream)) return;
      connect(standby, upstream, time);
      ship(standby, upstream);
    });
  };
  return {
    written(primary) {
      for (const server of servers) if (server.upstream?.server === primary) ship(server, server.upstream);
    },
    drain(primary) {
      for (const standby of servers) {
        const { upstream } = standby;
        if (upstream?.server !== primary || !upstream.streaming || upstream.link !== 'Open') continue;
        receive(standby, upstream, primary.wal.length);
        replay(standby);
      }
    },
    changed(standby) {
      const { upstream } = standby;
      if (upstream === undefined) return;
      const possible = upstream.link !== 'Cut' && canStream(standby, upstream);
      if (upstream.streaming && possible) ship(standby, upstream);
      else if (upstream.streaming) disconnect(upstream);
      if (possible && !upstream.streaming && upstream.link === 'Open' && !retrying.has(standby)) {
        reconnect(standby, upstream);
      }
      replay(standby);
    },
  };
}

function connect(standby: Server, upstream: Upstream, time: ModelTime): void {
  upstream.streaming = true;
  upstream.lastMessageAt = time.now();
  // The history file comes first: it follows the primary onto a timeline that branched where it has not yet been.
  standby.timeline = Math.max(standby.timeline, upstream.server.timeline);
  standby.history = upstream.server.history;
  upstream.server.slots.set(upstream.slot, { active: true, walStatus: 'reserved' });
}

/** Both ends run, and all that the standby has is the primary's too: a diverged one is refused its start position. */
function canStream(standby: Server, { server: primary }: Upstream): boolean {
  if (!standby.recovering || standby.promotion === 'Asked') return false;
  if (standby.state !== 'Running' || primary.state !== 'Running') return false;
  if (standby.systemIdentifier !== primary.systemIdentifier) return false;
  const last = standby.wal.length - 1;
  return last < 0 || (primary.wal[last] !== undefined && primary.wal[last] === standby.wal[last]);
}

function disconnect(upstream: Upstream): void {
  upstream.streaming = false;
  const slot = upstream.server.slots.get(upstream.slot);
  if (slot !== undefined) slot.active = false;
}

/** A reader's snapshot; replay waits for it, and so does a promotion, which nothing shows. */
export function isHeldUp(standby: Server): boolean {
  return [...standby.sessions.values()].some((session) => session.holdsReplay);
}
