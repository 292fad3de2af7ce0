import assert from 'node:assert/strict';
import { west } from './names.ts';
import { assertMovedWithoutLoss, runIs, settle } from './outage.ts';
import { leaseHolder } from './rival.ts';
import { scenario } from './scenario.ts';

const operators = ['a', 'b'] as const;

scenario({
  name: 'lagging-runs',
  shows:
    'the one of two operators that does not lead hears nothing of Runs any more, and takes over past the fence: it asks for the Run that the plan names, and finishes it',
  options: { operators },
  killSweep: { why: 'which of two operators a death strikes is what this tells' },
  async story(stage) {
    await settle(stage);
    const { kernel, timeline, person } = stage;
    const first = leaseHolder(stage) ?? assert.fail('nobody leads');
    const second = operators.find((name) => name !== first) ?? assert.fail();
    timeline.note('lease', `is held by ${first}`);
    timeline.note('weather', `${second} hears nothing of Runs any more`);
    const now = kernel.now();
    kernel.inject({
      process: second,
      label: 'kube.*',
      detail: 'GET */disasterrecoveryruns?*',
      do: 'hang',
      to: now + 90_000,
    });
    // What is open breaks, so that all is asked for anew.
    kernel.cut({ match: { kind: 'http' }, process: second, how: 'refuse', from: now, to: now + 20 });
    await stage.pass(2_000);
    person.setActiveRegion(west);
    await stage.until('the fence is intended', () => person.step('fence/orders')?.intent !== undefined);
    timeline.note('weather', `operator ${first} dies`);
    kernel.kill(first, 'for good');
    await stage.until('another leads', () => leaseHolder(stage) === second);
    timeline.note('lease', `is held by ${second}`);
    await runIs(stage, 'Succeeded');
    await stage.pass(90_000);
  },
  must: [
    /weather .*hears nothing of Runs/,
    /weather .*dies/,
    /lease .*held by/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
    /plan .*checkout Ready=True/,
  ],
  never: [/Superseded/, /RunLost/, /timeline 3/, /makes checkout-2/],
  expect: assertMovedWithoutLoss,
});
