import { isRecord } from '../kube/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/object.ts';
import { instant, ageMs, type Clock, type Instant } from '../ports/clock.ts';
import { decodeBase64 } from './base64.ts';
import { secretRef } from './resources.ts';

/** A Secret's data, decoded. Held only in memory, never logged. */
export type SecretData = Readonly<Record<string, string>>;

export interface Secrets {
  /** @throws KubeError when it is not there, or cannot be read and never was. */
  read(namespace: string, name: string): Promise<SecretData>;
  /** What it opens did not open: it may have been rotated. */
  distrust(namespace: string, name: string): void;
}

interface Held {
  readonly data: SecretData;
  readonly at: Instant;
  trusted: boolean;
}

const usualMs = 30_000;
/** Of a fleet's Secrets, while what they open opens: reading them again would only tell that they are still the same. */
const trustedMs = 3_600_000;

/**
 * Reads again after 30 s, in a fleet after an hour unless it was doubted; while the API server does not answer, what
 * was read last serves on: a failover must not wait for it.
 */
export function createSecrets(client: KubeClient, clock: Clock, deadlineMs: number, isFleet: () => boolean): Secrets {
  const held = new Map<string, Held>();
  const serves = ({ trusted }: Held): number => (trusted && isFleet() ? trustedMs : usualMs);
  return {
    async read(namespace, name) {
      const key = `${namespace}/${name}`;
      const had = held.get(key);
      const now = instant(clock);
      if (had !== undefined && ageMs(now, had.at) < serves(had)) return had.data;
      try {
        const object = await client.get(secretRef(namespace, name), { deadlineMs });
        const data = decoded(object);
        held.set(key, { data, at: now, trusted: true });
        return data;
      } catch (error) {
        // An answer, too: whoever took the Secret away, or the right to read it, meant it.
        if (isKubeError(error, 'NotFound', 'Forbidden')) held.delete(key);
        else if (had !== undefined) return had.data;
        throw error;
      }
    },
    distrust(namespace, name) {
      const had = held.get(`${namespace}/${name}`);
      if (had !== undefined) had.trusted = false;
    },
  };
}

/** A key that is no text is left out: nothing here reads it, and what stands beside it must not be lost for it. */
function decoded(object: KubeObject): SecretData {
  const raw = isRecord(object.data) ? object.data : {};
  return Object.fromEntries(
    Object.entries(raw).flatMap(([field, value]) => {
      const text = typeof value === 'string' ? decodeBase64(value) : undefined;
      return text === undefined ? [] : [[field, text] as const];
    }),
  );
}
