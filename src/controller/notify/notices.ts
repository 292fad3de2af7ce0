import type { Memory } from '../../decide/notify/memory.ts';
import type { Notifier } from '../../drivers/notifiers/driver.ts';
import type { WorkQueue } from '../../kube/queue.ts';
import type { ToldStore } from '../../record/told.ts';
import type { RecallLines, RecallTurn } from './recall-lines.ts';

/** One contact of one plan, as this process deals with it. */
export interface Lane {
  readonly planUid: string;
  /** undefined: to be read from where the last leader left it. */
  memory: Memory | undefined;
  /** While it is not read: when its turn to be is. */
  recall: RecallTurn | undefined;
  /** What was told and could not be saved yet. */
  unsaved: boolean;
  /** Attempts at the message of this id. */
  attempts: { readonly id: string; readonly count: number } | undefined;
  /** Monotonic ms before which nothing is sent: the receiver asked for it, or failed just now. */
  notBefore: number;
}

/** What the telling of people has for itself, so that it can neither hold up nor be held up by anything else. */
export interface Notices {
  readonly queue: WorkQueue;
  readonly notifier: Notifier;
  readonly store: ToldStore;
  readonly lanes: Map<string, Lane>;
  readonly recalls: RecallLines;
}

/** What was told of a deleted plan was not told of one made anew under its name. */
export function laneOf({ lanes }: Notices, key: string, planUid: string): Lane {
  const found = lanes.get(key);
  if (found?.planUid === planUid) return found;
  const lane: Lane = {
    planUid,
    memory: undefined,
    recall: undefined,
    unsaved: false,
    attempts: undefined,
    notBefore: 0,
  };
  lanes.set(key, lane);
  return lane;
}

/** A role may hold any character, the name of a plan no `#`. */
export function laneKey(planKey: string, role: string): string {
  return `${planKey}#${role}`;
}

export function splitLaneKey(key: string): { readonly planKey: string; readonly role: string } {
  const at = key.indexOf('#');
  return { planKey: key.slice(0, at), role: key.slice(at + 1) };
}
