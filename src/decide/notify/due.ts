import { isOver, type Memory, type Told } from './memory.ts';
import { escalateMs, repeatAfterMs, type MessageKind, type Severity, type Topic } from './topic.ts';

/** One message that is due for one contact. */
export interface Due {
  readonly kind: MessageKind;
  readonly severity: Severity;
  readonly group: string;
  /** What is settled with it. */
  readonly keys: readonly string[];
  /** What it tells of, the news first. Empty where it tells that everything of the group is over. */
  readonly topics: readonly Topic[];
  /** Wall ms: the beginning of what it tells first. */
  readonly began: number;
  /** How many messages about it came before this one. */
  readonly count: number;
  /** Wall ms. */
  readonly dueAt: number;
}

export interface Agenda {
  readonly due?: Due;
  /** ms until something else becomes due; absent: only a change makes it so. */
  readonly wakeAfterMs?: number;
}

/**
 * What a contact is to be told next: a pure function of what is the case, of what was told before, and of the time.
 * `rank`: its place among the contacts that can be reached, 0 first; a block calls them one after the other.
 */
export function agendaOf(memory: Memory, topics: readonly Topic[], rank: number, now: number): Agenda {
  const tells = topics.flatMap((topic) => turnOf(memory, topic, rank, now));
  const overs = oversOf(memory, now);
  const due = [...groups(tells, now), ...overs].toSorted(byUrgency);
  const later = [...tells.map(({ dueAt }) => dueAt), ...endings(memory)].filter((at) => at > now);
  const [first] = due;
  return {
    ...(first === undefined ? {} : { due: first }),
    ...(later.length === 0 ? {} : { wakeAfterMs: Math.min(...later) - now }),
  };
}

interface Turn {
  readonly topic: Topic;
  readonly told: Told;
  /** Has lasted for long enough to be spoken of. */
  readonly held: boolean;
  readonly dueAt: number;
}

function turnOf(memory: Memory, topic: Topic, rank: number, now: number): readonly Turn[] {
  const told = memory.told[topic.key];
  if (told === undefined || topic.unclear === true) return [];
  const { manner } = topic;
  if (manner.kind === 'Once') return told.count > 0 ? [] : [{ topic, told, held: true, dueAt: told.since }];
  const heldAt = told.since + manner.holdMs;
  const held = now >= heldAt;
  if (told.count === 0 || told.lastAt === undefined) {
    return [{ topic, told, held, dueAt: heldAt + (manner.inTurn ? rank * escalateMs : 0) }];
  }
  // A clock that was set back must not silence it.
  const lastAt = Math.min(told.lastAt, now);
  return [{ topic, told, held, dueAt: lastAt + repeatAfterMs(manner.repeat, lastAt - told.since) }];
}

/** All of a group is told in one message as soon as one of it is due. */
function groups(turns: readonly Turn[], now: number): readonly Due[] {
  const names = new Set(turns.filter(({ dueAt }) => dueAt <= now).map(({ topic }) => topic.group));
  return [...names].flatMap((group) => {
    const own = turns.filter(({ topic, held }) => topic.group === group && held).toSorted(byNews(now));
    const [lead] = own;
    if (lead === undefined) return [];
    const { kind, severity } = lead.topic;
    return [
      {
        kind,
        severity,
        group,
        keys: own.map(({ topic }) => topic.key),
        topics: own.map(({ topic }) => topic),
        began: lead.told.began,
        count: lead.told.count,
        dueAt: lead.dueAt,
      },
    ];
  });
}

/** What is due before what only goes with it, what was never told before what is repeated, the oldest first. */
function byNews(now: number): (a: Turn, b: Turn) => number {
  return (a, b) =>
    Number(a.dueAt > now) - Number(b.dueAt > now) || a.told.count - b.told.count || a.told.began - b.told.began;
}

function oversOf(memory: Memory, now: number): readonly Due[] {
  const over = Object.entries(memory.told).filter(([, told]) => isOver(told, now));
  const names = new Set(over.map(([, { group }]) => group));
  return [...names].flatMap((group) => {
    const own = Object.entries(memory.told).filter(([, told]) => told.group === group);
    const kind = own.find(([, { delivered }]) => delivered)?.[1].ends?.over;
    // While one of them may come back, nothing is over.
    if (kind === undefined || own.some(([, told]) => !isOver(told, now))) return [];
    const began = Math.min(...own.map(([, told]) => told.began));
    const count = Math.max(...own.map(([, told]) => told.count));
    const dueAt = Math.max(...own.map(([, { goneSince = now, ends }]) => goneSince + (ends?.goneMs ?? 0)));
    return [{ kind, severity: 'Info', group, keys: own.map(([key]) => key), topics: [], began, count, dueAt }];
  });
}

/** When what is gone now will be over. */
function endings(memory: Memory): readonly number[] {
  return Object.values(memory.told).flatMap(({ goneSince, ends }) =>
    goneSince === undefined || ends === undefined ? [] : [goneSince + ends.goneMs],
  );
}

const urgency = { Critical: 0, Warning: 1, Info: 2 } as const satisfies Readonly<Record<Severity, number>>;

function byUrgency(a: Due, b: Due): number {
  return urgency[a.severity] - urgency[b.severity] || a.dueAt - b.dueAt;
}

/** The message was delivered, or given up: what it told is not due again before its time. */
export function settled(memory: Memory, due: Due, now: number, delivered: boolean): Memory {
  const told = Object.entries(memory.told).flatMap(([key, one]): (readonly [string, Told])[] => {
    if (!due.keys.includes(key)) return [[key, one]];
    if (due.topics.length === 0) return [];
    return [[key, { ...one, count: one.count + 1, lastAt: now, delivered: one.delivered || delivered }]];
  });
  return { ...memory, told: Object.fromEntries(told) };
}
