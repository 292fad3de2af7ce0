import assert from 'node:assert/strict';
import type { Mode } from '../../../src/api/plan.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { afterEnd } from '../../../src/decide/steering/after-end.ts';
import { ago, aPrimary, aStandby, inEast, inWest, lost, now, seen } from '../support/facts.ts';
import { anIntent, factsOf, outcome, type Case } from '../support/runs.ts';

const answers = (given: Case): readonly string[] =>
  decideRun(factsOf(given)).status.refusals.map(({ request, reason, message }) => `${request}: ${reason}. ${message}`);

describe('a mode that is set on a run which has decided on the other', () => {
  const asked = (mode: Mode, given: Case = {}): Case => ({
    ...given,
    steps: { assess: outcome('Succeeded', { mode: given.mode ?? 'Forced' }), ...given.steps },
    run: { ...given.run, mode },
  });

  it('is refused, and says how to start again with it', () => {
    const [said, ...others] = answers(asked('Forced', { mode: 'Planned' }));
    assert.deepEqual(others, []);
    assert.match(said ?? '', /^Mode Forced: ModeSettled\. This Run is Planned, .* Abort it/);
    assert.match(
      said ?? '',
      /kubectl patch drrun checkout-7 -n payments --type=merge -p '\{"spec":\{"desiredState":"Aborted"\}\}'/,
    );
    assert.match(
      said ?? '',
      /failover\.mode of the plan to Forced, and activeRegion to us-east-1 and again to us-west-2\./,
    );
    assert.match(answers(asked('Planned')).join(), /^Mode Planned: ModeSettled\. This Run is Forced/);
  });

  it('says what is left to do where nothing can be aborted any more, or is being aborted', () => {
    const promoting = { mode: 'Planned', steps: { 'promote/orders': { intent: anIntent() } } } as const;
    const late = answers(asked('Forced', promoting)).join();
    assert.match(late, /ModeSettled.*can no longer be aborted/);
    assert.doesNotMatch(late, /desiredState/);
    const abort = { at: ago(1_000).wall, reason: 'Requested', message: 'A person asked for it.' };
    const steps = { 'fence/orders': { intent: anIntent(), ...outcome('Succeeded') } };
    const observed = { databases: { [inEast('orders')]: lost<ReturnType<typeof aPrimary>>() } };
    const aborting = answers(asked('Forced', { mode: 'Planned', status: { abort }, steps, observed })).join();
    assert.match(aborting, /ModeSettled.*being aborted.*us-east-1 cannot be reached.*"abandon":/);
  });

  it('is not where it is the mode that was decided, whoever decided it, or where it decides it', () => {
    assert.deepEqual(answers(asked('Forced')), []);
    const observed = { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) } };
    const undecided = factsOf({ observed, run: { mode: 'Forced' }, steps: { assess: { readyAt: ago(5_000).wall } } });
    const { mode: _none, ...status } = undecided.run.status;
    const steps = status.steps.slice(0, 1);
    const decided = decideRun({ ...undecided, run: { ...undecided.run, status: { ...status, steps } } }).status;
    assert.equal(decided.mode, 'Forced');
    assert.deepEqual(decided.refusals, []);
  });

  it('is answered where the run is over, too', () => {
    const { run } = factsOf({
      mode: 'Planned',
      run: { mode: 'Forced' },
      status: { phase: 'Succeeded', observedGeneration: 3, finishedAt: ago(60_000).wall },
    });
    assert.deepEqual(
      afterEnd({ ...run, generation: 4 }, now.wall)?.refusals.map(({ request, reason }) => `${request}: ${reason}`),
      ['Mode Forced: RunOver'],
    );
  });
});
