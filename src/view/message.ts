import { sha256Hex } from '../api/canonical-json.ts';
import { conditionOf } from '../api/conditions.ts';
import type { Contact, Plan, PlanSpec } from '../api/plan.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { DatabaseRecovery, Run, StepStatus } from '../api/run.ts';
import type { Due } from '../decide/notify/due.ts';
import type { MessageKind, Severity, Topic } from '../decide/notify/topic.ts';
import { fencesOf, type FenceView } from './message-words.ts';
import { isLeftBehind } from './recovery-words.ts';
import { lossWords, weakerWords } from './words.ts';
import { rtoLeftOf, rtoOf } from './rto.ts';

/** What people are told, as data: each channel writes it down in its own way. Wall ms and ms throughout; no secrets. */
export interface Message {
  /** The same for every attempt to send it, whoever sends it: what a receiver tells duplicates by. */
  readonly id: string;
  readonly kind: MessageKind;
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  /** From the documented table of reasons. */
  readonly reason: string;
  /** A sentence. */
  readonly what: string;
  /** When it was written. */
  readonly at: number;
  /** Since when it is so. */
  readonly since: number;
  /** How often it was told before. */
  readonly repeat: number;
  readonly contact: { readonly role: string; readonly name?: string };
  readonly plan: PlanView;
  readonly run?: RunView;
  /** Where the run stands still, the first one first. */
  readonly stops: readonly StopView[];
}

export interface PlanView {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly activeRegion?: string;
  readonly wanted: string;
  readonly enforcement: PlanSpec['enforcement'];
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** Of the run where there is one, for its plan was pinned. */
  readonly weaker: readonly string[];
}

export interface RunView {
  readonly name: string;
  readonly epoch: number;
  readonly type: Run['spec']['type'];
  readonly phase: Run['status']['phase'];
  readonly from?: string;
  readonly to: string;
  /** Absent while it is undecided. */
  readonly mode?: string;
  /** Negative: missed by so much. Absent once it is sustained. */
  readonly rtoLeftMs?: number;
  /** Measured, once it is sustained. */
  readonly rtoMs?: number;
  readonly losses: readonly LossView[];
  readonly fences: readonly FenceView[];
}

/** `NotYet`: the database was not promoted, so nothing of it was lost by this run. */
export interface LossView {
  readonly database: string;
  readonly grade: DatabaseRecovery['grade'] | 'NotYet';
  readonly lossMs?: number;
  readonly words: string;
}

export interface StopView {
  readonly step: string;
  readonly state: StepStatus['state'];
  readonly reason: string;
  readonly what: string;
  readonly since: number;
  readonly deadline?: number;
  readonly evidence: readonly string[];
  /** A command that can be pasted. */
  readonly next?: string;
}

export interface MessageFacts {
  readonly now: number;
  readonly plan: Plan;
  readonly status: PlanStatus;
  /** The one that `due` is about. */
  readonly run?: Run;
  readonly contact: Contact;
  readonly due: Due;
}

export function composeMessage(facts: MessageFacts): Message {
  const { due, contact, plan, run, now } = facts;
  const [lead] = due.topics;
  const { reason, what } = lead === undefined ? over(facts) : { reason: lead.reason, what: lead.message };
  return {
    id: idOf(facts),
    kind: due.kind,
    severity: due.severity,
    title: titleOf(facts, reason),
    reason,
    what,
    at: now,
    since: due.began,
    repeat: lead === undefined ? 0 : due.count,
    contact: { role: contact.role, ...(contact.name === undefined ? {} : { name: contact.name }) },
    plan: planView(plan, facts.status, run),
    ...(run === undefined ? {} : { run: runView(run, now) }),
    stops: run === undefined ? [] : stopsOf(run, due.topics),
  };
}

/** Without a dot, for the signature joins its parts with dots. */
function idOf({ plan, contact, due }: MessageFacts): string {
  const what = [plan.uid, contact.role, due.kind, due.group, ...due.keys.slice(0, 1), due.began, due.count];
  return `msg_${sha256Hex(JSON.stringify(what)).slice(0, 32)}`;
}

