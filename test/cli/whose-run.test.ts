import assert from 'node:assert/strict';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { ago } from '../decide/support/facts.ts';
import { east, west } from '../decide/support/plans.ts';
import { asksForApproval, assertDone, cli, movingPlan, planObject, runObject } from './fixtures.ts';

const ofAnother = runObject(asksForApproval, { spec: { planRef: { name: 'billing', uid: 'billing-uid' } } });

describe('a Run that is named with --run', () => {
  for (const word of ['approve', 'abort', 'pause', 'status']) {
    it(`is not reached by ${word} under the name of another plan`, async () => {
      const reason = word === 'approve' ? ['--reason', 'the region is down'] : [];
      const said = await cli(
        [word, 'checkout', '--run', 'checkout-7', ...reason],
        { plan: movingPlan(), run: ofAnother },
        word === 'status' ? {} : { types: 'checkout us-west-2' },
      );
      assert.equal(said.code, exitCodes.refused);
      assert.match(said.err, /checkout-7 is a Run of plan payments\/billing, not of payments\/checkout/);
      assert.deepEqual(said.patches, []);
    });
  }
});

describe('the last Run of a plan', () => {
  const lastRun = {
    name: 'checkout-6',
    epoch: 6,
    from: west,
    to: east,
    phase: 'Succeeded',
    finishedAt: ago(1_000).wall,
  } as const;

  it('was deleted: status shows the plan without it', async () => {
    const said = await cli(['status', 'checkout'], { plan: planObject({ lastRun }) });
    assertDone(said);
    assert.match(said.out, /payments\/checkout/);
    assert.doesNotMatch(said.out, /Run checkout-6/);
  });

  it('was deleted: who names it is told so', async () => {
    const said = await cli(['status', 'checkout', '--run', 'checkout-6'], { plan: planObject({ lastRun }) });
    assert.equal(said.code, exitCodes.notFound);
    assert.match(said.err, /There is no Run payments\/checkout-6/);
  });
});

describe('the history that predicts times', () => {
  it('is read in pages, however many Runs a namespace keeps', async () => {
    const former = runObject(
      {
        'fence/orders': {
          state: 'Done',
          readyAt: ago(40_000).wall,
          since: ago(38_000).wall,
          outcome: { state: 'Succeeded', at: ago(38_000).wall, evidence: [] },
        },
      },
      { status: { phase: 'Succeeded', finishedAt: ago(1_000).wall } },
    );
    const others = Array.from({ length: 119 }, () => ofAnother);
    const reachable = { [east]: true, [west]: true };
    const last = await cli(['preview', 'checkout', '--to', west], {
      plan: planObject(),
      reachable,
      runs: [...others, former],
    });
    assertDone(last);
    const first = await cli(['preview', 'checkout', '--to', west], { plan: planObject(), reachable, runs: [former] });
    assert.equal(last.out, first.out, 'the one on the last page counts like the one on the first');
    const lists = last.lines.filter((line) => /GET \S*\/disasterrecoveryruns\b/.test(line));
    assert.equal(lists.length, 3);
    assert.ok(lists.every((line) => line.includes('limit=50')));
  });
});
