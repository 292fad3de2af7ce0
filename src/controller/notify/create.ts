import type { Config } from '../../config.ts';
import { createNotifier } from '../../drivers/notifiers/index.ts';
import { createKubeClient } from '../../kube/client.ts';
import { createLimiter } from '../../kube/limiter.ts';
import { createQueue } from '../../kube/queue.ts';
import type { CallOutcome } from '../../kube/transport.ts';
import type { Ports } from '../../ports/index.ts';
import type { ClusterAccess } from '../../ports/kubeconfigs.ts';
import { createToldStore } from '../../record/told.ts';
import type { Runtime } from '../runtime.ts';
import { createSecrets } from '../secrets.ts';
import type { Notices } from './notices.ts';
import { createRecallLines } from './recall-lines.ts';
import { laneGoesFirst } from './subject.ts';

export interface NoticesOptions {
  readonly ports: Ports;
  readonly config: Config;
  readonly management: () => ClusterAccess;
  readonly onCall: (outcome: CallOutcome) => void;
  /** Made after the notices that it holds. */
  readonly runtime: () => Runtime;
}

/**
 * Telling people has a client, a limiter, a queue and Secrets of its own: however many receivers hang, and however much
 * there is to tell, no run waits for a turn behind it.
 */
export function createNotices({ ports, config, management, onCall, runtime }: NoticesOptions): Notices {
  const { clock, random, http, dns } = ports;
  const limiter = createLimiter(clock, { ratePerSecond: 10, burst: 20, maxInFlight: 8 });
  const client = createKubeClient({ ports, access: management, cluster: 'management', limiter, onCall });
  const secrets = createSecrets(client, clock, config.kubeMs, () => false);
  const allowLocal = config.drivers.allowLocalChecks;
  return {
    queue: createQueue({
      clock,
      random,
      label: 'queue.notify',
      backoff: { baseMs: 500, capMs: 15_000 },
      goesFirst: (lane) => laneGoesFirst(runtime(), lane),
    }),
    notifier: createNotifier({
      http,
      dns,
      clock,
      secrets: (namespace, name) => secrets.read(namespace, name),
      sendMs: config.notifyMs,
      allow: () => allowLocal,
      allowPlainHttp: allowLocal,
    }),
    store: createToldStore(client, config.kubeMs),
    lanes: new Map(),
    recalls: createRecallLines(),
  };
}