/** How things stand now that what was told is over. */
function over({ due, status, run }: MessageFacts): { readonly reason: string; readonly what: string } {
  if (due.kind === 'RunGoesOn') {
    const message = run?.status.message ?? '';
    return {
      reason: run?.status.phase ?? 'Pending',
      what: message === '' ? 'Nothing holds the run any more.' : message,
    };
  }
  const [, type = ''] = due.group.split('/');
  const condition = conditionOf(status.conditions, type) ?? conditionOf(status.conditions, 'Ready');
  return { reason: condition?.reason ?? 'Active', what: `${type} is over. ${condition?.message ?? ''}`.trim() };
}

const words = {
  RunStarted: 'Started',
  RunBlocked: 'BLOCKED',
  RunGoesOn: 'Goes on',
  RunAborting: 'Aborting',
  RunSustained: 'Recovered',
  RunEnded: 'Ended',
  PlanProblem: 'Problem',
  PlanProblemOver: 'Over',
} as const satisfies Readonly<Record<MessageKind, string>>;

/** Kinds that say it all: their reasons are always the same. */
const speaking: readonly MessageKind[] = ['RunStarted', 'RunGoesOn', 'RunSustained'];

function titleOf({ due, plan, run }: MessageFacts, reason: string): string {
  const name = `${plan.namespace}/${plan.name}`;
  const why = speaking.includes(due.kind) ? '' : `: ${reason}`;
  if (run === undefined) return `${words[due.kind]}: ${name}${why}`;
  const from = run.status.sourceRegion === undefined ? '' : `${run.status.sourceRegion} -> `;
  const what = `${run.spec.type.toLowerCase()} of ${name}, ${from}${run.spec.targetRegion}`;
  return `${words[due.kind]}: ${what}${why}`;
}

function planView(plan: Plan, { activeRegion }: PlanStatus, run: Run | undefined): PlanView {
  const spec = run?.status.snapshot ?? plan.spec;
  return {
    namespace: plan.namespace,
    name: plan.name,
    identity: spec.identity,
    ...(activeRegion === undefined ? {} : { activeRegion }),
    wanted: plan.spec.activeRegion,
    enforcement: spec.enforcement,
    rtoMs: spec.objectives.rtoMs,
    rpoMs: spec.objectives.rpoMs,
    weaker: weakerWords(spec),
  };
}

function runView(run: Run, now: number): RunView {
  const { spec, status } = run;
  const left = rtoLeftOf(run, now);
  const taken = rtoOf(run);
  return {
    name: run.name,
    epoch: spec.epoch,
    type: spec.type,
    phase: status.phase,
    ...(status.sourceRegion === undefined ? {} : { from: status.sourceRegion }),
    to: spec.targetRegion,
    ...(status.mode === undefined ? {} : { mode: status.mode }),
    ...(left === undefined ? {} : { rtoLeftMs: left }),
    ...(taken === undefined ? {} : { rtoMs: taken }),
    losses: lossesOf(run),
    fences: fencesOf(run),
  };
}

function lossesOf({ status }: Run): readonly LossView[] {
  return (status.snapshot?.databases ?? []).map(({ name }): LossView => {
    const found = status.recovery.find(({ database }) => database === name);
    if (found === undefined) return { database: name, grade: 'NotYet', words: 'not promoted' };
    if (isLeftBehind(found)) return { database: name, grade: 'NotYet', words: lossWords(found) };
    const { grade, lossMs } = found;
    return { database: name, grade, ...(lossMs === undefined ? {} : { lossMs }), words: lossWords(found) };
  });
}

/** As the journal shows them at this moment: a step may have gone on since it became due. */
function stopsOf(run: Run, topics: readonly Topic[]): readonly StopView[] {
  return topics.flatMap((topic): readonly StopView[] => {
    const step = run.status.steps.find(({ id }) => id === topic.step);
    if (step === undefined || topic.step === undefined) return [];
    const { waitsFor, deadline } = step;
    return [
      {
        step: step.id,
        state: step.state,
        reason: topic.reason,
        what: topic.message,
        since: step.since,
        // That of doing it says nothing of taking it back.
        ...(deadline === undefined || step.state === 'Undoing' ? {} : { deadline }),
        evidence: (waitsFor?.evidence ?? []).map((one) => one.what),
        ...(waitsFor?.next === undefined ? {} : { next: waitsFor.next }),
      },
    ];
  });
}
