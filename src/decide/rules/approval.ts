import { approvalFor, evidenceHash, isAutomatic } from '../approvals.ts';
import { approveCommand } from '../commands.ts';
import { hold, stepOf, type Context } from '../context.ts';
import type { Gate } from './gate.ts';
import type { Hold } from '../../api/run.ts';

function askFor(ctx: Context, gate: string, message: string, evidence: Hold['evidence']): Hold {
  const hash = evidenceHash(ctx, gate);
  // Asked for, so whatever is recorded does not count.
  const stale = ctx.run.spec.approvals.some((a) => a.gate === gate);
  const also = stale ? ' The recorded approval was given for other evidence.' : '';
  return { ...hold(gate, `${message}${also}`, evidence, approveCommand(ctx, gate, hash)), evidenceHash: hash };
}

/** The plan says which runs wait for a person. */
export const approval: Gate = {
  reason: 'ApprovalRequired',
  before: 'Done',
  applies: (step) => step.kind === 'Approve',
  check(_step, ctx) {
    const { approval: policy } = ctx.spec.failover;
    const wanted = policy === 'Always' || (policy === 'Forced' && ctx.status.mode === 'Forced');
    if (!wanted || approvalFor(ctx, 'ApprovalRequired') !== undefined) return undefined;
    const message = `${ctx.status.mode ?? ''} failover of ${ctx.spec.identity} from ${ctx.source} to ${ctx.target} waits for a person.`;
    return askFor(ctx, 'ApprovalRequired', message, stepOf(ctx.status, 'assess')?.outcome?.evidence ?? []);
  },
};

/** No second automatic failover inside the cooldown: a flapping cause must not throw the platform to and fro. */
export const cooldown: Gate = {
  reason: 'Cooldown',
  before: 'Done',
  applies: (step) => step.kind === 'Approve',
  check(_step, ctx) {
    const last = ctx.facts.lastFailoverAt;
    if (last === undefined || !isAutomatic(ctx)) return undefined;
    const until = last + ctx.spec.failover.cooldownMs;
    if (ctx.facts.now.wall >= until) return undefined;
    return askFor(
      ctx,
      'Cooldown',
      `The last failover is less than the plan's cooldown ago; waiting for its end or a person's word.`,
      [{ what: 'cooldown ends', at: until }],
    );
  },
};

/** An operator-wide stop of everything automatic; a person's word on this very run goes past it. */
export const halted: Gate = {
  reason: 'Halted',
  before: 'Done',
  applies: (step) => step.kind === 'Approve',
  check(_step, ctx) {
    const { halt } = ctx.facts;
    if (halt === undefined || !isAutomatic(ctx)) return undefined;
    return askFor(
      ctx,
      'Halted',
      `The operator is halted by ${halt.by}: ${halt.reason}. Nothing automatic goes on.`,
      [],
    );
  },
};

/** Running where the disaster would be, the operator cannot tell a dead region from its own isolation. */
export const operatorColocated: Gate = {
  reason: 'OperatorColocated',
  before: 'Done',
  applies: (step) => step.kind === 'Approve',
  check(_step, ctx) {
    if (ctx.facts.operatorRegion !== ctx.source || !isAutomatic(ctx)) return undefined;
    return askFor(
      ctx,
      'OperatorColocated',
      `The operator runs in ${ctx.source}, the region it would leave; a person has to say that this is meant.`,
      [],
    );
  },
};

/** The DNS epoch could not be read when the Run was made: a newer one may exist. Asks once. */
export const epochUnproven: Gate = {
  reason: 'EpochUnproven',
  before: 'Effect',
  // The promotion too: a fence that was overridden has asked nobody.
  applies: (step) => ['Quiesce', 'Fence', 'Promote', 'Shift'].includes(step.kind),
  check(_step, ctx) {
    const unread = ctx.spec.traffic.filter((t) => !epochRead(ctx, t.name));
    if (unread.length === 0 || approvalFor(ctx, 'EpochUnproven') !== undefined) return undefined;
    const names = unread.map((t) => t.recordName).join(', ');
    return askFor(
      ctx,
      'EpochUnproven',
      `The epoch of ${names} could not be read, neither from the control plane nor from its servers; a newer run may exist.`,
      [],
    );
  },
};

function epochRead(ctx: Context, record: string): boolean {
  const preflight = ctx.status.steps.find((s) => s.kind === 'PreflightTraffic' && s.subject === record);
  if (preflight?.outcome?.state === 'Succeeded') return true;
  if (preflight?.outcome?.evidence.some(({ value }) => value?.servedEpoch !== undefined) === true) return true;
  if (ctx.facts.observed.records[record]?.fact.known === true) return true;
  const answers = ctx.facts.observed.answers[record]?.fact;
  return answers?.known === true && answers.value.servers.some((s) => s.ownership !== undefined);
}
