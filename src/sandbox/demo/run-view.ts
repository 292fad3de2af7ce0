import type { JsonObject } from '../models/kube-api/index.ts';
import { numberAt, objectAt, objectsAt, stringAt } from '../models/kube-api/json.ts';

/** What a person reads off a DisasterRecoveryRun: from its status as anybody with kubectl sees it. Times in ms. */
export interface RunView {
  readonly name: string;
  readonly phase: string;
  readonly mode: string;
  readonly message: string;
  readonly steps: readonly StepView[];
  readonly milestones: Readonly<Record<string, number>>;
  readonly recovery: readonly RecoveryView[];
}

export interface StepView {
  readonly id: string;
  readonly phase: string;
  readonly state: string;
  readonly since: number;
  readonly deadline?: number;
  readonly outcome?: { readonly state: string; readonly at: number; readonly what: string };
  readonly intent?: { readonly token: string; readonly attempt: number };
  readonly waitsFor?: { readonly reason: string; readonly message: string; readonly next?: string };
}

export interface RecoveryView {
  readonly database: string;
  readonly grade: string;
  readonly basis: string;
  readonly lossMs?: number;
  readonly lostCommits?: number;
  readonly postReturnCommits?: number;
  readonly preservedAt?: string;
}

export const FINISHED = ['Succeeded', 'Aborted', 'Abandoned', 'Failed', 'Superseded'] as const;

export function readRun(object: JsonObject): RunView {
  const status = objectAt(object, 'status');
  const milestones = objectAt(status, 'milestones');
  return {
    name: stringAt(object, 'metadata', 'name') ?? '',
    phase: stringAt(status, 'phase') ?? 'Pending',
    mode: stringAt(status, 'mode') ?? '',
    message: stringAt(status, 'message') ?? '',
    steps: objectsAt(status, 'steps').map(readStep),
    milestones: Object.fromEntries(Object.keys(milestones).map((name) => [name, timeAt(milestones, name) ?? 0])),
    recovery: objectsAt(status, 'recovery').map(readRecovery),
  };
}

function readStep(step: JsonObject): StepView {
  const deadline = timeAt(step, 'deadline');
  return {
    id: stringAt(step, 'id') ?? '',
    phase: stringAt(step, 'phase') ?? '',
    state: stringAt(step, 'state') ?? '',
    since: timeAt(step, 'since') ?? 0,
    ...(deadline === undefined ? {} : { deadline }),
    ...readOutcome(objectAt(step, 'outcome')),
    ...readIntent(objectAt(step, 'intent')),
    ...readHold(objectAt(step, 'waitsFor')),
  };
}

function readOutcome(outcome: JsonObject): Pick<StepView, 'outcome'> {
  const state = stringAt(outcome, 'state');
  if (state === undefined) return {};
  const what = stringAt(objectsAt(outcome, 'evidence')[0], 'what') ?? '';
  return { outcome: { state, at: timeAt(outcome, 'at') ?? 0, what } };
}

function readIntent(intent: JsonObject): Pick<StepView, 'intent'> {
  const token = stringAt(intent, 'token');
  return token === undefined ? {} : { intent: { token, attempt: numberAt(intent, 'attempt') ?? 0 } };
}

function readHold(hold: JsonObject): Pick<StepView, 'waitsFor'> {
  const reason = stringAt(hold, 'reason');
  const next = stringAt(hold, 'next');
  if (reason === undefined) return {};
  const message = stringAt(hold, 'message') ?? '';
  return { waitsFor: { reason, message, ...(next === undefined ? {} : { next }) } };
}

function readRecovery(entry: JsonObject): RecoveryView {
  const optional = <K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> => {
    const found: Partial<Record<K, number>> = {};
    if (value !== undefined) found[key] = value;
    return found;
  };
  const preservedAt = stringAt(entry, 'preservedAt');
  return {
    database: stringAt(entry, 'database') ?? '',
    grade: stringAt(entry, 'grade') ?? 'Unknown',
    basis: stringAt(entry, 'basis') ?? '',
    ...optional('lossMs', lossOf(entry)),
    ...optional('lostCommits', numberAt(entry, 'lostCommits')),
    ...optional('postReturnCommits', numberAt(entry, 'postReturnCommits')),
    ...(preservedAt === undefined ? {} : { preservedAt }),
  };
}

/** A number of ms, or a duration as Kubernetes writes them. */
function lossOf(entry: JsonObject): number | undefined {
  const number = numberAt(entry, 'lossMs') ?? numberAt(entry, 'lossMilliseconds');
  if (number !== undefined) return number;
  const text = stringAt(entry, 'loss');
  return text === undefined ? undefined : durationMs(text);
}

const UNITS: Readonly<Record<string, number>> = Object.freeze({ h: 3_600_000, m: 60_000, s: 1_000, ms: 1 });

export function durationMs(text: string): number {
  return [...text.matchAll(/(\d+)(ms|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

function timeAt(object: JsonObject, key: string): number | undefined {
  const text = stringAt(object, key);
  return text === undefined ? undefined : Date.parse(text);
}

export function stepOf(run: RunView | undefined, id: string): StepView | undefined {
  return run?.steps.find((step) => step.id === id);
}
