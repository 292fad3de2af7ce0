import assert from 'node:assert/strict';
import { parseDuration } from '../../src/api/duration.ts';
import { serverName, west } from './names.ts';
import { loseTheEast, orders } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const options = { plan: { objectives: { rto: '15m', rpo: '1s' } } };

/** Six seconds of orders were not replicated, and the plan allows one. */
async function asFarAsTheLoss(stage: Stage): Promise<void> {
  const killedAt = await loseTheEast(stage);
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
  stage.person.answer('FenceNotProven', { at: killedAt });
  await stage.until('it asks for the loss', () => stage.person.isAskedFor('DataLossUnaccepted'));
}

function nothingPromoted(stage: Stage): void {
  assert.equal(stage.person.step('promote/orders')?.intent, undefined);
  assert.equal(orders(stage).role(serverName('orders', west)), 'Replica');
  assert.equal(orders(stage).timelineHistory(serverName('orders', west)).length, 0);
}

scenario({
  name: 'loss-held',
  shows: 'more would be lost than the RPO allows, and nobody accepts it: nothing is promoted, however long it takes',
  options,
  async story(stage) {
    await asFarAsTheLoss(stage);
    await stage.pass(3_600_000);
    nothingPromoted(stage);
  },
  must: [
    /weather .*dies/,
    /ana .*attestations/,
    /step .*fence\/orders Overridden/,
    /step .*promote\/orders Waiting DataLossUnaccepted: Promoting orders in us-west-2 would lose at most \d+ s; the RPO is 1 s/,
  ],
  never: [/us-west-2: primary/, /answers us-west-2/, /promote\/orders Succeeded/],
  expect(stage) {
    nothingPromoted(stage);
    assert.ok(stage.person.isAskedFor('DataLossUnaccepted'), 'it still says what to type');
  },
});

scenario({
  name: 'loss-accepted',
  shows: 'more would be lost than the RPO allows: too small an acceptance keeps it closed, the one asked for opens it',
  options,
  async story(stage) {
    await asFarAsTheLoss(stage);
    stage.person.patchRun({ acceptDataLoss: { max: '2s', by: 'ana', reason: 'no more than this' } });
    await stage.pass(120_000);
    nothingPromoted(stage);
    stage.person.answer('DataLossUnaccepted');
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(40_000);
  },
  must: [
    /weather .*dies/,
    /step .*promote\/orders Waiting DataLossUnaccepted/,
    /ana .*acceptDataLoss.*"max":"2s"/,
    /ana .*acceptDataLoss.*"max":"[\dhms]+"/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /clients .*taken in us-west-2/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    const lost = stage.world.clients.lost(orders(stage).rows(serverName('orders', west)));
    const [first] = lost;
    const recovery = stage.person.run()?.status?.recovery?.[0];
    assert.ok(first !== undefined, 'orders were lost');
    assert.equal(recovery?.grade, 'Bounded');
    const last = lost.at(-1);
    const bound = parseDuration(String(recovery.loss)) ?? 0;
    assert.ok(bound >= (last?.at ?? 0) - first.at, `${String(recovery.loss)} is no bound`);
  },
});
