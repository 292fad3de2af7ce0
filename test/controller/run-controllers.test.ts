import assert from 'node:assert/strict';
import { startOperator, type Operator } from '../../src/operator.ts';
import { west } from '../scenarios/names.ts';
import { settle } from '../scenarios/outage.ts';
import { leaseHolder } from '../scenarios/rival.ts';
import { createStage, stageConfig, type Stage } from '../scenarios/stage.ts';
import type { FaultAction } from '../simulation/kernel/index.ts';

interface Stopped {
  readonly stage: Stage;
  /** From the stop on, ms. */
  readonly releasedMs: number;
  readonly endedMs: number;
}

/** The operator is told to stop when its fence is on the wire, and that meets `fault`. */
async function stoppedAtFence(fault: FaultAction): Promise<Stopped> {
  const operators: Operator[] = [];
  const sent = (): boolean => stage.kernel.mutations().some(({ label }) => label === 'sql.fence');
  const stage = createStage({
    timeline: false,
    faults: [{ label: 'sql.fence', occurrence: 1, ...fault }],
    start: (...given) => {
      const operator = startOperator(...given);
      operators.push(operator);
      return operator;
    },
  });
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is sent', sent);
  const since = stage.now();
  let ended = false;
  void operators[0]?.stop().then(() => {
    ended = true;
  });
  await stage.until('the lease is released', () => leaseHolder(stage) === undefined);
  const releasedMs = stage.now() - since;
  await stage.until('it has stopped', () => ended);
  return { stage, releasedMs, endedMs: stage.now() - since };
}

describe('an operator that is told to stop in the middle of a run', () => {
  it('waits for the answer to what it has sent, and holds its lease until then', async () => {
    const { stage, releasedMs } = await stoppedAtFence({ do: 'delay', ms: 2_000, leg: 'reply' });
    assert.ok(releasedMs >= 2_000 && releasedMs < 2_500, `it was released after ${String(releasedMs)} ms`);
    assert.ok(
      stage.logs.some(({ message }) => message === 'effect answered'),
      'the answer was heard',
    );
  });

  it('is held up by what is never answered no longer than an effect may take', async () => {
    const { stage, endedMs } = await stoppedAtFence({ do: 'hang' });
    assert.ok(endedMs <= stageConfig.effectMs + 500, `it has stopped after ${String(endedMs)} ms`);
    assert.ok(
      stage.logs.some(({ message, fields }) => message === 'effect answered' && fields['result'] === 'OutcomeUnknown'),
      'it was given up',
    );
  });
});
