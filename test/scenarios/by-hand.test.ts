import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { operatorChanges, removeRecord, setRecord } from './dns-hand.ts';
import { hangBehindFence, modelOf, promoteWest } from './hand.ts';
import { east, serverName, west } from './names.ts';
import { ask, planName, plansPath } from './objects.ts';
import { settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const ready = (stage: Stage): string => stage.person.condition('Ready')?.reason ?? '';
const said = (stage: Stage): string => stage.person.condition('Ready')?.message ?? '';

/** What the plan's status prints, typed. */
function adopt(stage: Stage): void {
  const body = / -p '([^']*)'/.exec(said(stage))?.[1];
  assert.ok(body !== undefined, said(stage));
  ask(stage.world.management, 'PATCH', `${plansPath}/${planName}`, JSON.parse(body));
}

function moveRecord(stage: Stage): void {
  stage.timeline.note('bob', `points the record to ${west} by hand`);
  setRecord(stage.world, `lb.${west}.example.net`);
}

scenario({
  name: 'by-hand-at-once',
  shows:
    'looks are slow, as between regions; people fail over by hand and set the field before the operator has looked: it is adopted, and no run is made for what is done already',
  killSweep: { why: 'the operator has no effect that it could die at' },
  async story(stage) {
    await settle(stage);
    stage.kernel.inject({ label: 'sql.server', do: 'delay', ms: 700, count: 100_000 });
    await stage.pass(10_000);
    stage.timeline.note('bob', 'stops orders in us-east-1');
    modelOf(stage, 'orders').stop(serverName('orders', east));
    await promoteWest(stage);
    moveRecord(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it is adopted', () => said(stage).startsWith('Active in us-west-2'));
    await stage.pass(60_000);
  },
  must: [
    /bob .*stops/,
    /bob .*promotes/,
    /bob .*points the record/,
    /ana .*us-west-2/,
    /plan .*Ready=True Active: Active in us-west-2/,
  ],
  never: [/makes checkout/],
  expect(stage) {
    assert.deepEqual(effects(stage), []);
    assert.deepEqual(operatorChanges(stage.world), []);
    assert.deepEqual(stage.person.runs(), []);
  },
});

scenario({
  name: 'record-by-hand',
  shows:
    'at rest, somebody points the record to the other region and nobody says a word: the operator tells of it within minutes and changes nothing, and tells when it leads back; a record that is deleted, too',
  killSweep: { why: 'the operator has no effect that it could die at' },
  async story(stage) {
    await settle(stage);
    await stage.pass(60_000);
    moveRecord(stage);
    await stage.until('it says so', () => ready(stage) === 'TrafficElsewhere', 400_000);
    await stage.pass(30_000);
    stage.timeline.note('bob', `points the record back to ${east}`);
    setRecord(stage.world, `lb.${east}.example.net`);
    await stage.until('it is ready', () => ready(stage) === 'Active');
    await stage.pass(400_000);
    stage.timeline.note('bob', 'deletes the record');
    removeRecord(stage.world);
    await stage.until('it says so', () => ready(stage) === 'TrafficElsewhere', 400_000);
    await stage.pass(30_000);
    stage.timeline.note('bob', `makes the record again, to ${east}`);
    setRecord(stage.world, `lb.${east}.example.net`);
    await stage.until('it is ready', () => ready(stage) === 'Active');
    await stage.pass(60_000);
  },
  must: [
    /bob .*points the record to us-west-2 by hand/,
    /plan .*Ready=False TrafficElsewhere: Record checkout\.example\.com leads to us-west-2, and the plan is active in us-east-1\. No run moves it/,
    /bob .*points the record back/,
    /plan .*Ready=True Active: Active in us-east-1/,
    /bob .*deletes the record/,
    /plan .*Ready=False TrafficElsewhere: Record checkout\.example\.com does not exist, .*create it/,
    /bob .*makes the record again/,
    /plan .*Ready=True Active: Active in us-east-1/,
  ],
  never: [/makes checkout/],
  expect(stage) {
    assert.deepEqual(effects(stage), []);
    assert.deepEqual(operatorChanges(stage.world), []);
    assert.deepEqual(stage.person.runs(), []);
  },
});

scenario({
  name: 'by-hand',
  shows:
    'the region dies while the operator is down, and people fail over by hand: the operator tells of it and changes nothing; adopted, it tells of the record that was left behind, and of the old writer when it comes back open',
  killSweep: { why: 'the operator has no effect that it could die at' },
  async story(stage) {
    await settle(stage);
    stage.kernel.kill('operator');
    stage.timeline.note('weather', 'the operator dies, and everything in us-east-1');
    stage.world.destroy(east);
    await stage.pass(10_000);
    await promoteWest(stage);
    await stage.pass(20_000);
    stage.kernel.restart('operator');
    await stage.until('it says so', () => ready(stage) === 'OutOfBandChange');
    await stage.pass(120_000);
    adopt(stage);
    await stage.until('it is adopted', () => ready(stage) === 'TrafficElsewhere');
    await stage.pass(20_000);
    moveRecord(stage);
    await stage.until('it is ready', () => ready(stage) === 'Active');
    await stage.pass(30_000);
    stage.timeline.note('weather', 'us-east-1 comes back, as it was');
    stage.world.restore(east);
    await stage.until('it says that there are two', () => ready(stage) === 'OutOfBandChange');
    assert.doesNotMatch(said(stage), /kubectl/, 'that there are two cannot be adopted');
    await stage.pass(60_000);
    stage.timeline.note('bob', 'stops orders in us-east-1');
    modelOf(stage, 'orders').stop(serverName('orders', east));
    await stage.until('it is ready', () => ready(stage) === 'Active');
    await stage.pass(30_000);
  },
  must: [
    /weather .*dies/,
    /bob .*promotes/,
    /plan .*Ready=False OutOfBandChange: The status says us-east-1, but database orders takes writes in us-west-2, and in us-east-1 it does not answer\. .*to adopt it: kubectl patch drplan checkout/,
    /ana .*us-west-2/,
    /plan .*Ready=False TrafficElsewhere: Record checkout\.example\.com leads to us-east-1, and the plan is active in us-west-2\./,
    /bob .*points the record/,
    /plan .*Ready=True Active: Active in us-west-2/,
    /weather .*comes back/,
    /plan .*Ready=False OutOfBandChange: The status says us-west-2, but database orders takes writes in both regions\. .*stop or fence/,
    /bob .*stops/,
    /plan .*Ready=True Active: Active in us-west-2/,
  ],
  never: [/makes checkout/],
  expect(stage) {
    assert.deepEqual(effects(stage), []);
    assert.deepEqual(operatorChanges(stage.world), []);
    assert.deepEqual(stage.person.runs(), []);
  },
});

scenario({
  name: 'by-hand-midway',
  shows:
    'a planned run hangs behind its fence, and people promote the target themselves: nothing is taken back, for that would open a second writer; abandoned, what they did is adopted',
  async story(stage) {
    await hangBehindFence(stage);
    await stage.pass(20_000);
    await promoteWest(stage);
    await stage.until('it is to be taken back', () => stage.person.run()?.status?.phase === 'Aborting', 900_000);
    await stage.pass(60_000);
    const model = modelOf(stage, 'orders');
    assert.equal(model.catalogue(serverName('orders', east)).roles.shop?.login, false, 'the old writer stays closed');
    assert.equal(stage.person.step('fence/orders')?.waitsFor?.reason, 'MovedByHand');
    const before = effects(stage).length;
    stage.person.answer('MovedByHand');
    await stage.until('it is over', () => stage.person.run()?.status?.phase === 'Abandoned');
    await stage.until('it is adopted', () => ready(stage) === 'TrafficElsewhere');
    await stage.pass(20_000);
    moveRecord(stage);
    await stage.until('it is ready', () => ready(stage) === 'Active');
    await stage.pass(60_000);
    assert.equal(effects(stage).length, before, 'nothing more is done');
  },
  must: [
    /weather .*held/,
    /ana .*us-west-2/,
    /step .*fence\/orders Succeeded/,
    /bob .*promotes/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*position\/orders .*MovedByHand: Database orders in us-west-2 is a primary, and this Run did not promote it/,
    /run .*Aborting/,
    /ana .*abandon/,
    /run .*Abandoned/,
    /plan .*Ready=False TrafficElsewhere/,
    /bob .*points the record/,
    /plan .*Ready=True Active: Active in us-west-2/,
  ],
  never: [/timeline 3/, /promote\/orders Succeeded/],
});

scenario({
  name: 'by-hand-midway-restarted',
  shows:
    'a run is not taken back, for people have promoted the target; the operator is restarted, and sees the source at once and the target late: until it has, the source stays closed',
  killSweep: { why: 'as by-hand-midway, whose every effect is swept; here the death itself is told' },
  async story(stage) {
    await hangBehindFence(stage);
    await promoteWest(stage);
    const moved = (): boolean => stage.person.step('fence/orders')?.waitsFor?.reason === 'MovedByHand';
    await stage.until('it is not taken back', moved, 900_000);
    await stage.pass(30_000);
    const before = effects(stage).length;
    stage.timeline.note('weather', `the operator is restarted, and looks at ${west} are slow`);
    stage.kernel.inject({
      label: 'sql.server',
      destination: `*${serverName('orders', west)}*`,
      do: 'delay',
      ms: 2_000,
    });
    stage.kernel.restart('operator');
    await stage.pass(60_000);
    assert.ok(moved());
    assert.equal(effects(stage).length, before, 'nothing more is done');
    stage.person.answer('MovedByHand');
    await stage.until('it is over', () => stage.person.run()?.status?.phase === 'Abandoned');
    await stage.pass(20_000);
  },
  must: [
    /bob .*promotes/,
    /step .*fence\/orders Succeeded/,
    /run .*Aborting/,
    /weather .*restarted/,
    /ana .*abandon/,
    /run .*Abandoned/,
  ],
  never: [/timeline 3/, /promote\/orders Succeeded/],
});
