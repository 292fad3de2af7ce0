import type { Http, HttpRequest, HttpResponse } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { JsonRecord } from '../../src/kube/json.ts';
import { isRecord, recordAt } from '../../src/kube/json.ts';
import type { Lease } from '../../src/kube/lease.ts';
import { createLease } from '../../src/kube/lease.ts';
import { createRecordingLog } from '../support/recording-log.ts';
import { json, status } from '../support/scripted-http.ts';
import type { VirtualClock, VirtualTime } from '../support/virtual-clock.ts';
import { createSeededRandom, createVirtualTime } from '../support/virtual-clock.ts';
import { clientOn } from './support.ts';

/** What the network does with one exchange. `requestMs`, `replyMs`: how long each way takes; Infinity: lost. */
export interface Weather {
  readonly requestMs: number;
  readonly replyMs: number;
}

export interface Contender {
  readonly name: string;
  readonly lease: Lease;
  readonly clock: VirtualClock;
  /** `acquired@ms`, `lost@ms: why`, in the world's time. */
  readonly told: string[];
  readonly stop: () => Promise<void>;
  /** The process is gone, without a word. */
  readonly kill: () => void;
}

export interface LeaseWorld {
  readonly time: VirtualTime;
  /** The one Lease, as the server has it. */
  readonly stored: () => JsonRecord | undefined;
  readonly edit: (change: (lease: JsonRecord) => JsonRecord | undefined) => void;
  readonly contender: (name: string, weather?: (request: HttpRequest) => Weather) => Contender;
}

/** One Lease behind a network with delays and losses, and contenders on machines of their own. */
export function createLeaseWorld(seed = 1): LeaseWorld {
  const time = createVirtualTime();
  const server = createServer();
  const fair = (): Weather => ({ requestMs: 5, replyMs: 5 });
  return {
    time,
    stored: server.stored,
    edit: server.edit,
    contender: (name, weather = fair) => {
      const clock = time.machine(name);
      const process = { alive: true };
      const http = network(time, clock, process, server.answer, weather);
      const told: string[] = [];
      const lease = createLease({
        client: clientOn(http, clock),
        clock,
        random: createSeededRandom(seed),
        log: createRecordingLog(),
        namespace: 'maestro-dr',
        name: 'operator',
        identity: name,
        onAcquired: () => told.push(`acquired@${String(time.now())}`),
        onLost: (why) => told.push(`lost@${String(time.now())}: ${why}`),
      });
      const ending = new AbortController();
      const running = lease.run(ending.signal);
      const stop = async (): Promise<void> => {
        ending.abort(new Error('the test is over'));
        await time.settle(running);
      };
      const kill = (): void => {
        process.alive = false;
        clock.suspend();
      };
      return { name, lease, clock, told, stop, kill };
    },
  };
}

interface Server {
  readonly stored: () => JsonRecord | undefined;
  readonly edit: LeaseWorld['edit'];
  readonly answer: (request: HttpRequest) => HttpResponse;
}

function createServer(): Server {
  let lease: JsonRecord | undefined;
  let version = 100;
  const store = (value: JsonRecord, uid: string): HttpResponse => {
    version += 1;
    const { name, namespace, annotations } = recordAt(value, 'metadata');
    lease = { ...value, metadata: { name, namespace, annotations, uid, resourceVersion: String(version) } };
    return json(200, lease);
  };
  const write = (request: HttpRequest): HttpResponse => {
    const body: unknown = JSON.parse(request.body ?? '{}');
    if (!isRecord(body)) return status(400, 'BadRequest');
    if (request.method === 'POST') {
      return lease === undefined ? store(body, `uid-${String(version)}`) : status(409, 'AlreadyExists');
    }
    if (lease === undefined) return status(404, 'NotFound');
    const { uid, resourceVersion, annotations } = recordAt(body, 'metadata');
    const known = recordAt(lease, 'metadata');
    if (uid !== known.uid || resourceVersion !== known.resourceVersion) return status(409, 'Conflict');
    const spec = Object.entries({ ...recordAt(lease, 'spec'), ...recordAt(body, 'spec') });
    const kept = Object.fromEntries(spec.filter(([, value]) => value !== null));
    const metadata = { ...known, annotations: annotations ?? known.annotations };
    return store({ ...lease, metadata, spec: kept }, String(uid));
  };
  return {
    stored: () => lease,
    edit: (change) => {
      const changed = lease === undefined ? undefined : change(lease);
      if (changed === undefined) lease = undefined;
      else store(changed, String(recordAt(changed, 'metadata').uid));
    },
    answer: (request) => {
      if (request.method !== 'GET') return write(request);
      return lease === undefined ? status(404, 'NotFound') : json(200, lease);
    },
  };
}

/** A request that was sent arrives whatever becomes of its sender; a reply waits for a suspended machine. */
function network(
  time: VirtualTime,
  clock: VirtualClock,
  process: { readonly alive: boolean },
  answer: (request: HttpRequest) => HttpResponse,
  weather: (request: HttpRequest) => Weather,
): Http {
  const deliver = (task: () => void): void => {
    if (!process.alive) return;
    if (clock.suspended()) time.after(50, () => deliver(task));
    else task();
  };
  return {
    send: (request, signal) =>
      new Promise((resolve, reject) => {
        const { requestMs, replyMs } = weather(request);
        signal.addEventListener('abort', () => reject(new PortError('Timeout', 'cancelled')), { once: true });
        if (requestMs === Infinity) return;
        time.after(requestMs, () => {
          const reply = answer(request);
          if (replyMs !== Infinity) time.after(replyMs, () => deliver(() => resolve(reply)));
        });
      }),
  };
}
