import { KILL_MOMENTS, type Fault } from './kernel/index.ts';

/** What people do of themselves, ms after the first word. */
export type Deed = Turn | Steering;

/** To the plan. */
export interface Turn {
  readonly at: number;
  readonly do: 'flip-back' | 'edit' | 'delete' | 'delete-and-remake';
}

/** To every Run that the field begins; lifted after `forMs`. */
export interface Halt {
  readonly at: number;
  readonly do: 'halt';
  readonly forMs: number;
}

/** To the newest Run. `step` is an id as the status shows it; a pause ends after `forMs`. */
export type Steering =
  | Halt
  | { readonly at: number; readonly do: 'abort' }
  | { readonly at: number; readonly do: 'pause'; readonly forMs: number }
  | { readonly at: number; readonly do: 'skip' | 'retry'; readonly step: string }
  | { readonly at: number; readonly do: 'mode'; readonly mode: 'Planned' | 'Forced' }
  /** An approval whose evidence is of another question. */
  | { readonly at: number; readonly do: 'approve-other' };

/** What happens to the operator's machine or the services, ms after the first word; over after `forMs`. */
export type Weather =
  | { readonly at: number; readonly forMs: number; readonly do: 'suspend' | 'machine-sleeps' }
  | { readonly at: number; readonly forMs: number; readonly do: 'wall-jump'; readonly byMs: number }
  | { readonly at: number; readonly forMs: number; readonly do: 'dns-api'; readonly how: 'unavailable' | 'silent' }
  | {
      readonly at: number;
      readonly forMs: number;
      readonly do: 'cut';
      readonly region: 'us-east-1' | 'us-west-2';
      readonly how: 'hang' | 'refuse';
    }
  | { readonly at: number; readonly forMs: number; readonly do: 'link'; readonly how: 'hold' | 'cut' }
  /** The Lease is deleted, another operator takes it, and the first does not hear of it for that long. */
  | { readonly at: number; readonly forMs: number; readonly do: 'rival' };

/** How the source fares: it stays, dies with its data (at the first word, or before), or nobody can reach it. */
export type Outage =
  | { readonly kind: 'None' }
  | { readonly kind: 'Dies' | 'Dark'; readonly heldMs: number; readonly returns: 'Late' | 'OnceHealthy' };

/** People fail over at the servers themselves, past the operator, while it looks on or is dead. */
export interface ByHand {
  /** After a Run has moved it west they bring it back east; else they bring it west, also past a Run that hangs behind its fence. */
  readonly after: 'Nothing' | 'Run' | 'Fence';
  readonly operator: 'Alive' | 'Dead';
  /** How they, or its death, keep the old primary from writing. */
  readonly source: 'Stopped' | 'Fenced' | 'Dies';
  readonly movesDns: boolean;
  /** What becomes of the old primary after that: a standby of the new one, by their hands; or it comes back as it was. */
  readonly then: 'Left' | 'Rebuilt' | 'Back';
  /** Somebody types the command that the plan's status prints. */
  readonly adopts: boolean;
}

/** A world, its faults, and what people do in it: plain data, so that it can be shrunk, printed and played again. */
export interface Tale {
  readonly seed: number;
  readonly databases: readonly string[];
  readonly fencing: 'Verified' | 'BestEffort' | 'None';
  readonly approval: 'Forced' | 'Always' | 'Never';
  readonly enforcement: 'Act' | 'Observe';
  readonly rpo: '1s' | '30s';
  readonly cooldown: '0s' | '10m';
  readonly outage: Outage;
  readonly faults: readonly Fault[];
  readonly deeds: readonly Deed[];
  readonly weather: readonly Weather[];
  /** Once all is over, the field is set back. */
  readonly comesBack: boolean;
  readonly hand?: ByHand;
  readonly badPlan: boolean;
  /** Told again without its faults: where both must come to the same end. */
  readonly twin: boolean;
  /** How long the person takes to answer, ms. */
  readonly answerMs: number;
}

/** Until nothing changes any more, ms: one that died waits for the Lease of its former life before it goes on. */
export const restMs = ({ faults }: Tale): number =>
  faults.some((one) => (KILL_MOMENTS as readonly string[]).includes(one.do)) ? 22_000 : 6_000;

/** When a deed is over, ms after the first word. */
export const deedEnds = (deed: Deed): number => deed.at + ('forMs' in deed ? deed.forMs : 0);
