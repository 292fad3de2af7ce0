import assert from 'node:assert/strict';
import { hasteOf, tellsOfRun } from '../../../src/decide/notify/haste.ts';
import { manners, type Topic } from '../../../src/decide/notify/topic.ts';
import { start } from '../support/facts.ts';
import { hour } from '../support/plans.ts';

const problem: Topic = {
  key: 'plan/RPOMet',
  group: 'plan/RPOMet',
  kind: 'PlanProblem',
  severity: 'Warning',
  reason: 'LagAboveObjective',
  message: 'It lags.',
  began: start,
  manner: manners.flickering,
};
const begun: Topic = { ...problem, kind: 'RunStarted', severity: 'Info', run: 'checkout-7', manner: manners.once };

describe('how soon what was told before has to be known', () => {
  it('for a run, and for what somebody has to act on: now', () => {
    assert.equal(hasteOf([problem, begun], start), 'Now');
    assert.equal(hasteOf([{ ...begun, kind: 'RunBlocked', manner: manners.blocked }], start + 2 * hour), 'Now');
    assert.equal(hasteOf([{ ...problem, severity: 'Critical' }], start), 'Now');
  });

  it('for any other problem of a plan: soon', () => {
    assert.equal(hasteOf([problem], start), 'Soon');
  });

  it('where nothing could be told, whatever is remembered: later', () => {
    assert.equal(hasteOf([], start), 'Later');
    assert.equal(hasteOf([{ ...problem, severity: 'Critical', unclear: true }], start), 'Later');
    assert.equal(
      hasteOf([begun], start + hour + 1),
      'Later',
      'the last run is history, and stays in the list for years',
    );
  });
});

describe('what goes before all that others are told', () => {
  it('is of a run, whatever else the plan has, and as long as it is no history', () => {
    assert.ok(tellsOfRun([problem, begun], start));
    assert.ok(!tellsOfRun([begun], start + hour + 1));
    assert.ok(!tellsOfRun([{ ...problem, severity: 'Critical' }], start));
    assert.ok(!tellsOfRun([{ ...begun, unclear: true }], start));
  });
});
