import type { Contact } from '../../src/api/plan.ts';
import type { PlanStatus } from '../../src/api/plan-status.ts';
import type { Run } from '../../src/api/run.ts';
import { agendaOf } from '../../src/decide/notify/due.ts';
import { look, nothingTold } from '../../src/decide/notify/memory.ts';
import { topicsOf } from '../../src/decide/notify/topics.ts';
import { composeMessage, type Message } from '../../src/view/message.ts';
import { start } from '../decide/support/facts.ts';
import { aPlan, aSpec, east, minute, west } from '../decide/support/plans.ts';
import { aStatus, aRun, factsOf, type Case } from '../decide/support/runs.ts';

export const next = `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"approvals":[]}}'`;
export const lead: Contact = { role: 'DR Lead', name: 'Ana', channel: { kind: 'webhook', secretRef: { name: 'x' } } };

/** A run that has waited for a word since 30 s after it was declared, with ten minutes to be back. */
export const waiting = {
  steps: {
    assess: { state: 'Done' },
    approve: {
      state: 'Waiting',
      since: start + 30_000,
      waitsFor: {
        reason: 'ApprovalRequired',
        message: 'Forced failover of payments/checkout from us-east-1 to us-west-2 waits for a person.',
        evidence: [{ what: 'orders@us-east-1: Unreachable', at: start }],
        next,
      },
    },
  },
} as const satisfies Case;

export function aRunOf(given: Case = waiting): Run {
  const objectives = { rtoMs: 10 * minute, rpoMs: 30_000, clockStart: 'Declared' } as const;
  const steps = { ...given.steps, assess: { readyAt: start, ...given.steps?.assess } };
  return factsOf({ spec: aSpec({ objectives }), ...given, steps }).run;
}

export function aPlanStatus(over: Partial<PlanStatus> = {}): PlanStatus {
  return {
    observedGeneration: 1,
    acknowledgedActiveRegion: west,
    activeRegion: east,
    epoch: 7,
    currentRun: { name: 'checkout-7', uid: 'run-uid', epoch: 7 },
    workloads: [],
    conditions: [],
    ...over,
  };
}

/** What is due first at a time, in words for the first contact, to whom nothing was told before. */
export function messageAt(at: number, status: PlanStatus, run?: Run): Message {
  const topics = topicsOf(status, run === undefined ? [] : [run]);
  const { due } = agendaOf(look(nothingTold, topics, at), topics, 0, at);
  if (due === undefined) throw new Error('nothing is due');
  const plan = aPlan(aSpec({ contacts: [lead] }));
  const about = run !== undefined && due.group.startsWith('run/') ? { run } : {};
  return composeMessage({ now: at, plan, status, contact: lead, due, ...about });
}

/** The one that matters: a block, with 9 min 30 s of ten left. */
export function aMessage(): Message {
  return { ...messageAt(start + 35_000, aPlanStatus(), aRunOf()), at: start + 35_000 };
}

/** One of each kind that a life of a run and a plan brings forth. */
export function everyMessage(): readonly Message[] {
  const stopped = aRunOf({});
  const longAgo = aRunOf({ steps: { assess: { readyAt: start - 7_200_000 } } });
  const done = (over: Parameters<typeof aStatus>[0]): Run =>
    aRun(aStatus({ ...longAgo.status, ...over }), longAgo.spec);
  const at = start + 60_000;
  const problem = {
    type: 'FenceIncomplete',
    status: 'True',
    reason: 'FenceNotProven',
    message: 'Not proven fenced: orders in us-east-1.',
    lastTransitionAt: start,
    observedGeneration: 1,
  } as const;
  return [
    aMessage(),
    messageAt(at, aPlanStatus(), stopped),
    messageAt(
      at,
      aPlanStatus(),
      done({ abort: { at: start, reason: 'Requested', message: 'A person asked for it.' } }),
    ),
    messageAt(at, aPlanStatus(), done({ milestones: { declared: start - 60_000, sustained: start } })),
    messageAt(at, aPlanStatus(), done({ phase: 'Failed', finishedAt: start, message: 'It cannot go on.' })),
    messageAt(at, aPlanStatus({ conditions: [problem] })),
  ];
}
