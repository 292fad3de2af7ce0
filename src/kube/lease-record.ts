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
  /** Which write made the holder so; undefined where no candidate of this kind did. */
  readonly claim: string | undefined;
  readonly durationMs: number;
  readonly transitions: number;
}

/** One write. `id` is told apart from every other by an annotation: a holder's name alone may be anybody's edit. */
export interface Claim {
  readonly id: string;
  readonly wall: number;
}

const claimAnnotation = 'dr.maestro.io/claim';

/** The reads and compare-and-swap writes on one Lease, in the name of one candidate. */
export interface LeaseRecords {
  /** undefined: there is none. */
  read(call: Call): Promise<LeaseRecord | undefined>;
  create(claim: Claim, call: Call): Promise<LeaseRecord>;
  /** Makes us holder of exactly the version `known`; `keeps` for a renewal, which is no transition. */
  swap(known: LeaseRecord, claim: Claim, keeps: boolean, call: Call): Promise<LeaseRecord>;
  release(known: LeaseRecord, call: Call): Promise<void>;
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
  const claimed = ({ wall }: Claim): JsonRecord => ({
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    renewTime: microTime(wall),
  });
  const annotated = ({ id }: Claim): JsonRecord => ({ annotations: { [claimAnnotation]: id } });
  const patch = async (known: LeaseRecord, more: JsonRecord, spec: JsonRecord, call: Call): Promise<LeaseRecord> => {
    const metadata = { ...more, uid: known.uid, resourceVersion: known.resourceVersion };
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
    create: async (claim, call) => {
      const spec = { ...claimed(claim), acquireTime: microTime(claim.wall), leaseTransitions: 0 };
      const metadata = { name, namespace, ...annotated(claim) };
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      return parse(await client.create(ref, body, call), durationMs);
    },
    swap: (known, claim, keeps, call) => {
      const taken = keeps ? {} : { acquireTime: microTime(claim.wall), leaseTransitions: known.transitions + 1 };
      return patch(known, annotated(claim), { ...claimed(claim), ...taken }, call);
    },
    release: async (known, call) => {
      await patch(known, {}, { holderIdentity: null }, call);
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
    claim: lease.metadata.annotations?.[claimAnnotation],
    durationMs: seconds === undefined ? defaultDurationMs : seconds * 1000,
    transitions: numberAt(spec, 'leaseTransitions') ?? 0,
  };
}
