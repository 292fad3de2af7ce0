import assert from 'node:assert/strict';
import { startOperator, type Operator } from '../../src/operator.ts';
import { east, serverName, west } from './names.ts';
import { orders, settle } from './outage.ts';
import { createStage } from './stage.ts';

/** Within one pass and the looks that it waits for, ms: the operator is told to stop at one of these moments. */
const moments = Array.from({ length: 12 }, (_, index) => index * 60);

/**
 * The standby does not stream, its source serves, and the far region answers later than the near one: a look that is cut off
 * by the stop is no silence of the source's.
 */
async function stoppedAt(moment: number): Promise<string | undefined> {
  const operators: Operator[] = [];
  const stage = createStage({
    timeline: false,
    plan: { failover: { approval: 'Never', cooldown: '10m', drain: '5s', soak: '5s' } },
    latency: { thereMs: 40, backMs: 40, jitterMs: 2 },
    start: (ports, config, metrics) => {
      const operator = startOperator(ports, config, metrics);
      operators.push(operator);
      return operator;
    },
  });
  await settle(stage);
  orders(stage).link(serverName('orders', west)).cut();
  await stage.pass(10_000);
  stage.person.setActiveRegion(west);
  await stage.until('it asks for the mode', () => stage.person.isAskedFor('ModeUndecided'));
  stage.kernel.inject({ destination: `*${east}*`, do: 'delay', ms: 150 });
  await stage.pass(20_000 + moment);
  assert.equal(stage.person.run()?.status?.mode, undefined, 'nothing is guessed while it runs');
  const [operator] = operators;
  assert.ok(operator !== undefined, 'it was started');
  void operator.stop();
  await stage.pass(3_000);
  return stage.person.run()?.status?.mode;
}

describe('an operator that is told to stop', () => {
  for (const moment of moments) {
    it(`takes no look that it broke off itself for silence (${String(moment)} ms)`, async () => {
      assert.equal(await stoppedAt(moment), undefined);
    });
  }
});
