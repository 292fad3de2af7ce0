import { agendaOf, settled, type Due } from '../../decide/notify/due.ts';
import { hasteOf } from '../../decide/notify/haste.ts';
import { look, type Memory } from '../../decide/notify/memory.ts';
import type { Topic } from '../../decide/notify/topic.ts';
import { topicsOf } from '../../decide/notify/topics.ts';
import type { Delivery } from '../../drivers/notifiers/driver.ts';
import { backoffMs } from '../../kube/backoff.ts';
import { withFields } from '../../ports/log.ts';
import { composeMessage, type Message } from '../../view/message.ts';
import { apiVersion } from '../resources.ts';
import type { Runtime } from '../runtime.ts';
import { heldOrLater } from '../wake.ts';
import { laneOf, type Lane } from './notices.ts';
import { subjectOf, type Subject } from './subject.ts';

/** Attempts at one message; after that it is given up, and what it told of is told anew when it is due again. */
export const mostAttempts = 12;
const backoff = { baseMs: 2_000, capMs: 60_000 } as const;
/** Between two attempts at least: the jitter may draw nothing. */
const leastWaitMs = 500;
/** However long a receiver asks to be left alone. */
const longestWaitMs = 3_600_000;
/** What was told and could not be saved is tried again. */
const saveAgainMs = 5_000;

/** One contact: what is it to be told next, by what is known now? One message at a time, in its own time. */
export function createTeller(runtime: Runtime): (key: string) => Promise<void> {
  const { notices, ports } = runtime;
  return async (key) => {
    if (!heldOrLater(runtime, notices.queue, key)) return;
    const subject = subjectOf(runtime, key);
    if (subject === undefined) {
      notices.lanes.delete(key);
      return;
    }
    const lane = laneOf(notices, key, subject.plan.uid);
    const topics = topicsOf(subject.status, subject.runs);
    const waitMs = lane.memory === undefined ? recallWaitMs(runtime, lane, topics) : 0;
    if (waitMs > 0) {
      notices.queue.addAfter(key, waitMs);
      return;
    }
    const before = lane.memory ?? (await notices.store.recall(subject.plan, subject.contact.role));
    const memory = look(before, topics, ports.clock.wall());
    lane.memory = memory;
    const { due, wakeAfterMs } = agendaOf(memory, topics, subject.rank, ports.clock.wall());
    if (wakeAfterMs !== undefined) notices.queue.addAfter(key, wakeAfterMs);
    if (due !== undefined) await take(runtime, key, lane, memory, subject, due);
    if (lane.unsaved) await save(runtime, key, lane, subject);
  };
}

/** How long until what was told before may be read: a new leader has to read it for every contact of every plan. */
function recallWaitMs({ notices, ports }: Runtime, lane: Lane, topics: readonly Topic[]): number {
  const haste = hasteOf(topics, ports.clock.wall());
  if (haste === 'Now') return 0;
  const now = ports.clock.monotonic();
  lane.recall = notices.recalls.turnFor(haste, lane.recall, now);
  return lane.recall.at - now;
}

async function take(
  runtime: Runtime,
  key: string,
  lane: Lane,
  memory: Memory,
  subject: Subject,
  due: Due,
): Promise<void> {
  const { notices, ports } = runtime;
  const waitMs = lane.notBefore - ports.clock.monotonic();
  if (waitMs > 0) {
    notices.queue.addAfter(key, waitMs);
    return;
  }
  const run = subject.runs.find(({ name }) => due.group.startsWith(`run/${name}/`));
  if (due.group.startsWith('run/') && run === undefined) {
    // It was deleted meanwhile: there is nothing left to say of it.
    lane.memory = settled(memory, due, ports.clock.wall(), false);
    notices.queue.add(key);
    return;
  }
  const { plan, status, contact } = subject;
  const about = run === undefined ? {} : { run };
  const message = composeMessage({ now: ports.clock.wall(), plan, status, contact, due, ...about });
  const delivery = await send(runtime, subject, message);
  const ended = afterAttempt(runtime, lane, subject, message, delivery);
  if (contact.channel !== undefined) runtime.metrics.instruments.notified(contact.channel.kind, ended ?? 'Again');
  if (ended === undefined) {
    notices.queue.addAfter(key, Math.max(0, lane.notBefore - ports.clock.monotonic()));
    return;
  }
  lane.memory = settled(memory, due, ports.clock.wall(), ended === 'Delivered');
  lane.unsaved = true;
  notices.queue.add(key);
}

async function send(runtime: Runtime, { plan, contact }: Subject, message: Message): Promise<Delivery> {
  const { channel } = contact;
  if (channel === undefined) return { kind: 'Refused', why: 'it has no channel' };
  return await runtime.notices.notifier.send(plan.namespace, channel, message, runtime.signal);
}

/** undefined: it is to be tried again, not before `lane.notBefore`. */
function afterAttempt(
  runtime: Runtime,
  lane: Lane,
  subject: Subject,
  message: Message,
  delivery: Delivery,
): 'Delivered' | 'GivenUp' | undefined {
  const { clock, log, random } = runtime.ports;
  const { plan, contact } = subject;
  const told = withFields(log, {
    plan: `${plan.namespace}/${plan.name}`,
    contact: contact.role,
    channel: contact.channel?.kind,
    message: message.id,
    kind: message.kind,
    reason: message.reason,
  });
  if (delivery.kind === 'Delivered') {
    lane.attempts = undefined;
    told.log('info', 'contact told', {});
    return 'Delivered';
  }
  const count = lane.attempts?.id === message.id ? lane.attempts.count + 1 : 1;
  const over = delivery.kind === 'Refused' || count >= mostAttempts;
  told.log('warn', over ? 'contact not told; given up' : 'contact not told; trying again', {
    why: delivery.why,
    count,
  });
  const askedMs = delivery.kind === 'Again' ? Math.min(delivery.afterMs ?? 0, longestWaitMs) : 0;
  const ownMs = over ? 0 : Math.max(leastWaitMs, backoffMs(random, 'notify.backoff', count, backoff));
  lane.notBefore = clock.monotonic() + Math.max(askedMs, ownMs);
  if (!over) {
    lane.attempts = { id: message.id, count };
    return undefined;
  }
  lane.attempts = undefined;
  const words = `${contact.role} was not told of ${message.reason} by ${contact.channel?.kind ?? ''}: ${delivery.why}.`;
  const { namespace, name, uid } = plan;
  runtime.events.record(
    { apiVersion, kind: 'DisasterRecoveryPlan', namespace, name, uid },
    { type: 'Warning', reason: 'NotificationFailed', message: words },
  );
  return 'GivenUp';
}

/** After the message, never before it: a leader that dies in between tells it twice rather than not at all. */
async function save(runtime: Runtime, key: string, lane: Lane, { plan, contact }: Subject): Promise<void> {
  const { notices, ports } = runtime;
  if (lane.memory === undefined) return;
  try {
    await notices.store.save(plan, contact.role, lane.memory);
    lane.unsaved = false;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    ports.log.log('warn', 'what was told is not saved; trying again', { lane: key, error: text });
    notices.queue.addAfter(key, saveAgainMs);
  }
}
