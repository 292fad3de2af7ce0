import type { ModelTime } from '../time.ts';
import type { AuditEntry } from './audit.ts';
import type { Fault, Faults, Outage } from './faults.ts';
import { readId } from './read-input.ts';
import { refusals } from './refusals.ts';
import type { Call, Output, Refusal, Reply } from './shapes.ts';

/** How a call fared on its way: `replied` and `cut` (a 200 with less than its body) reached the caller. */
export type Delivery =
  | { readonly kind: 'replied'; readonly reply: Reply }
  | { readonly kind: 'cut'; readonly output: Output; readonly how: 'connection' | 'document' | 'empty' }
  | { readonly kind: 'html-503' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'silent' };

/** `instead`: the service refuses with this, and nothing takes effect. */
export type Perform = (call: Call, delivery: AuditEntry['delivery'], instead?: Refusal) => Reply;

export function deliver(time: ModelTime, faults: Faults, perform: Perform, call: Call): Delivery {
  const outage = faults.outage();
  if (outage !== 'none') return duringOutage(outage, call, perform);
  const fault = faults.take(call.operation);
  return fault === undefined ? replied(perform(call, 'direct')) : withFault(time, fault, call, perform);
}

const replied = (reply: Reply): Delivery => ({ kind: 'replied', reply });

function duringOutage(outage: Exclude<Outage, 'none'>, call: Call, perform: Perform): Delivery {
  if (outage === 'unavailable') return replied(perform(call, 'direct', refusals.serviceUnavailable()));
  return { kind: outage };
}

function withFault(time: ModelTime, fault: Fault, call: Call, perform: Perform): Delivery {
  const instead = refusalOf(fault, call);
  if (instead !== undefined) return replied(perform(call, 'direct', instead));
  switch (fault.kind) {
    case 'lost-before':
      return { kind: 'dropped' };
    case 'silent-before':
      return { kind: 'silent' };
    case 'html-503':
      return { kind: 'html-503' };
    case 'late':
      time.after(fault.delayMs ?? 0, () => void perform(call, 'late'));
      return { kind: 'dropped' };
    case 'duplicate': {
      const reply = perform(call, 'direct');
      time.after(fault.delayMs ?? 0, () => void perform(call, 'duplicate'));
      return replied(reply);
    }
    default:
      return afterEffect(fault, perform(call, 'direct'));
  }
}

/** The service's own refusals: nothing takes effect. */
function refusalOf(fault: Fault, call: Call): Refusal | undefined {
  switch (fault.kind) {
    case 'throttled':
      return refusals.throttling();
    case 'prior-request':
      return refusals.priorRequest();
    case 'denied':
      return refusals.accessDenied(call.operation, resourceOf(call));
    default:
      return undefined;
  }
}

/** As its ARN names it: a change is no part of a zone. */
function resourceOf({ operation, input }: Call): string {
  const id = readId(input, 'HostedZoneId') ?? readId(input, 'Id') ?? '*';
  return operation === 'GetChange' ? `change/${id}` : `hostedzone/${id}`;
}

/** The effect happened (or was refused); what the caller sees of it. A refusal has no body worth cutting. */
function afterEffect(fault: Fault, reply: Reply): Delivery {
  switch (fault.kind) {
    case 'lost-after':
      return { kind: 'dropped' };
    case 'silent-after':
      return { kind: 'silent' };
    case 'html-503-after':
      return { kind: 'html-503' };
    case 'internal-after':
      return replied({ kind: 'refused', refusal: refusals.internalFailure() });
    case 'cut-body':
      return reply.kind === 'output' ? { kind: 'cut', output: reply.output, how: 'connection' } : replied(reply);
    case 'cut-document':
      return reply.kind === 'output' ? { kind: 'cut', output: reply.output, how: 'document' } : replied(reply);
    case 'empty-body':
      return reply.kind === 'output' ? { kind: 'cut', output: reply.output, how: 'empty' } : replied(reply);
    default:
      return replied(reply);
  }
}
