import type { JsonRecord } from './json.ts';
import { numberAt, recordAt, stringAt } from './json.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import { microTime } from './timestamp.ts';
import type { Call } from './transport.ts';

/** A Lease as a candidate reads it. */
export interface LeaseRecord {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Absent: released, or never held. */
  readonly holder: string | undefined;
  readonly renewTime: string;
  readonly durationMs: number;
  readonly transitions: number;
}

/** The reads and compare-and-swap writes on one Lease, in the name of one candidate. */
export interface LeaseRecords {
  /** undefined: there is none. */
  read(call: Call): Promise<LeaseRecord | undefined>;
  create(renewTime: string, call: Call): Promise<LeaseRecord>;
  /** Makes us holder of exactly the version `known`; `keeps` for a renewal, which is no transition. */
  swap(known: LeaseRecord, renewTime: string, keeps: boolean, call: Call): Promise<LeaseRecord>;
  release(known: LeaseRecord, call: Call): Promise<void>;
  /** A MicroTime that none of `taken` has, so that each write can be told apart. */
  renewTime(wall: number, taken: ReadonlyMap<string, unknown>): string;
}

export interface LeaseRecordsOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly durationMs: number;
}

export function createLeaseRecords(options: LeaseRecordsOptions): LeaseRecords {
  const { client, namespace, name, identity, durationMs } = options;
  const ref: ObjectRef = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace, name };
  const claimed = (renewTime: string): JsonRecord => ({
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    renewTime,
  });
  const patch = async (known: LeaseRecord, spec: JsonRecord, call: Call): Promise<LeaseRecord> => {
    const metadata = { uid: known.uid, resourceVersion: known.resourceVersion };
    return parse(await client.patch(ref, { metadata, spec }, { ...call, type: 'merge' }), durationMs);
  };

  return {
    read: async (call) => {
      try {
        return parse(await client.get(ref, call), durationMs);
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    create: async (renewTime, call) => {
      const spec = { ...claimed(renewTime), acquireTime: renewTime, leaseTransitions: 0 };
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec };
      return parse(await client.create(ref, body, call), durationMs);
    },
    swap: (known, renewTime, keeps, call) => {
      const taken = keeps ? {} : { acquireTime: renewTime, leaseTransitions: known.transitions + 1 };
      return patch(known, { ...claimed(renewTime), ...taken }, call);
    },
    release: async (known, call) => {
      await patch(known, { holderIdentity: null }, call);
    },
    renewTime: (wall, taken) => {
      let ms = wall;
      while (taken.has(microTime(ms))) ms += 1;
      return microTime(ms);
    },
  };
}

function parse(lease: KubeObject, defaultDurationMs: number): LeaseRecord {
  const spec = recordAt(lease, 'spec');
  const holder = stringAt(spec, 'holderIdentity');
  const seconds = numberAt(spec, 'leaseDurationSeconds');
  return {
    uid: lease.metadata.uid,
    resourceVersion: lease.metadata.resourceVersion,
    holder: holder === '' ? undefined : holder,
    renewTime: stringAt(spec, 'renewTime') ?? '',
    durationMs: seconds === undefined ? defaultDurationMs : seconds * 1000,
    transitions: numberAt(spec, 'leaseTransitions') ?? 0,
  };
}
