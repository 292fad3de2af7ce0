import { createAuthority } from '../../../../src/sandbox/certificates.ts';
import {
  createDelayRuntime,
  createKubeApi,
  type AuditEntry,
  type KubeApi,
} from '../../../../src/sandbox/models/kube-api/index.ts';
import type { ModelTime } from '../../../../src/sandbox/models/time.ts';
import { serveKubeApi, type ServedKubeApi, type ServeOptions } from '../../../../src/sandbox/wire/kube-api/index.ts';

export const realTime: ModelTime = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

export interface Served {
  readonly api: KubeApi;
  readonly server: ServedKubeApi;
  readonly ca: string;
  readonly audit: readonly AuditEntry[];
  readonly close: () => Promise<void>;
}

export const TOKEN = 'sandbox-token';
/** Another of the same user, as a rotation brings it. */
export const RENEWED_TOKEN = 'sandbox-token-renewed';

/** A model in real time behind TLS. */
export async function served(before?: ServeOptions['before']): Promise<Served> {
  const authority = await createAuthority('kube-api test');
  const tls = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const audit: AuditEntry[] = [];
  const api = createKubeApi({
    name: 'use1',
    time: realTime,
    clusterUid: '3f0c2d52-0000-4000-a000-000000000001',
    pods: createDelayRuntime({ time: realTime, readyDelayMs: 200, stopDelayMs: 20 }),
    audit: (entry) => audit.push(entry),
    tokens: { [TOKEN]: 'admin', [RENEWED_TOKEN]: 'admin' },
  });
  const server = await serveKubeApi(api, { tls, ...(before === undefined ? {} : { before }) });
  return {
    api,
    server,
    ca: authority.ca,
    audit,
    close: async () => {
      api.destroy();
      await server.close();
    },
  };
}
