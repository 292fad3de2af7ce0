import type { HttpExpectation } from '../../api/plan.ts';
import type { StepStatus } from '../../api/run.ts';
import { checkOf, hold, seenAt, unknownEvidence, type Context } from '../context.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';

/** External dependencies answer as the target will need them. Seen from the operator, and reported so. */
export const dependency: StepRule = {
  needs: (step) => [{ kind: 'Dependency', name: step.subject ?? '' }],
  judge(step, ctx) {
    const check = ctx.spec.dependencyChecks.find((c) => c.name === step.subject);
    return judgeCheck(
      ctx,
      `dependency/${step.subject ?? ''}`,
      check?.http,
      'DependencyRed',
      `Dependency ${step.subject ?? ''}`,
    );
  },
};

/** Before the shift against the target's own address, after it through the front door. */
export const smoke: StepRule = {
  needs: (step) => [{ kind: 'Smoke', name: step.subject ?? '', region: step.region ?? '' }],
  judge(step, ctx) {
    const test = ctx.spec.smokeTests.find((s) => s.name === step.subject);
    return judgeCheck(
      ctx,
      smokeKey(step),
      test?.http[step.region ?? ''],
      'SmokeRed',
      `Smoke test ${step.subject ?? ''}`,
    );
  },
};

function smokeKey(step: StepStatus): string {
  return `smoke/${step.subject ?? ''}@${step.region ?? ''}`;
}

function judgeCheck(
  ctx: Context,
  key: string,
  http: HttpExpectation | undefined,
  reason: string,
  subject: string,
): Judgement {
  if (http === undefined) throw new Error(`the pinned plan has no check ${key}`);
  const seen = checkOf(ctx, key);
  const { fact } = seen;
  if (!fact.known) {
    const asked = fact.why === 'NotAsked';
    return wait(
      hold(asked ? 'Observing' : reason, `${subject} ${asked ? 'is being asked' : 'does not answer'}.`, [
        unknownEvidence(key, fact),
      ]),
    );
  }
  if (!fact.value.ok) {
    return wait(hold(reason, `${subject} is red: ${fact.value.detail}.`, [seenAt(fact, fact.value.detail)]));
  }
  const row = seen.streaks.ok;
  const count = row?.value === 'ok' ? row.count : 0;
  if (count >= http.successes) {
    return done('Succeeded', seenAt(fact, `${fact.value.detail}, ${String(count)} in a row, asked from the operator`));
  }
  return wait(
    hold('Observing', `${subject} is green; ${String(http.successes)} in a row are wanted.`, [
      seenAt(fact, fact.value.detail),
    ]),
  );
}
