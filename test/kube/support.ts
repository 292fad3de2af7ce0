import type { Http } from '../../src/ports/http.ts';
import type { ClusterAccess } from '../../src/ports/kubeconfigs.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Files } from '../../src/ports/files.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import type { KubeClient, KubeClientOptions } from '../../src/kube/client.ts';
import type { JsonRecord } from '../../src/kube/json.ts';
import { createLimiter } from '../../src/kube/limiter.ts';

export const plans = { group: 'dr.maestro.io', version: 'v1alpha1', resource: 'plans' };
export const checkout = { ...plans, namespace: 'payments', name: 'checkout' };

export const noFiles: Files = {
  read: (path) => Promise.reject(new PortError('Unreachable', `cannot read ${path}`)),
};

export const access: ClusterAccess = { server: 'https://east.example', tls: {}, token: 'secret' };

export function clientOn(http: Http, clock: Clock, options: Partial<KubeClientOptions> = {}): KubeClient {
  const limiter = createLimiter(clock, { ratePerSecond: 1000, burst: 1000, maxInFlight: 100 });
  return createKubeClient({
    ports: { clock, http, files: noFiles },
    access: () => access,
    cluster: 'east',
    limiter,
    ...options,
  });
}

export function plan(name: string, resourceVersion: string, more: JsonRecord = {}): JsonRecord {
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'Plan',
    metadata: { name, namespace: 'payments', uid: `uid-${name}`, resourceVersion },
    ...more,
  };
}

export function planList(resourceVersion: string, items: readonly JsonRecord[], next?: string): JsonRecord {
  const metadata = next === undefined ? { resourceVersion } : { resourceVersion, continue: next };
  return { apiVersion: 'dr.maestro.io/v1alpha1', kind: 'PlanList', metadata, items };
}
