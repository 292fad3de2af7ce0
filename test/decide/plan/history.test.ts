import assert from 'node:assert/strict';
import { parsePlan } from '../../../src/api/parse-plan.ts';
import type { Run, RunPhase, RunType } from '../../../src/api/run.ts';
import { surplusRuns } from '../../../src/decide/plan/history.ts';
import { at, readCrds } from '../../crds/crds.ts';
import { wirePlan } from '../../api/wire-plan.ts';
import { atRest, decide, planFacts } from '../support/plan-facts.ts';
import { aSpec } from '../support/plans.ts';
import { aRun, aRunSpec, aStatus } from '../support/runs.ts';

interface Told {
  readonly phase?: RunPhase;
  readonly type?: RunType;
  readonly planUid?: string;
  readonly deleting?: boolean;
}

function run(epoch: number, { phase = 'Succeeded', type = 'Failover', planUid, deleting = false }: Told = {}): Run {
  const { planRef, ...spec } = aRunSpec({ epoch, type });
  const uid = planUid ?? planRef.uid;
  const name = `checkout-${String(epoch)}`;
  return aRun(aStatus({ phase }), { ...spec, planRef: { ...planRef, uid } }, { name, uid: `uid-${name}`, deleting });
}

const some = (count: number, of: Told = {}): readonly Run[] =>
  Array.from({ length: count }, (_none, index) => run(index + 1, of));

const names = (...epochs: readonly number[]): readonly string[] => epochs.map((epoch) => `checkout-${String(epoch)}`);

describe('which Runs are no longer kept', () => {
  const underWay: readonly RunPhase[] = ['Pending', 'Activation', 'Recovery', 'Reconstitution', 'Aborting'];
  const rows: readonly (readonly [string, number, readonly Run[], readonly string[]])[] = [
    ['none, while there are fewer than the limit', 3, some(2), []],
    ['none, while there are as many', 3, some(3), []],
    ['the oldest, beyond it', 3, some(4), names(1)],
    ['the oldest by epoch, in whatever order they are listed', 2, some(5).toReversed(), names(1, 2, 3)],
    [
      'never one under way, however old',
      1,
      [...underWay.map((phase, at) => run(at + 1, { phase })), run(8), run(9)],
      names(8),
    ],
    ['nor does one under way use up the limit', 2, [run(1), run(2), run(3, { phase: 'Recovery' })], []],
    [
      'the newest of each type stays: it is the last proof of its kind',
      1,
      [run(1, { type: 'Drill' }), run(2, { type: 'Failback' }), run(3), run(4)],
      names(3),
    ],
    ['an older one of that type goes', 1, [run(1, { type: 'Drill' }), run(2, { type: 'Drill' }), run(3)], names(1)],
    [
      'whatever its end was',
      1,
      [
        run(1, { phase: 'Aborted' }),
        run(2, { phase: 'Abandoned' }),
        run(3, { phase: 'Failed' }),
        run(4, { phase: 'Superseded' }),
        run(5),
      ],
      names(1, 2, 3, 4),
    ],
    [
      'not those of a plan of that name that is gone',
      1,
      [run(1, { planUid: 'old-plan' }), run(2, { planUid: 'old-plan' }), run(3)],
      [],
    ],
    ['not what is being deleted already', 1, [run(1, { deleting: true }), run(2), run(3)], names(2)],
  ];
  for (const [name, historyLimit, runs, wanted] of rows) {
    it(name, () => {
      assert.deepEqual(surplusRuns(planFacts({ plan: { historyLimit }, runs })), wanted);
    });
  }

  it('never the one that the plan still follows, though it has ended', () => {
    const status = atRest({ currentRun: { name: 'checkout-1', uid: 'uid-checkout-1', epoch: 1 } });
    assert.deepEqual(surplusRuns(planFacts({ plan: { historyLimit: 1 }, runs: some(3), status })), names(2));
  });

  it('is part of what a pass decides', () => {
    assert.deepEqual(decide({ plan: { historyLimit: 2 }, runs: some(3) }).remove, names(1));
  });

  it('begins beyond 20 where the plan says nothing', () => {
    const parsed = parsePlan({
      ...wirePlan(aSpec({ databases: [], workloads: [] })),
      metadata: { name: 'checkout', namespace: 'payments', uid: 'plan-uid', resourceVersion: '1', generation: 1 },
    });
    assert.ok(parsed.ok, JSON.stringify(parsed));
    assert.equal(parsed.value.historyLimit, 20);
    const { historyLimit } = parsed.value;
    assert.deepEqual(surplusRuns(planFacts({ plan: { historyLimit }, runs: some(22) })), names(1, 2));
    const path = ['properties', 'spec', 'properties', 'historyLimit', 'default'];
    assert.equal(at(readCrds().get('DisasterRecoveryPlan')?.schema, ...path), 20);
  });
});
