import type { Fact } from '../../api/fact.ts';
import type { Approval, Evidence } from '../../api/run.ts';
import { countingApprovals } from '../approvals.ts';
import type { CheckResult } from '../../drivers/checks/driver.ts';
import { checkOf, hold, seenAt, unknownEvidence, type Context } from '../context.ts';
import { endingOf } from '../ending.ts';
import type { Need } from '../facts.ts';
import { done, wait, type StepRule } from '../judgement.ts';

/** The recorded samples that the loss is bounded by were copied into the Run when it was made: see that they are there. */
export const samplePositions: StepRule = {
  needs: () => [],
  judge(_step, ctx) {
    const counts = ctx.spec.databases.map(
      (d) => `${d.name} ${String(ctx.status.samples.filter((s) => s.database === d.name).length)}`,
    );
    return done('Succeeded', {
      what: `position samples recorded: ${counts.join(', ') || 'no database'}`,
      at: ctx.facts.now.wall,
    });
  },
};

/** A person's word where the plan asks for one. The gate is a rule (rules/approval.ts); without it nothing waits. */
export const approve: StepRule = {
  needs: () => [],
  judge(step, ctx) {
    const given = countingApprovals(ctx);
    return done(step.waitsFor === undefined && given.length === 0 ? 'Vacuous' : 'Succeeded', {
      what: approvedBy(ctx, given),
      at: ctx.facts.now.wall,
    });
  },
};

function approvedBy(ctx: Context, given: readonly Approval[]): string {
  const words = given.map((a) => `${a.gate} by ${a.by} (claimed, unverified): ${a.reason}`);
  return words.length === 0 ? `no approval needed under approval: ${ctx.spec.failover.approval}` : words.join('; ');
}

/** The RTO clock stops when it has stayed healthy for the plan's soak time. A test that turns red starts it again. */
export const soak: StepRule = {
  needs: (_step, ctx) => afterTraffic(ctx).map((name): Need => ({ kind: 'Smoke', name, region: ctx.target })),
  judge(step, ctx) {
    const from = step.readyAt ?? ctx.facts.now.wall;
    const looks = afterTraffic(ctx).map((name) => ({ name, ...checkOf(ctx, `smoke/${name}@${ctx.target}`) }));
    const red = looks.filter(({ streaks }) => streaks.ok?.value !== 'ok');
    if (red.length > 0) {
      const names = red.map(({ name }) => name).join(', ');
      return wait(hold('SmokeRed', `While soaking: ${names} not green.`, red.map(lookAt)));
    }
    const healthySince = Math.max(from, ...looks.map(({ streaks }) => streaks.ok?.since.wall ?? from));
    // To the last look at each, not to now: a look that hangs has seen nothing healthy.
    const healthyUntil = Math.min(ctx.facts.now.wall, ...looks.map(({ fact }) => (fact.known ? fact.at.wall : from)));
    if (healthyUntil - healthySince >= ctx.spec.failover.soakMs) {
      return done('Succeeded', {
        what: `healthy for ${String(ctx.spec.failover.soakMs / 1000)} s`,
        at: ctx.facts.now.wall,
      });
    }
    return wait(
      hold('Soaking', `Healthy; waiting for the soak time to pass.`, [{ what: 'healthy since', at: healthySince }]),
    );
  },
};

function lookAt({ name, fact }: { readonly name: string; readonly fact: Fact<CheckResult> }): Evidence {
  return fact.known ? seenAt(fact, `smoke/${name}: ${fact.value.detail}`) : unknownEvidence(`smoke/${name}`, fact);
}

function afterTraffic(ctx: Context): string[] {
  return ctx.spec.smokeTests.filter((s) => s.when === 'AfterTraffic').map((s) => s.name);
}

function ended(ctx: Context): string {
  const { changedNothing, unprotected, hasDatabases } = endingOf(ctx.status);
  const { identity } = ctx.spec;
  if (changedNothing) return `what ${identity} would do was decided and reported; nothing was changed`;
  const recovered = `${identity} recovered in ${ctx.target}`;
  if (unprotected.length > 0) return `${recovered}; not seen protected again: ${unprotected.join(', ')}`;
  return hasDatabases ? `${recovered} and protected again` : recovered;
}

/** The last step: everything that was measured is in the status; nothing more is done. */
export const report: StepRule = {
  needs: () => [],
  judge: (_step, ctx) =>
    done('Succeeded', {
      what: ended(ctx),
      at: ctx.facts.now.wall,
    }),
};
