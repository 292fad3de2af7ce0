/*
 * What can go wrong between a caller and Route 53, addressed from outside and consumed in order. `before` and `after`
 * say on which side of the effect the reply was lost.
 */

export type FaultKind =
  /** The connection breaks; the request never arrived. */
  | 'lost-before'
  /** The connection breaks; the effect happened. */
  | 'lost-after'
  /** No answer ever comes; the request never arrived. */
  | 'silent-before'
  /** No answer ever comes; the effect happened. */
  | 'silent-after'
  /** The connection breaks now, and the request takes effect `delayMs` later. */
  | 'late'
  /** Answered normally, and delivered once more `delayMs` later. */
  | 'duplicate'
  /** Takes effect; 200, and the connection breaks in the middle of the body. */
  | 'cut-body'
  /** Takes effect; 200, and the body ends in the middle of the document. */
  | 'cut-document'
  /** Takes effect; 200 with no body at all. */
  | 'empty-body'
  | 'throttled'
  | 'prior-request'
  | 'denied'
  /** A proxy's page instead of an answer; the request never arrived. */
  | 'html-503'
  /** The same, yet the effect happened. */
  | 'html-503-after'
  /** 500 as XML; the effect happened. */
  | 'internal-after';

export interface Fault {
  readonly kind: FaultKind;
  /** Only calls of this operation; default any. */
  readonly operation?: string;
  /** How many calls it meets; default 1. */
  readonly times?: number;
  /** For `late` and `duplicate`, ms; default 0. */
  readonly delayMs?: number;
}

/** The control plane as a whole. The DNS servers go on answering from what they know. */
export type Outage = 'none' | 'unavailable' | 'silent' | 'dropped';

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  setOutage(outage: Outage): void;
  outage(): Outage;
  /** How many calls the faults added will still meet. */
  left(): number;
  /** The first fault this operation meets, used up by asking. */
  take(operation: string): Fault | undefined;
}

export function createFaults(): Faults {
  let pending: readonly { readonly fault: Fault; readonly left: number }[] = [];
  let outage: Outage = 'none';
  return {
    add(fault) {
      pending = [...pending, { fault, left: fault.times ?? 1 }];
    },
    clear() {
      pending = [];
      outage = 'none';
    },
    setOutage(next) {
      outage = next;
    },
    outage: () => outage,
    left: () => pending.reduce((sum, { left }) => sum + left, 0),
    take(operation) {
      const index = pending.findIndex(({ fault }) => fault.operation === undefined || fault.operation === operation);
      const met = pending[index];
      if (met === undefined) return undefined;
      const spent = met.left <= 1 ? [] : [{ ...met, left: met.left - 1 }];
      pending = [...pending.slice(0, index), ...spent, ...pending.slice(index + 1)];
      return met.fault;
    },
  };
}
