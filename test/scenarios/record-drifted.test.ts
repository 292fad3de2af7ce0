import assert from 'node:assert/strict';
import { operatorChanges, recordValues, setRecord } from './dns-hand.ts';
import { east, recordName, serverName, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const third = 'maintenance.example.net';

function drift(stage: Stage): void {
  stage.timeline.note('bob', `sets ${recordName} to ${third} by hand`);
  setRecord(stage.world, third);
}

function putBack(stage: Stage): void {
  stage.timeline.note('bob', `puts ${recordName} back to ${east}`);
  setRecord(stage.world, `lb.${east}.example.net`);
}

const neverLost = (stage: Stage): void => {
  const orders = stage.world.postgresql.orders;
  assert.ok(orders !== undefined);
  assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
  assert.deepEqual(recordValues(stage.world, recordName, 'CNAME'), [`lb.${west}.example.net`]);
  const shifts = operatorChanges(stage.world).filter((change) => change.includes('CNAME'));
  assert.equal(shifts.length, 1, `one change of the record, with its owner in the same batch: ${shifts.join(' | ')}`);
};

scenario({
  name: 'record-drifted-before',
  shows: 'the record names a third target before the run: nothing is fenced, nothing overwritten, until it is put back',
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    drift(stage);
    await stage.pass(5_000);
    stage.person.setActiveRegion(west);
    await stage.until('it says so', () => stage.person.step('preflight/public')?.waitsFor?.reason === 'RecordDrifted');
    await stage.pass(60_000);
    assert.deepEqual(recordValues(stage.world, recordName, 'CNAME'), [third]);
    assert.deepEqual(operatorChanges(stage.world), []);
    assert.equal(
      stage.person.step('fence/orders')?.intent,
      undefined,
      'the source is not fenced for a record in the way',
    );
    putBack(stage);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /bob .*maintenance/,
    /step .*preflight\/public (Waiting|Blocked) RecordDrifted: .*Put back the values of us-east-1/,
    /bob .*puts .*back/,
    /step .*preflight\/public Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect: neverLost,
});

scenario({
  name: 'record-drifted-between',
  shows:
    'the record is changed by hand after the preflight: the platform is up in the west, the record is not overwritten until it is put back',
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the west was promoted', () => stage.person.step('promote/orders')?.outcome !== undefined);
    drift(stage);
    await stage.until('it says so', () => stage.person.step('shift/public')?.waitsFor?.reason === 'RecordDrifted');
    await stage.pass(60_000);
    assert.deepEqual(recordValues(stage.world, recordName, 'CNAME'), [third]);
    assert.deepEqual(operatorChanges(stage.world), []);
    putBack(stage);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /step .*preflight\/public Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /bob .*maintenance/,
    /step .*shift\/public (Waiting|Blocked) RecordDrifted: .*Put back the values of us-east-1/,
    /bob .*puts .*back/,
    /step .*shift\/public Succeeded/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect: neverLost,
});
