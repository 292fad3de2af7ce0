import type { ModelTime } from '../time.ts';
import type { Pace, Replication } from './replication.ts';
import type { Server, Upstream } from './server.ts';
import { append, copyInto, endAllSessions, replayedPosition } from './server.ts';

/** Machines that die and come back, and the links between them. */
export interface Lifecycle {
  kill(server: Server): void;
  /** `fast`: a checkpoint, and everything sent to the standbys. */
  stop(server: Server): void;
  start(server: Server): void;
  /** A new base copy of `primary`, whatever the server was; streaming. */
  follow(standby: Server, primary: Server, delayMs: number): void;
  setLink(standby: Server, link: Upstream['link']): void;
}

export function createLifecycle(
  time: ModelTime,
  servers: readonly Server[],
  replication: Replication,
  pace: Pace,
): Lifecycle {
  /** The replication of a server and of those that follow it is looked at anew. */
  const reconsider = (server: Server): void => {
    for (const one of servers) if (one === server || one.upstream?.server === server) replication.changed(one);
  };
  const down = (server: Server): void => {
    server.state = 'Down';
    server.promotion = 'None';
    endAllSessions(server);
    reconsider(server);
  };
  return {
    kill(server) {
      if (server.state === 'Down') return;
      server.cleanlyStopped = false;
      down(server);
    },
    stop(server) {
      if (server.state !== 'Running') return;
      server.cleanlyStopped = true;
      endAllSessions(server);
      if (!server.recovering) append(server, time, { kind: 'Shutdown' });
      replication.drain(server);
      down(server);
    },
    start(server) {
      if (server.state !== 'Down') return;
      server.state = 'Starting';
      time.after(pace.startMs, () => {
        if (server.state !== 'Starting') return;
        recover(server, time);
        reconsider(server);
      });
    },
    follow(standby, primary, delayMs) {
      endAllSessions(standby);
      copyInto(standby, primary);
      standby.state = 'Running';
      standby.recovering = true;
      const slot = slotOf(standby);
      const common = { server: primary, slot, link: 'Open', streaming: true } as const;
      standby.upstream = { ...common, delayMs, lastMessageAt: time.now() };
      primary.slots.set(slot, { active: true, walStatus: 'reserved' });
      reconsider(standby);
    },
    setLink(standby, link) {
      if (standby.upstream === undefined) return;
      standby.upstream.link = link;
      reconsider(standby);
    },
  };
}

/** The name of a slot takes no hyphens. */
function slotOf({ name }: Server): string {
  return name.replaceAll('-', '_');
}

/** A primary that crashed ends its recovery with a record of it; one that was stopped wrote that record before. */
function recover(server: Server, time: ModelTime): void {
  server.state = 'Running';
  server.recoveredTo = undefined;
  if (server.recovering) return;
  if (!server.cleanlyStopped) {
    server.recoveredTo = replayedPosition(server);
    append(server, time, { kind: 'Shutdown' });
  }
  server.checkpointTimeline = server.timeline;
}
