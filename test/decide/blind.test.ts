import assert from 'node:assert/strict';
import type { Mode, PlanSpec } from '../../src/api/plan.ts';
import { stepRules } from '../../src/decide/kinds/index.ts';
import { aSpec } from './support/plans.ts';
import { anAttestation, contextFor, graphOf, inWords, judge, outcome, stepIn, type Case } from './support/runs.ts';
import { now } from './support/facts.ts';

const withoutDatabases = aSpec({ databases: [], workloads: aSpec().workloads.map((w) => ({ ...w, uses: [] })) });

/** What the preflights of the workloads have written down. */
function settled(spec: PlanSpec, but: string): NonNullable<Case['steps']> {
  const ids = spec.workloads.map((w) => `preflight/${w.name}`).filter((id) => id !== but);
  return Object.fromEntries(ids.map((id) => [id, outcome('Succeeded', { replicas: 3 })]));
}

/**
 * The operator asks a decision what it wants to see by letting it decide on nothing. A step that ends there asks for
 * nothing, so it would end by what nobody looked at: at its deadline, after a restart, by a person's word.
 */
describe('with nothing looked at', () => {
  const plans: Readonly<Record<string, PlanSpec>> = {
    Verified: aSpec(),
    BestEffort: aSpec({ failover: { ...aSpec().failover, fencing: 'BestEffort' } }),
    None: aSpec({ failover: { ...aSpec().failover, fencing: 'None' } }),
    'no databases': withoutDatabases,
  };
  for (const [name, spec] of Object.entries(plans)) {
    for (const mode of ['Planned', 'Forced'] satisfies readonly Mode[]) {
      for (const [when, ends] of Object.entries({ 'in time': undefined, late: now.wall })) {
        it(`${mode}, ${name}, ${when}: no step that looks has ended`, () => {
          const ended = graphOf(spec, mode).flatMap(({ id }) => {
            const step = { readyAt: now.wall - 600_000, ...(ends === undefined ? {} : { deadline: ends }) };
            const run = { attestations: [anAttestation('*')] };
            const given: Case = { spec, mode, run, steps: { ...settled(spec, id), [id]: step } };
            const ctx = contextFor(given);
            const { kind } = stepIn(ctx, id);
            const looks = stepRules[kind].needs(stepIn(ctx, id), ctx).filter((need) => need.kind !== 'Plan');
            const judged = judge(id, given);
            return looks.length > 0 && judged.kind === 'Done' ? [`${id}: ${inWords(judged)}`] : [];
          });
          assert.deepEqual(ended, []);
        });
      }
    }
  }
});
