export type MessageKind =
  | 'RunStarted'
  | 'RunBlocked'
  /** Nothing holds it any more. */
  | 'RunGoesOn'
  | 'RunAborting'
  /** The platform is active and healthy where it was to go; what follows cleans up. */
  | 'RunSustained'
  | 'RunEnded'
  | 'PlanProblem'
  | 'PlanProblemOver';

/** `Critical`: somebody has to act. `Warning`: somebody should know now. */
export type Severity = 'Info' | 'Warning' | 'Critical';

/** One thing that people are told of. What it says is rendered when it is sent, so that no stale words go out. */
export interface Topic {
  /** Unique in a plan: `run/checkout-7/blocked/fence/orders/FenceNotProven`, `plan/RPOMet`. */
  readonly key: string;
  /** Topics of one group that are due together are told in one message, and their end is told when all have ended. */
  readonly group: string;
  readonly kind: MessageKind;
  readonly severity: Severity;
  readonly reason: string;
  /** A sentence. */
  readonly message: string;
  /** Wall ms, by the status: since when it is so, or when it happened. */
  readonly began: number;
  /** The Run it is about. */
  readonly run?: string;
  /** The step it is about. */
  readonly step?: string;
  readonly manner: Manner;
  /** It cannot be told now whether it is still so: neither told nor taken as over. */
  readonly unclear?: boolean;
}

/**
 * How a topic is told. `Once`: when it happened. `Standing`: while it lasts, repeated; and, to whoever was told of it,
 * that it is over.
 */
export type Manner =
  | { readonly kind: 'Once' }
  | {
      readonly kind: 'Standing';
      /** It has to last so long before it is told, ms: what mends itself at once is nobody's business. */
      readonly holdMs: number;
      /** It has to be gone so long before that is told, ms, and before it can begin anew: hysteresis. */
      readonly goneMs: number;
      /** The contacts are called one after the other, as long as it lasts; else all of them at once. */
      readonly inTurn: boolean;
      readonly repeat: Repeat;
      /** What tells that it is over; absent: nothing does. */
      readonly over?: MessageKind;
    };

/** Repeated after `firstMs`, and once it has lasted for `longMs` only after `thenMs`. */
export interface Repeat {
  readonly firstMs: number;
  readonly longMs: number;
  readonly thenMs: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Between one contact and the next, as long as a block is unanswered. */
export const escalateMs = 5 * minute;

/** What nobody could be told of within this time has become history: a contact that is added later is not told of it. */
export const historyMs = hour;

export function isHistory({ manner, began }: Topic, now: number): boolean {
  return manner.kind === 'Once' && now - began > historyMs;
}

export const manners = Object.freeze({
  once: { kind: 'Once' },
  /** A run that waits for a person, or is past a deadline. */
  blocked: {
    kind: 'Standing',
    holdMs: 5 * second,
    goneMs: 30 * second,
    inTurn: true,
    repeat: { firstMs: 5 * minute, longMs: hour, thenMs: 30 * minute },
    over: 'RunGoesOn',
  },
  /** An effect that cannot be taken back for so long. */
  undoing: {
    kind: 'Standing',
    holdMs: 2 * minute,
    goneMs: 30 * second,
    inTurn: true,
    repeat: { firstMs: 5 * minute, longMs: hour, thenMs: 30 * minute },
    over: 'RunGoesOn',
  },
  /** Of a plan, told at once: nothing that flickers. */
  problem: {
    kind: 'Standing',
    holdMs: 10 * second,
    goneMs: 10 * second,
    inTurn: false,
    repeat: { firstMs: hour, longMs: 24 * hour, thenMs: 24 * hour },
    over: 'PlanProblemOver',
  },
  /** Of a plan, what comes and goes with load and network. */
  flickering: {
    kind: 'Standing',
    holdMs: minute,
    goneMs: minute,
    inTurn: false,
    repeat: { firstMs: hour, longMs: 24 * hour, thenMs: 24 * hour },
    over: 'PlanProblemOver',
  },
  /** What cannot be seen: neither good nor bad, but not for long. */
  unseen: {
    kind: 'Standing',
    holdMs: 5 * minute,
    goneMs: minute,
    inTurn: false,
    repeat: { firstMs: hour, longMs: 24 * hour, thenMs: 24 * hour },
  },
} as const satisfies Readonly<Record<string, Manner>>);

export function repeatAfterMs({ firstMs, longMs, thenMs }: Repeat, lastedMs: number): number {
  return lastedMs < longMs ? firstMs : thenMs;
}
