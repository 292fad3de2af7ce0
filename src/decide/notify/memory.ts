import { isHistory, type MessageKind, type Topic } from './topic.ts';

/** What one contact was told of one topic. Plain JSON: it outlives the process. Wall ms throughout. */
export interface Told {
  readonly group: string;
  /** From when on its being unanswered is counted. */
  readonly since: number;
  /** The topic's own beginning, by which two occurrences of it are told apart. */
  readonly began: number;
  /** Messages about it that were settled: delivered, or given up. */
  readonly count: number;
  readonly lastAt?: number;
  /** At least one message arrived. */
  readonly delivered: boolean;
  /** Of a standing one: how long it has to be gone, and what then tells that it is over. */
  readonly ends?: { readonly goneMs: number; readonly over?: MessageKind };
  readonly goneSince?: number;
}

/** Of one contact of one plan. */
export interface Memory {
  /** The last look of this process; absent before its first one. */
  readonly lookedAt?: number;
  readonly told: Readonly<Record<string, Told>>;
}

export const nothingTold: Memory = Object.freeze({ told: Object.freeze({}) });

/** Takes in what is the case now: what is new is noted, what is gone is dropped once it has been gone for long enough. */
export function look(memory: Memory, topics: readonly Topic[], now: number): Memory {
  const on = topics.filter((topic) => topic.unclear !== true);
  const opened = on.filter(({ key }) => memory.told[key] === undefined);
  const kept = Object.entries(memory.told).flatMap(([key, told]) => {
    const topic = topics.find((one) => one.key === key);
    const next = topic === undefined ? gone(told, now) : present(told);
    return next === undefined ? [] : [[key, next] as const];
  });
  const told = Object.fromEntries([...kept, ...opened.map((topic) => [topic.key, open(memory, topic, now)] as const)]);
  return { lookedAt: now, told: withoutForgotten(told, on, now) };
}

/**
 * A process that has just begun counts from what the status says; one that has looked before knows that it was not so
 * then, whatever a step's own `since` says (it does not move with the reason).
 */
function open(memory: Memory, topic: Topic, now: number): Told {
  const { manner, began, group } = topic;
  const since = Math.min(now, memory.lookedAt === undefined || began > memory.lookedAt ? began : now);
  const base = { group, since, began, delivered: false };
  if (manner.kind === 'Once') return { ...base, count: isHistory(topic, now) ? 1 : 0 };
  const { goneMs, over } = manner;
  return { ...base, count: 0, ends: { goneMs, ...(over === undefined ? {} : { over }) } };
}

function present(told: Told): Told {
  const { goneSince: _back, ...rest } = told;
  return rest;
}

function gone(told: Told, now: number): Told | undefined {
  if (told.ends === undefined) return undefined;
  return told.goneSince === undefined ? { ...told, goneSince: now } : told;
}

/** What is over, and of whose end nobody is to be told. */
function withoutForgotten(told: Memory['told'], on: readonly Topic[], now: number): Memory['told'] {
  return Object.fromEntries(Object.entries(told).filter(([, one]) => !isForgotten(one, told, on, now)));
}

function isForgotten(one: Told, told: Memory['told'], on: readonly Topic[], now: number): boolean {
  if (!isOver(one, now)) return false;
  // The others of its group tell that it goes on all the same; an ended run tells so itself.
  if (on.some(({ group }) => group === one.group)) return true;
  if (on.some((topic) => tellsAsMuch(topic, one))) return true;
  const group = Object.values(told).filter((other) => other.group === one.group);
  if (group.some((other) => !isOver(other, now))) return false;
  return one.ends?.over === undefined || !group.some(({ delivered }) => delivered);
}

/** That a run has ended, or has recovered since it stood still, says that it goes on, and more. */
function tellsAsMuch({ kind, run, began }: Topic, { group, goneSince = Infinity }: Told): boolean {
  if (group !== `run/${run ?? ''}/blocked`) return false;
  return kind === 'RunEnded' || (kind === 'RunSustained' && began >= goneSince);
}

export function isOver({ ends, goneSince }: Told, now: number): boolean {
  return ends !== undefined && goneSince !== undefined && now - goneSince >= ends.goneMs;
}
