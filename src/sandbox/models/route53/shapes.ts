/*
 * What Route 53's API takes and gives (API version 2013-04-01), in the spelling of the AWS SDK's command inputs and
 * outputs, so that one plain object serves the port and the wire. Only what the sandbox models is here.
 */

export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'NS', 'SOA', 'TXT'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

export interface AliasTarget {
  readonly HostedZoneId: string;
  readonly DNSName: string;
  readonly EvaluateTargetHealth: boolean;
}

/** Either `TTL` with `ResourceRecords`, or `AliasTarget`. `SetIdentifier` and `Weight` go together. TTL in seconds. */
export interface RecordSet {
  readonly Name: string;
  readonly Type: RecordType;
  readonly SetIdentifier?: string;
  readonly Weight?: number;
  readonly TTL?: number;
  readonly ResourceRecords?: readonly { readonly Value: string }[];
  readonly AliasTarget?: AliasTarget;
  readonly HealthCheckId?: string;
}

export type ChangeAction = 'CREATE' | 'DELETE' | 'UPSERT';

export interface Change {
  readonly Action: ChangeAction;
  readonly ResourceRecordSet: RecordSet;
}

export type Output = Readonly<Record<string, unknown>>;

/**
 * @field shape how the answer looks on the wire: `typed` is `<ErrorResponse><Error><Code>`, `messages` the root
 * `<InvalidChangeBatch><Messages>` that carries no code.
 */
export interface Refusal {
  readonly code: string;
  readonly messages: readonly string[];
  readonly status: number;
  readonly shape: 'typed' | 'messages';
}

export type Reply =
  { readonly kind: 'output'; readonly output: Output } | { readonly kind: 'refused'; readonly refusal: Refusal };

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** Who signed the request: the region of the signature's scope and the access key's id. */
export interface Caller {
  readonly region: string;
  readonly accessKeyId: string;
}

export interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}

/** What makes a record set distinct within its zone. */
export function recordKey(set: Pick<RecordSet, 'Name' | 'Type' | 'SetIdentifier'>): string {
  return `${set.Name} ${set.Type} ${set.SetIdentifier ?? ''}`;
}
