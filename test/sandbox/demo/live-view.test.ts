import assert from 'node:assert/strict';
import { createLiveView, statusLines } from '../../../src/sandbox/demo/live-view.ts';
import type { RunView, StepView } from '../../../src/sandbox/demo/run-view.ts';

const OBJECTIVES = { rtoMs: 60_000, rpoMs: 2_000 };

function step(id: string, more: Partial<StepView>): StepView {
  return { id, phase: 'Recovery', state: 'Running', since: 1_000, ...more };
}

const run: RunView = {
  name: 'checkout-1',
  phase: 'Recovery',
  mode: 'Forced',
  message: '',
  milestones: { declared: 0 },
  recovery: [{ database: 'orders', grade: 'Bounded', basis: 'Attested', lossMs: 6_000 }],
  steps: [
    step('assess', { state: 'Done', outcome: { state: 'Succeeded', at: 900, what: 'mode Forced' } }),
    step('fence/orders', { deadline: 121_000, waitsFor: { reason: 'FenceNotProven', message: 'cannot be seen' } }),
    step('promote/orders', { state: 'Pending' }),
  ],
};

describe('demo: the live view', () => {
  it('shows elapsed time against the objectives, and the steps under way', () => {
    const [, title, figures, ...steps] = statusLines(run, 30_000, 31_000, OBJECTIVES);
    assert.equal(title, 'checkout-1  Forced  Recovery  1 of 3 steps done');
    assert.equal(figures, 'RTO [############............] 30.0 s of 60.0 s   RPO Bounded 6.0 s of 2.0 s');
    assert.deepEqual(steps, [
      ' 30.0 s  fence/orders           Running (deadline in 90.0 s)  FenceNotProven: cannot be seen',
    ]);
  });

  it('stops the RTO clock when it had lasted', () => {
    const recovered = { ...run, milestones: { declared: 500, sustained: 20_500 } };
    assert.match(statusLines(recovered, 90_000, 91_000, OBJECTIVES)[2] ?? '', /\] 20\.0 s of 60\.0 s, recovered/);
  });

  it('erases exactly what it drew, and leaves nothing drawn behind', () => {
    const written: string[] = [];
    const view = createLiveView({ write: (text) => written.push(text), columns: () => 60 }, () => 31_000, OBJECTIVES);
    view.watch(run);
    view.watch(run);
    view.say('something happened');
    view.close();
    const lines: string[] = [];
    for (const text of written) {
      const up = /^\u001b\[(\d+)A\u001b\[J$/.exec(text);
      if (up === null) lines.push(...text.split('\n').slice(0, -1));
      else lines.splice(lines.length - Number(up[1]));
    }
    assert.ok(
      lines.every((line) => !line.startsWith('RTO [')),
      lines.join('\n'),
    );
    assert.equal(lines.filter((line) => line.includes('something happened')).length, 1);
  });
});
