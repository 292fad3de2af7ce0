import { isRecord } from '../kube/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { instant, ageMs, type Clock, type Instant } from '../ports/clock.ts';
import { decodeBase64 } from './base64.ts';
import { secretRef } from './resources.ts';

/** A Secret's data, decoded. Held only in memory, never logged. */
export type SecretData = Readonly<Record<string, string>>;

export interface Secrets {
  /** @throws KubeError when it is not there, or cannot be read and never was. */
  read(namespace: string, name: string): Promise<SecretData>;
}

interface Held {
  readonly data: SecretData;
  readonly at: Instant;
}

const freshMs = 30_000;

/** Reads again after 30 s; while the API server does not answer, what was read last serves on: a failover must not wait for it. */
export function createSecrets(client: KubeClient, clock: Clock, deadlineMs: number): Secrets {
  const held = new Map<string, Held>();
  return {
    async read(namespace, name) {
      const key = `${namespace}/${name}`;
      const had = held.get(key);
      const now = instant(clock);
      if (had !== undefined && ageMs(now, had.at) < freshMs) return had.data;
      try {
        const object = await client.get(secretRef(namespace, name), { deadlineMs });
        const raw = isRecord(object.data) ? object.data : {};
        const data = Object.fromEntries(
          Object.entries(raw).flatMap(([field, value]) =>
            typeof value === 'string' ? [[field, decodeBase64(value)] as const] : [],
          ),
        );
        held.set(key, { data, at: now });
        return data;
      } catch (error) {
        if (had === undefined) throw error;
        return had.data;
      }
    },
  };
}
