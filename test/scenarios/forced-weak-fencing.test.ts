import assert from 'node:assert/strict';
import { east, serverName, west } from './names.ts';
import { blackHole, orders, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const failover = { cooldown: '10m', drain: '5s', soak: '5s', deadlines: { fence: '20s' } };

/** A client inside the east, which no cut of the network keeps away from its database. */
function inside(stage: Stage, count: number): readonly string[] {
  const ids = Array.from({ length: count }, (_, index) => `inside-${String(index + 1)}`);
  for (const id of ids) assert.ok(orders(stage).write(serverName('orders', east), 'shop', id).acknowledged, id);
  stage.timeline.note('clients', `inside us-east-1, ${String(count)} orders are taken by its unfenced writer`);
  return ids;
}

async function withoutProof(stage: Stage): Promise<void> {
  await settle(stage);
  const end = blackHole(stage);
  await stage.pass(2_000);
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for the loss', () => stage.person.isAskedFor('DataLossUnaccepted'));
  assert.equal(orders(stage).role(serverName('orders', west)), 'Replica');
  stage.person.answer('DataLossUnaccepted');
  await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
  const written = inside(stage, 7);
  await stage.pass(30_000);
  assert.equal(stage.person.condition('FenceIncomplete')?.status, 'True');
  const open = stage.person.run()?.status?.recovery?.[0];
  assert.equal(open?.grade, 'Estimated', 'neither fenced nor compared: at least so much, and open');
  stage.person.setActiveRegion(east);
  await stage.pass(60_000);
  assert.equal(stage.person.runs().length, 1, 'the standing duty blocks further runs');
  stage.person.setActiveRegion(west);
  await stage.pass(5_000);
  end();
  await runIs(stage, 'Succeeded');
  const rows = orders(stage).rows(serverName('orders', west));
  assert.deepEqual(
    written.filter((id) => rows.includes(id)),
    [],
    'what the old primary took is not in the west',
  );
}

function counted(stage: Stage): void {
  assert.notEqual(stage.person.condition('FenceIncomplete')?.status, 'True');
  const recovery = stage.person.run()?.status?.recovery?.[0];
  assert.equal(recovery?.grade, 'Measured');
  assert.ok(Number(recovery.lostCommits) + (recovery.postReturnCommits ?? 0) >= 7, 'its writes are counted');
  assert.equal(orders(stage).timelineHistory(serverName('orders', west)).length, 1);
}

scenario({
  name: 'forced-best-effort',
  shows:
    'fencing: BestEffort and a source that cannot be reached: promoted after the deadline; the fence stays a standing duty until the source returns, and its writes are counted',
  options: { plan: { failover: { ...failover, fencing: 'BestEffort' } } },
  story: withoutProof,
  must: [
    /weather .*cut off/,
    /ana .*approvals/,
    /step .*fence\/orders Overridden/,
    /ana .*acceptDataLoss/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /clients .*7 orders are taken by its unfenced writer/,
    /weather .*reachable again/,
    /step .*finish-fence\/orders Succeeded/,
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /attestations/, /makes checkout-2/],
  expect: counted,
});

scenario({
  name: 'forced-none',
  shows: 'fencing: None and a source that cannot be reached: nothing is waited for, and nothing is denied afterwards',
  options: { plan: { failover: { ...failover, fencing: 'None' } } },
  story: withoutProof,
  must: [
    /weather .*cut off/,
    /ana .*approvals/,
    /step .*fence\/orders Overridden/,
    /ana .*acceptDataLoss/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /clients .*7 orders are taken by its unfenced writer/,
    /weather .*reachable again/,
    /step .*finish-fence\/orders Succeeded/,
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /attestations/, /makes checkout-2/],
  expect: counted,
});
