import assert from 'node:assert/strict';
import type { Intent, RunStatus, StepStatus } from '../../src/api/run.ts';
import { withoutFuture } from '../../src/decide/set-back.ts';

const wall = Date.UTC(2030, 0, 1);
const hour = 3_600_000;
const now = { wall, skewMs: 1_000, effectMs: 5_000 };

const intent = (at: number): Intent => ({
  token: 'checkout-1/promote/orders/Do/1',
  action: 'Do',
  holder: 'a',
  at,
  notAfter: at + 5_000,
  attempt: 1,
  firstAt: at,
});

const step = (more: Partial<StepStatus>): StepStatus => ({
  id: 'promote/orders',
  kind: 'Promote',
  phase: 'Recovery',
  after: [],
  effect: 'Irreversible',
  state: 'Running',
  since: wall - 60_000,
  ...more,
});

const status = (steps: readonly StepStatus[], milestones: RunStatus['milestones'] = {}): RunStatus => ({
  phase: 'Recovery',
  observedGeneration: 1,
  steps,
  milestones,
  recovery: [],
  words: [],
  refusals: [],
  samples: [],
  message: '',
});

describe('a clock that ran ahead and was set back', () => {
  it('leaves nothing to do where nothing lies ahead, not even of another clock within the skew', () => {
    const settled = status([step({ readyAt: wall - 50_000, intent: intent(wall + 900) })], {
      declared: wall - 70_000,
      trafficObserved: wall,
      cachesExpireBy: wall + hour,
    });
    assert.equal(withoutFuture(settled, now), settled);
  });

  it('dates an abort by now, for an undo waits for a look from after it', () => {
    const aborted = (at: number): RunStatus => ({ ...status([]), abort: { at, reason: 'Requested', message: '' } });
    assert.equal(withoutFuture(aborted(wall + hour), now).abort?.at, wall);
    const within = aborted(wall + 900);
    assert.equal(withoutFuture(within, now), within);
  });

  it('dates what happened by now', () => {
    const ahead = step({
      since: wall + hour,
      readyAt: wall + hour,
      deadlineMs: 300_000,
      deadline: wall + hour + 300_000,
      outcome: { state: 'Succeeded', at: wall + hour, evidence: [] },
    });
    const [dated] = withoutFuture(status([ahead]), now).steps;
    assert.deepEqual(
      [dated?.since, dated?.readyAt, dated?.deadline, dated?.outcome?.at],
      [wall, wall, wall + 300_000, wall],
    );
  });

  it("waits for another's intent as long as an effect takes, not until the time it names", () => {
    const [dated] = withoutFuture(status([step({ intent: intent(wall + hour) })]), now).steps;
    assert.deepEqual([dated?.intent?.at, dated?.intent?.notAfter, dated?.intent?.firstAt], [wall, wall + 5_000, wall]);
    assert.equal(dated?.intent?.token, intent(0).token, 'it is the same attempt');
  });

  it('moves the end of the caches with the answer that they hold', () => {
    const ttl = 30_000;
    const ran = { declared: wall - 60_000, trafficObserved: wall + hour, cachesExpireBy: wall + hour + ttl };
    assert.deepEqual(withoutFuture(status([], ran), now).milestones, {
      declared: wall - 60_000,
      trafficObserved: wall,
      cachesExpireBy: wall + ttl,
    });
  });

  it('is settled by one write', () => {
    const once = withoutFuture(status([step({ since: wall + hour, intent: intent(wall + hour) })]), now);
    assert.equal(withoutFuture(once, { ...now, wall: wall + 100 }), once);
  });
});
