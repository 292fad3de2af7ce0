import assert from 'node:assert/strict';
import type { PlanStatus } from '../../../src/api/plan-status.ts';
import type { PlanFacts } from '../../../src/decide/plan/facts.ts';
import { runbookWanted } from '../../../src/decide/plan/runbook-wanted.ts';
import { nothingObserved } from '../../../src/decide/facts.ts';
import { aPrimary, aStandby, lost, now, seen } from '../support/facts.ts';
import { aPlan, aSpec, east, stateless, west } from '../support/plans.ts';

const ready = (status: 'True' | 'False', type = 'Ready') => ({
  type,
  status,
  reason: 'Active',
  message: '',
  lastTransitionAt: 0,
  observedGeneration: 3,
});
const quiet: PlanStatus = {
  observedGeneration: 3,
  epoch: 1,
  activeRegion: east,
  workloads: [],
  conditions: [ready('True')],
};
const inEast = { [`orders@${east}`]: seen(aPrimary()), [`orders@${west}`]: seen(aStandby()) };

function facts(
  over: { readonly plan?: PlanFacts['plan']; readonly databases?: PlanFacts['observed']['databases'] } = {},
): PlanFacts {
  const { plan = aPlan(), databases = inEast } = over;
  return {
    now,
    plan,
    status: quiet,
    runs: [],
    unread: [],
    observed: { ...nothingObserved, databases },
    samples: [],
    regionProblems: [],
    runsElsewhere: 0,
    maxRuns: 50,
  };
}

describe('a runbook is kept in the regions’ clusters', () => {
  const cases: readonly (readonly [what: string, facts: PlanFacts, status: PlanStatus, wanted: boolean])[] = [
    ['of a plan that acts, is ready, and is seen where it should be', facts(), quiet, true],
    [
      'of a plan without a database, which is asked for nothing',
      facts({ plan: aPlan(stateless()), databases: {} }),
      quiet,
      true,
    ],
    ['not under Observe', facts({ plan: aPlan(aSpec({ enforcement: 'Observe' })) }), quiet, false],
    ['not of one that is being deleted', facts({ plan: aPlan(aSpec(), { deleting: true }) }), quiet, false],
    ['not while a run is under way', facts(), { ...quiet, currentRun: { name: 'checkout-2', epoch: 2 } }, false],
    ['not before it is ready', facts(), { ...quiet, conditions: [ready('False')] }, false],
    [
      'not while everything is halted',
      facts(),
      { ...quiet, conditions: [ready('True'), ready('True', 'Halted')] },
      false,
    ],
    ['not before its databases are seen', facts({ databases: {} }), quiet, false],
    [
      'not while the source cannot be seen',
      facts({ databases: { ...inEast, [`orders@${east}`]: lost() } }),
      quiet,
      false,
    ],
    [
      'not after a change by hand, though the conditions are still of the time before',
      facts({ databases: { [`orders@${west}`]: seen(aPrimary()), [`orders@${east}`]: seen(aStandby()) } }),
      quiet,
      false,
    ],
  ];
  for (const [what, given, status, wanted] of cases) {
    it(what, () => {
      assert.equal(runbookWanted(given, status), wanted);
    });
  }
});
