import { fenceIntended } from '../abort.ts';
import { approvalFor, evidenceHash, isAutomatic } from '../approvals.ts';
import { approveCommand } from '../commands.ts';
import { everIntended, hold, stepOf, type Context } from '../context.ts';
import { epochLooks, unreadByPreflight, unreadNow } from '../unread-epochs.ts';
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

/** An operator-wide stop of what is automatic; a person's word on this very run goes past it. */
export const halted: Gate = {
  reason: 'Halted',
  before: 'Done',
  applies: (step) => step.kind === 'Approve',
  check: (_step, ctx) => haltedHold(ctx),
};

/**
 * A halt may come when the run was let through already: until a fence is intended nothing more of it begins. From then on
 * it is finished, for stopping in between would leave the platform dark.
 */
export const haltedBeforeFence: Gate = {
  reason: 'Halted',
  before: 'Effect',
  // The promotion too: a fence that was overridden may never have been intended.
  applies: () => true,
  check: (_step, ctx) => (sourceClosing(ctx) ? undefined : haltedHold(ctx)),
};

/** In a plan without databases the quiesce is the fence. */
function sourceClosing({ spec, status }: Context): boolean {
  if (fenceIntended(status)) return true;
  return spec.databases.length === 0 && status.steps.some((s) => s.kind === 'Quiesce' && everIntended(status, s.id));
}

function haltedHold(ctx: Context): Hold | undefined {
  const { halt } = ctx.facts;
  if (halt === undefined || !isAutomatic(ctx)) return undefined;
  return askFor(
    ctx,
    'Halted',
    `The operator is halted by ${halt.by}: ${halt.reason}. This automatic Run has not begun to fence, and waits for the end of the halt or a person's word.`,
    [{ what: `ConfigMap maestro-dr-halt of ${halt.by} is there, made then`, at: halt.since }],
  );
}

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
      [{ what: `Region ${ctx.source} is inCluster: its cluster is the operator's own`, at: ctx.facts.now.wall }],
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
    const unread = unreadNow(ctx);
    if (unread.length === 0) return undefined;
    const asked = unreadByPreflight(ctx);
    const [open] = unread.filter((record) => !asked.includes(record));
    // A question that the next moment may answer, or widen, is not put to a person.
    if (open !== undefined) return hold('Observing', `Looking for the epoch of ${open.recordName}.`);
    if (approvalFor(ctx, 'EpochUnproven') !== undefined) return undefined;
    const names = asked.map(({ recordName }) => recordName).join(', ');
    return askFor(
      ctx,
      'EpochUnproven',
      `The epoch of ${names} could not be read, neither from the control plane nor from its servers; a newer run may exist.`,
      asked.flatMap((record) => epochLooks(ctx, record)),
    );
  },
};
