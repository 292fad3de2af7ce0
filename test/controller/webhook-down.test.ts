import assert from 'node:assert/strict';
import { west } from '../scenarios/names.ts';
import { planName } from '../scenarios/objects.ts';
import { runIs, settle } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

const why = 'failed calling webhook "policy.example.com": connection refused';
const body = JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'InternalError', code: 500, message: why });
/** As an API server answers whose admission webhook has lost its backend, until it is taken back. */
const failing = { do: 'error', error: { status: 500, body } } as const;

function complaints(stage: Stage, since = 0): number {
  return stage.logs.slice(since).filter((line) => JSON.stringify(line).includes('failed calling webhook')).length;
}

describe('an admission webhook that is down', () => {
  it('and refuses a Run: that is logged, and the Run is made when it is back', async () => {
    const stage = createStage({ timeline: false });
    await settle(stage);
    const takeBack = stage.kernel.inject({ label: 'kube.create', detail: '*/disasterrecoveryruns*', ...failing });
    stage.person.setActiveRegion(west);
    await stage.pass(60_000);
    assert.equal(stage.person.run(), undefined);
    assert.ok(complaints(stage) > 0, 'the refusal is logged');
    assert.ok(complaints(stage) < 100, 'and not in a rush');
    takeBack();
    await runIs(stage, 'Succeeded');
  });

  it('and refuses what holds the plan before its fence: that is logged, and the run goes on when it is back', async () => {
    const stage = createStage({ timeline: false });
    await settle(stage);
    const takeBack = stage.kernel.inject({
      label: 'kube.patch',
      detail: `*/disasterrecoveryplans/${planName} #*`,
      ...failing,
    });
    stage.person.setActiveRegion(west);
    await stage.pass(60_000);
    assert.equal(stage.person.step('fence/orders')?.intent, undefined, 'nothing is fenced that is not held');
    assert.ok(complaints(stage) > 0, 'the refusal is logged');
    assert.ok(complaints(stage) < 100, 'and not in a rush');
    takeBack();
    await runIs(stage, 'Succeeded');
  });
});
