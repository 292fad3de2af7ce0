import type { Known, Unknown } from '../../api/fact.ts';
import type { Evidence, Hold, StepStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { compareLsn } from '../../drivers/databases/lsn.ts';
import { asItIs, databaseAt, hold, seenAt, stepOf, unknownEvidence, type Context } from '../context.ts';
import type { EffectOutcome, Need } from '../facts.ts';
import { done, wait, type StepRule } from '../judgement.ts';
import { movedByHand } from '../rules/moved-by-hand.ts';
import { toLose } from '../rules/safety.ts';

const lookAtTarget = (step: StepStatus, ctx: Context): Need[] => [
  { kind: 'Database', name: step.subject ?? '', region: ctx.target },
];
const lookAtBoth = (step: StepStatus, ctx: Context): Need[] => [
  ...lookAtTarget(step, ctx),
  { kind: 'Database', name: step.subject ?? '', region: ctx.source },
];

/** Planned: the standby has replayed exactly what the fenced source had made durable. */
export const position: StepRule = {
  needs: lookAtTarget,
  judge(step, ctx) {
    const name = step.subject ?? '';
    const last = stepOf(ctx.status, `fence/${name}`)?.outcome?.evidence[0]?.value?.lsn;
    const { fact } = databaseAt(ctx, name, ctx.target);
    if (typeof last !== 'string') {
      return wait(hold('PositionNotReached', `The last position of ${name} in ${ctx.source} is not known.`));
    }
    if (!fact.known) return wait(positionUnseen(step, ctx, fact));
    const reached = reachedBy(ctx, name, fact, last);
    if (reached.isFar && reached.isMarked) return done('Succeeded', reached.seen);
    const moved = movedByHand.check(step, ctx);
    if (moved !== undefined) return wait(moved);
    return wait(hold('PositionNotReached', notThere(ctx, name, fact.value, reached.isFar), [reached.seen]));
  },
};

/** What people have promoted does not stand still by being seen no more. */
function positionUnseen(step: StepStatus, ctx: Context, fact: Unknown<DatabaseState>): Hold {
  const name = step.subject ?? '';
  const message = `The position of ${name} in ${ctx.target} cannot be seen.`;
  return movedByHand.check(step, ctx) ?? hold('PositionNotReached', message, [unknownEvidence(name, fact)]);
}

interface Reached {
  readonly isFar: boolean;
  /** It has the marker that the fence left before that position: without it the number is of another server's WAL. */
  readonly isMarked: boolean;
  readonly seen: Evidence;
}

function reachedBy(ctx: Context, name: string, fact: Known<DatabaseState>, last: string): Reached {
  const { role, position: replayed, switchpoint, highestEpoch } = fact.value;
  const { epoch } = ctx.run.spec;
  // Of a primary the position tells nothing: it writes on a timeline of its own. Where that left the source's does.
  const lsn = role === 'Replica' ? replayed : switchpoint;
  const isFar = lsn !== undefined && compareLsn(lsn, last) >= 0;
  const isMarked = highestEpoch >= epoch;
  const strange = isFar && !isMarked ? `; without the marker of epoch ${String(epoch)}` : '';
  const what = `${name}@${ctx.target} replayed ${lsn ?? 'what nobody can tell'}, wanted ${last}${strange}`;
  return { isFar, isMarked, seen: seenAt(fact, what, lsn === undefined ? undefined : { lsn }) };
}

function notThere(ctx: Context, name: string, { replayObstacles }: DatabaseState, isFar: boolean): string {
  const standby = `The standby of ${name} in ${ctx.target}`;
  if (isFar) {
    const marker = `the marker of epoch ${String(ctx.run.spec.epoch)} that the fence in ${ctx.source} left before it`;
    return `${standby} is far enough by its position, but has not ${marker}: it follows another server. Let it follow the one in ${ctx.source}.`;
  }
  const obstacles = replayObstacles.length === 0 ? '' : ` (${replayObstacles.join('; ')})`;
  return `${standby} has not replayed all that ${ctx.source} committed${obstacles}.`;
}

/** Not in recovery, on a timeline above the one before. The request's own answer proves nothing. */
export const promote: StepRule = {
  needs: (step, ctx) => [
    ...lookAtBoth(step, ctx),
    // The gate on the loss weighs them together, also where one of them is no step of this pass.
    ...toLose(ctx, step.subject)
      .filter(({ name }) => name !== step.subject)
      .map(({ name }): Need => ({ kind: 'Database', name, region: ctx.target })),
  ],
  judge(step, ctx) {
    const name = step.subject ?? '';
    const { fact } = databaseAt(ctx, name, ctx.target);
    if (!fact.known) {
      return wait(
        hold('TargetNotReady', `Database ${name} in ${ctx.target} cannot be seen.`, [unknownEvidence(name, fact)]),
      );
    }
    const state = fact.value;
    const seen = seenAt(fact, `${name}@${ctx.target}: ${state.role}, timeline ${String(state.timeline)}`, {
      timeline: state.timeline,
      systemIdentifier: state.systemIdentifier,
      ...(state.switchpoint === undefined ? {} : { switchpoint: state.switchpoint }),
    });
    if (state.role === 'Primary' && state.switchpoint !== undefined) {
      return done(step.intent === undefined ? 'Vacuous' : 'Succeeded', seen);
    }
    if (wentOverLongAgo(step, ctx, state)) {
      return done('Succeeded', {
        ...seen,
        what: `${seen.what}; where it left the timeline of ${ctx.source} cannot be read`,
      });
    }
    const effect = { kind: 'Database', database: name, region: ctx.target, action: 'Promote' } as const;
    const obstacles = state.replayObstacles.length === 0 ? '' : `: ${state.replayObstacles.join('; ')}`;
    const waiting = hold('Promoting', `Database ${name} in ${ctx.target} is not yet promoted${obstacles}.`, [seen]);
    return state.role === 'Primary'
      ? wait(waiting)
      : { kind: 'Act', effect, again: 5_000, found: state.timeline, hold: waiting };
  },
};

/**
 * Where nobody looked for some checkpoints the WAL that would tell the switchpoint may be gone. The promotion shows without
 * it; what rests on it (the loss, the comparison) is unknown then. In time it is waited for.
 */
function wentOverLongAgo(step: StepStatus, ctx: Context, { role, timeline }: DatabaseState): boolean {
  const before = step.intent?.found;
  const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
  return late && role === 'Primary' && before !== undefined && timeline > before;
}

/** Beside the way: the rebuild of the old primary is only safe once a checkpoint of the new timeline is written. */
export const checkpoint: StepRule = {
  needs: lookAtTarget,
  judge(step, ctx) {
    const name = step.subject ?? '';
    const { fact } = databaseAt(ctx, name, ctx.target);
    if (!fact.known) {
      return wait(
        hold('TargetNotReady', `Database ${name} in ${ctx.target} cannot be seen.`, [unknownEvidence(name, fact)]),
      );
    }
    const seen = seenAt(fact, `${name}@${ctx.target}: checkpoint on timeline ${String(fact.value.checkpointTimeline)}`);
    if (fact.value.role === 'Primary' && fact.value.checkpointTimeline === fact.value.timeline) {
      return done('Succeeded', seen);
    }
    const effect = { kind: 'Database', database: name, region: ctx.target, action: 'Checkpoint' } as const;
    return {
      kind: 'Act',
      effect,
      again: 10_000,
      hold: hold('Checkpointing', `Waiting for a checkpoint on the new timeline of ${name}.`, [seen]),
    };
  },
};

/** The fence came over with the replication: LOGIN for exactly those who could log in before it. */
export const open: StepRule = {
  needs: lookAtTarget,
  judge(step, ctx) {
    const name = step.subject ?? '';
    const { fact } = databaseAt(ctx, name, ctx.target);
    if (!fact.known) {
      return wait(
        hold('TargetNotReady', `Database ${name} in ${ctx.target} cannot be seen.`, [unknownEvidence(name, fact)]),
      );
    }
    const { fence, role, enabledRoles, commitObstacles } = fact.value;
    const seen = seenAt(
      fact,
      `${name}@${ctx.target}: ${fence.present ? 'fenced' : `open to ${enabledRoles.join(', ')}`}`,
    );
    const afterIntent = step.intent !== undefined && fact.at.wall >= step.intent.firstAt;
    const open = role === 'Primary' && !fence.present && enabledRoles.length > 0;
    if (open && afterIntent && acceptedOrOld(step, ctx)) {
      if (commitObstacles.length === 0) return done('Succeeded', seen);
      // The probe would not tell: what is rolled back waits for nobody.
      const stuck = `Database ${name} in ${ctx.target} is open, and no commit returns: ${commitObstacles.join('; ')}.`;
      return wait(hold('Opening', stuck, [seen]));
    }
    const effect = { kind: 'Database', database: name, region: ctx.target, action: 'Open' } as const;
    return {
      kind: 'Act',
      effect,
      again: 2_000,
      hold: hold('Opening', `Database ${name} in ${ctx.target} is not yet open to its applications.`, [seen]),
    };
  },
};

/** The attempt was answered, or it is of an earlier life: then what is seen decides. */
function acceptedOrOld(step: StepStatus, ctx: Context): boolean {
  const outcome = step.intent === undefined ? undefined : ctx.facts.outcomes[step.intent.token];
  return outcome === undefined || (outcome.state === 'Ended' && outcome.result.kind === 'Accepted');
}

/** As the application: an insert that is rolled back. Only the database's own yes counts. */
export const probe: StepRule = {
  needs: lookAtTarget,
  judge(step, ctx) {
    const name = step.subject ?? '';
    const outcome = step.intent === undefined ? undefined : ctx.facts.outcomes[step.intent.token];
    if (outcome?.state === 'Ended' && outcome.result.kind === 'Accepted') {
      return done('Succeeded', {
        what: `${name}@${ctx.target} took the application's insert`,
        at: outcome.endedAt.wall,
      });
    }
    const effect = { kind: 'Database', database: name, region: ctx.target, action: 'Probe' } as const;
    return { kind: 'Act', effect, again: 1_000, hold: notOpen(ctx, name, outcome) };
  },
};

function notOpen(ctx: Context, name: string, outcome: EffectOutcome | undefined): Hold {
  const seen = asItIs(ctx, name, ctx.target);
  const message = `The application cannot write to ${name} in ${ctx.target}`;
  if (outcome?.state !== 'Ended' || outcome.result.kind !== 'Refused') {
    return hold('DatabaseNotOpen', `${message}.`, [seen]);
  }
  const refusal = { what: `the insert was refused: ${outcome.result.message}`, at: outcome.endedAt.wall };
  return hold('DatabaseNotOpen', `${message}: ${outcome.result.message}.`, [refusal, seen]);
}
