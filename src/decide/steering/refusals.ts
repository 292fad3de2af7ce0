import { bounds, clip } from '../../api/bounds.ts';
import type { Refusal, RunStatus, StepOutcome } from '../../api/run.ts';
import { noReturnWords, pastNoReturn } from '../abort.ts';
import type { Context } from '../context.ts';
import { abandonRefused } from './abandon.ts';
import { approvalRefused } from './refused-approval.ts';
import { attestationRefused } from './refused-attestation.ts';
import { modeRefused } from './refused-mode.ts';
import { skipRefused } from './skip.ts';
import { wordsTakenBack } from './taken-back.ts';

type Said = Omit<Refusal, 'at'>;

/** What a person asked of this run and will not get, each with the reason: a request is never silently dropped. */
export function withRefusals(ctx: Context, before: RunStatus): RunStatus {
  const said = [
    ...abort(ctx),
    ...wordsTakenBack(ctx),
    ...mode(ctx),
    ...abandon(ctx),
    ...approvals(ctx, before),
    ...attestations(ctx),
    ...skips(ctx),
    ...retries(ctx),
    ...takeovers(ctx),
  ];
  // As it will be read back: a longer one would never be the same again, and be told anew with every pass.
  const short = said.map((one) => ({ ...one, message: clip(one.message, bounds.text) }));
  const once = short.filter((one, index) => short.findIndex((other) => isSame(one, other)) === index);
  const refusals = once.map((refusal) => {
    const had = before.refusals.find((r) => isSame(r, refusal));
    return had ?? { ...refusal, at: ctx.facts.now.wall };
  });
  return { ...ctx.status, refusals };
}

function isSame(one: Said, other: Said): boolean {
  return one.request === other.request && one.message === other.message;
}

function abort({ run, status }: Context): readonly Said[] {
  if (run.spec.desiredState !== 'Aborted' || status.abort !== undefined || !pastNoReturn(status)) return [];
  return [{ request: 'Abort', reason: 'PastNoReturn', message: noReturnWords(status) }];
}

function abandon({ run, status }: Context): readonly Said[] {
  const message = run.spec.abandon === undefined ? undefined : abandonRefused(status);
  return message === undefined ? [] : [{ request: 'Abandon', reason: 'NothingFenced', message }];
}

/** Immutable once it is set, so it cannot be taken back either: this stays. */
function mode(ctx: Context): readonly Said[] {
  const message = modeRefused(ctx);
  return message === undefined ? [] : [{ request: `Mode ${ctx.run.spec.mode ?? ''}`, reason: 'ModeSettled', message }];
}

function approvals(ctx: Context, before: RunStatus): readonly Said[] {
  return ctx.run.spec.approvals.flatMap((approval): readonly Said[] => {
    const refused = approvalRefused(approval, ctx, before);
    return refused === undefined ? [] : [{ request: `Approve ${approval.gate}`, ...refused }];
  });
}

function attestations(ctx: Context): readonly Said[] {
  return ctx.run.spec.attestations.flatMap((attestation): readonly Said[] => {
    const refused = attestationRefused(attestation, ctx);
    return refused === undefined ? [] : [{ request: `Attest ${attestation.target}`, ...refused }];
  });
}

function skips(ctx: Context): readonly Said[] {
  return ctx.run.spec.skips.flatMap((skip): readonly Said[] => {
    const request = `Skip ${skip.step}`;
    const step = ctx.status.steps.find((s) => s.id === skip.step);
    if (step === undefined) return [unknownStep(ctx, request)];
    if (step.outcome?.state === 'Skipped') return [];
    if (step.outcome !== undefined) return [alreadyDone(request, step.outcome)];
    // What is taken back has an answer of its own for it.
    const message = ctx.status.abort === undefined ? skipRefused(step, ctx) : undefined;
    return message === undefined ? [] : [{ request, reason: 'NotSkippable', message }];
  });
}

function retries(ctx: Context): readonly Said[] {
  return ctx.run.spec.retries.flatMap((retry): readonly Said[] => {
    const request = `Retry ${retry.step}`;
    const step = ctx.status.steps.find((s) => s.id === retry.step);
    if (step === undefined) return [unknownStep(ctx, request)];
    if (step.kind === 'Rebuild') {
      // One from before has had its answer: the rebuild that was done on it, or while it waited.
      return step.outcome !== undefined && retry.at > step.outcome.at ? [alreadyDone(request, step.outcome)] : [];
    }
    const message = `${step.kind} needs no word: as long as it is not done it is tried again by itself.`;
    return [{ request, reason: 'RetriedByItself', message }];
  });
}

function takeovers(ctx: Context): readonly Said[] {
  return ctx.run.spec.takeovers.flatMap((takeover): readonly Said[] => {
    if (ctx.spec.traffic.some(({ name }) => name === takeover.record)) return [];
    const names = ctx.spec.traffic.map(({ name }) => name).join(', ');
    const message = `The pinned plan has no traffic entry of that name; it has ${names === '' ? 'none' : names}.`;
    return [{ request: `Takeover ${takeover.record}`, reason: 'UnknownRecord', message }];
  });
}

function alreadyDone(request: string, { state }: StepOutcome): Said {
  return { request, reason: 'AlreadyDone', message: `It was already done: ${state}.` };
}

function unknownStep(ctx: Context, request: string): Said {
  const waiting = ctx.status.steps.filter((s) => s.waitsFor !== undefined).map((s) => s.id);
  const hint = waiting.length === 0 ? '' : ` These wait: ${waiting.join(', ')}.`;
  return { request, reason: 'UnknownStep', message: `This Run has no such step.${hint}` };
}
