import { isFields, readChanges, readId, readText } from './read-input.ts';
import type { Call, Caller, Change, Checked, Output } from './shapes.ts';

/** What the model witnessed: one entry for each request that reached it, however its reply fared. */
export interface AuditEntry {
  /** Ms since the Unix epoch. */
  readonly at: number;
  readonly caller: Caller;
  readonly operation: string;
  readonly zoneId?: string;
  readonly verdict: 'accepted' | 'refused';
  readonly code?: string;
  readonly messages?: readonly string[];
  /** What was asked for, where it could be read. */
  readonly changes?: readonly Change[];
  /** With its prefix, as GetChange gives it. */
  readonly changeId?: string;
  /** `late` and `duplicate` are deliveries by fault: no caller is waiting for them. */
  readonly delivery: 'direct' | 'late' | 'duplicate';
}

export function auditEntry(
  at: number,
  call: Call,
  result: Checked<Output>,
  delivery: AuditEntry['delivery'],
): AuditEntry {
  const { operation, input, caller } = call;
  const zoneId = readId(input, operation === 'GetHostedZone' ? 'Id' : 'HostedZoneId');
  const changes = operation === 'ChangeResourceRecordSets' ? readChanges(input) : undefined;
  return {
    at,
    caller,
    operation,
    ...(zoneId === undefined || operation === 'GetChange' ? {} : { zoneId }),
    ...(changes?.ok === true ? { changes: changes.value } : {}),
    ...(result.ok
      ? { verdict: 'accepted', ...changeIdOf(result.value) }
      : { verdict: 'refused', code: result.refusal.code, messages: result.refusal.messages }),
    delivery,
  };
}

function changeIdOf(output: Output): { readonly changeId?: string } {
  const info = output.ChangeInfo;
  const id = isFields(info) ? readText(info, 'Id') : undefined;
  return id === undefined ? {} : { changeId: id };
}
