import type { Approval, HeardWord, RunStatus } from '../../api/run.ts';
import { evidenceHash } from '../approvals.ts';
import type { Context } from '../context.ts';
import { gates } from '../rules/index.ts';
import { question } from '../shown.ts';
import type { WordRefused } from './refused-attestation.ts';
import { approvalGates } from './words.ts';

/**
 * Why an approval opens nothing, as long as nothing else says so. One that was right when it was given is not refused
 * because its evidence has changed since: its gate may be passed, or ask nothing any more. `before`: the status that
 * stood when it was given.
 */
export function approvalRefused(approval: Approval, ctx: Context, before: RunStatus): WordRefused | undefined {
  const { gate } = approval;
  if (!approvalGates.includes(gate)) return unknownGate(gate, ctx);
  const { evidenceHash: hash = '' } = approval;
  const ofGate = ctx.status.words.filter((word) => word.gate === gate);
  const heard = ofGate.find((word) => word.evidenceHash === hash);
  if (heard?.usedAt !== undefined) return undefined;
  if (ctx.status.abort !== undefined) return isSince(heard, ctx.status.abort.at) ? notAsked(gate) : undefined;
  if (isAsked(gate, ctx.status)) return undefined;
  // A wrong one beside one that was used was made good.
  if (ofGate.some(({ usedAt }) => usedAt !== undefined)) return undefined;
  if (heard?.shown !== undefined || question(before, { gate, evidenceHash: hash }) !== undefined) return undefined;
  return hash === evidenceHash(ctx, gate) && mayAsk(gate, ctx) ? undefined : notAsked(gate);
}

function isSince(heard: HeardWord | undefined, at: number): boolean {
  return heard === undefined || heard.seenAt >= at;
}

/** A step stands at it: what it says of a word that is recorded is in its own message. */
function isAsked(gate: string, { steps }: RunStatus): boolean {
  return steps.some(
    ({ outcome, waitsFor }) =>
      outcome === undefined && waitsFor?.reason === gate && waitsFor.evidenceHash !== undefined,
  );
}

function notAsked(gate: string): WordRefused {
  const message = `This Run does not ask for ${gate} now. Where it does, a step waits for it and shows the command, with the evidence that it is about, in \`next\`.`;
  return { reason: 'GateNotAsked', message };
}

function unknownGate(gate: string, { status }: Context): WordRefused {
  const otherwise = status.steps.find(
    (step) => step.outcome === undefined && step.waitsFor?.reason === gate && step.waitsFor.next !== undefined,
  );
  const hint =
    otherwise === undefined
      ? ' Take it from the step that waits.'
      : ` What waits for ${gate} wants another word: type \`next\` of ${otherwise.id}.`;
  return {
    reason: 'UnknownGate',
    message: `No gate of that name takes an approval; these do: ${approvalGates.join(', ')}.${hint}`,
  };
}

/** Some step that it would hold is still to come. Before the mode is decided, no step but the first is there. */
function mayAsk(gate: string, { status }: Context): boolean {
  if (status.mode === undefined) return true;
  return status.steps.some(
    (step) => step.outcome === undefined && gates.some((one) => one.reason === gate && one.applies(step)),
  );
}
