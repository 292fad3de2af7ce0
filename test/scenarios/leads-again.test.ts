import assert from 'node:assert/strict';
import { east, host, serverName, west } from './names.ts';
import { assertSourceServes, orders, runIs, settle } from './outage.ts';
import { leaseHolder } from './rival.ts';
import { scenario } from './scenario.ts';

const operators = ['a', 'b'] as const;

scenario({
  name: 'leads-again',
  shows:
    'an operator loses the lease and wins it back, and somebody has opened the fenced source meanwhile: what it saw there in its first term counts for nothing, and nothing is promoted beside an open writer',
  options: {
    operators,
    plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', deadlines: { position: '10m' } } },
  },
  killSweep: { why: 'which of two operators a death strikes is what this tells' },
  async story(stage) {
    await settle(stage);
    const { kernel, person, timeline } = stage;
    const first = leaseHolder(stage) ?? assert.fail('nobody leads');
    const second = operators.find((name) => name !== first) ?? assert.fail();
    person.setActiveRegion(west);
    await stage.until('the fence is intended', () => person.step('fence/orders')?.intent !== undefined);
    orders(stage).pauseReplay(serverName('orders', west), true);
    await stage.until('the source is fenced', () => person.step('fence/orders')?.outcome !== undefined);
    await stage.pass(5_000);
    timeline.note('weather', `${first} is cut off from the management cluster`);
    const heal = kernel.cut({ match: { id: 'api.management.sandbox:6443' }, process: first, how: 'hang' });
    await stage.until('another leads', () => leaseHolder(stage) === second);
    await stage.pass(5_000);
    timeline.note('weather', `${second} dies, and ${first} is back`);
    kernel.kill(second, 'for good');
    heal();
    timeline.note('bob', 'lets shop log in to orders in us-east-1 again');
    orders(stage).alterRole(serverName('orders', east), 'shop', { login: true });
    orders(stage).pauseReplay(serverName('orders', west), false);
    // Longer than a pass waits for a look.
    kernel.inject({ label: 'sql.*', destination: `${host(serverName('orders', east))}*`, do: 'delay', ms: 400 });
    await stage.until('the first leads again', () => leaseHolder(stage) === first);
    await stage.until('it says so', () => person.isAskedFor('FenceNotProven'));
    await stage.pass(20_000);
    assert.equal(orders(stage).role(serverName('orders', west)), 'Replica');
    person.answer('FenceNotProven');
    await runIs(stage, 'Aborted');
  },
  must: [
    /step .*fence\/orders Succeeded/,
    /weather .*cut off/,
    /bob .*lets shop log in/,
    /step .*position\/orders Succeeded/,
    /ana .*Aborted/,
    /run .*checkout-1 is in Aborted/,
  ],
  never: [/timeline 2/, /answers us-west-2/],
  expect: assertSourceServes,
});
