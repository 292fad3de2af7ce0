import assert from 'node:assert/strict';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { ago } from '../support/facts.ts';
import { aDatabase, aSpec } from '../support/plans.ts';
import { factsOf, outcome, type Case } from '../support/runs.ts';

const said = { by: 'ana', reason: 'the report can wait' };

describe('what is asked of a run that is taken back', () => {
  const abort = { at: ago(1_000).wall, reason: 'Reverted', message: 'The field was set back.' };
  const asked = (run: NonNullable<Case['run']>, given: Case = {}): readonly string[] =>
    decideRun(factsOf({ ...given, run, status: { abort } })).status.refusals.map(
      ({ request, reason }) => `${request}: ${reason}`,
    );
  it('and begins nothing any more is answered: a step to leave out, a rebuild, the mode that was not decided', () => {
    const spec = aSpec({ databases: [aDatabase('orders', { rebuild: { jobTemplate: {} } })] });
    const skips = [{ step: 'dependency/idp', ...said }];
    const retries = [{ step: 'rebuild/orders', at: ago(500).wall, ...said }];
    assert.deepEqual(asked({ skips, retries }, { spec }), [
      'Skip dependency/idp: BeingAborted',
      'Retry rebuild/orders: BeingAborted',
    ]);
    const undecided = factsOf({ run: { mode: 'Forced' }, status: { abort } });
    const { mode: _none, ...status } = { ...undecided.run.status, steps: undecided.run.status.steps.slice(0, 1) };
    const { refusals } = decideRun({ ...undecided, run: { ...undecided.run, status } }).status;
    assert.deepEqual(
      refusals.map(({ request, reason }) => `${request}: ${reason}`),
      ['Mode Forced: BeingAborted'],
    );
  });

  it('is no pause: the source is opened again whoever says wait', () => {
    assert.deepEqual(asked({ desiredState: 'Paused' }), ['Pause: BeingAborted']);
  });

  it('is nothing where it was done before', () => {
    const steps = { 'dependency/idp': outcome('Skipped') };
    assert.deepEqual(asked({ skips: [{ step: 'dependency/idp', ...said }], mode: 'Forced' }, { steps }), []);
  });
});
