import { matchesText } from './faults.ts';

/** Where a call goes. */
export interface Destination {
  readonly kind: 'http' | 'aws' | 'sql' | 'dns';
  /** `east.example:6443`, `route53`, `10.0.0.53:53`. */
  readonly id: string;
  readonly host: string;
  readonly region?: string;
}

/** Ms. The jitter, uniform in [0, jitterMs), comes on top of each way. */
export interface Latency {
  readonly thereMs: number;
  readonly backMs: number;
  readonly jitterMs: number;
}

export const DEFAULT_LATENCY: Latency = { thereMs: 5, backMs: 5, jitterMs: 2 };

/** Texts match exactly or by `*`; all that are given must match. */
export type DestinationMatch = Partial<Readonly<Record<'kind' | 'id' | 'host' | 'region', string>>>;

/** A part of the network that does not carry. */
export interface Cut {
  readonly match: DestinationMatch | ((destination: Destination) => boolean);
  /** Only for these processes (`*` for any characters); default all. */
  readonly process?: string;
  /** `hang`: packets vanish, streams fall silent for ever. `refuse`: connections are refused, and open ones reset. */
  readonly how: 'hang' | 'refuse';
  /** Default both ways. Lost replies only: everything sent takes effect. */
  readonly lose?: 'both' | 'requests' | 'replies';
  /** Virtual ms; default now. */
  readonly from?: number;
  /** Virtual ms, exclusive; default never, until it is healed. */
  readonly to?: number;
}

export type Leg = 'request' | 'reply';
export type Passage = 'open' | Cut['how'];

/** A connection that outlives its request: what a cut that begins breaks. */
export interface OpenConnection {
  readonly destination: Destination;
  readonly process: string;
  readonly broken: (how: Cut['how']) => void;
}

export interface Network {
  /** Returns what heals it. */
  cut(cut: Cut): () => void;
  passage(destination: Destination, process: string, leg: Leg): Passage;
  /** Returns what closes it. */
  connect(connection: OpenConnection): () => void;
}

/** What the network needs of the kernel. */
export interface NetworkHost {
  now(): number;
  after(ms: number, task: () => void): () => void;
  note(label: string, detail: string): void;
}

export function createNetwork(host: NetworkHost): Network {
  const cuts = new Set<Cut>();
  const connections = new Set<OpenConnection>();
  const begin = (cut: Cut): void => {
    host.note('network cut', describe(cut));
    if (cut.lose === 'requests') return;
    for (const connection of [...connections]) {
      if (!affects(cut, connection.destination, connection.process)) continue;
      connections.delete(connection);
      connection.broken(cut.how);
    }
  };
  const end = (cut: Cut): void => {
    if (cuts.delete(cut)) host.note('network healed', describe(cut));
  };
  return {
    cut: (cut) => {
      const now = host.now();
      cuts.add(cut);
      const from = cut.from ?? now;
      const unplanned = from > now ? host.after(from - now, () => begin(cut)) : undefined;
      if (unplanned === undefined) begin(cut);
      const timer = cut.to === undefined ? undefined : host.after(Math.max(0, cut.to - now), () => end(cut));
      return () => {
        unplanned?.();
        timer?.();
        end(cut);
      };
    },
    passage: (destination, process, leg) => {
      const now = host.now();
      for (const cut of cuts) {
        const inTime = now >= (cut.from ?? 0) && now < (cut.to ?? Infinity);
        const lost = cut.lose !== (leg === 'request' ? 'replies' : 'requests');
        if (inTime && lost && affects(cut, destination, process)) return cut.how;
      }
      return 'open';
    },
    connect: (connection) => {
      connections.add(connection);
      return () => void connections.delete(connection);
    },
  };
}

function affects(cut: Cut, destination: Destination, process: string): boolean {
  if (!matchesText(cut.process, process)) return false;
  if (typeof cut.match === 'function') return cut.match(destination);
  const { kind, id, host, region } = cut.match;
  return (
    matchesText(kind, destination.kind) &&
    matchesText(id, destination.id) &&
    matchesText(host, destination.host) &&
    (region === undefined || (destination.region !== undefined && matchesText(region, destination.region)))
  );
}

function describe(cut: Cut): string {
  const what = typeof cut.match === 'function' ? 'by a function' : JSON.stringify(cut.match);
  return [cut.how, what, cut.process, cut.lose].filter((part) => part !== undefined).join(' ');
}
