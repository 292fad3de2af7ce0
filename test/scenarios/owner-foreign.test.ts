import assert from 'node:assert/strict';
import { ownershipText } from '../../src/drivers/traffic/route53/ownership.ts';
import { operatorChanges, ownerName, recordValues, setText } from './dns-hand.ts';
import { recordName, serverName, east, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const another =
  ownershipText({ identity: 'billing/checkout', epoch: 7, region: east, runUid: '5b1c7c1e' }) ?? assert.fail('no text');
const externalDns = 'heritage=external-dns,external-dns/owner=cluster-a,external-dns/resource=ingress/shop/front';

/** Nothing is touched while another hand holds the record: not the databases, not the workloads, not the zone. */
async function refused(stage: Stage, name: string, text: string): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  stage.timeline.note('bob', `a TXT at ${name}: ${text}`);
  setText(stage.world, name, text);
  // Longer than an absence of external-dns is remembered.
  await stage.pass(70_000);
  stage.person.setActiveRegion(west);
  await stage.until('it says so', () => stage.person.step('preflight/public')?.waitsFor?.reason === 'ForeignOwner');
  await stage.pass(120_000);
  assert.equal(stage.person.step('fence/orders')?.intent, undefined);
  stage.person.setActiveRegion(east);
  await stage.until('it is taken back', () => stage.person.run()?.status?.phase === 'Aborted');
  await stage.pass(10_000);
}

function untouched(name: string, text: string): (stage: Stage) => void {
  return (stage) => {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.equal(orders.role(serverName('orders', east)), 'Primary');
    assert.equal(orders.role(serverName('orders', west)), 'Replica');
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', east))), []);
    assert.deepEqual(operatorChanges(stage.world), []);
    const api = stage.world.clusters[west].hooks.read('apps/deployments', 'payments', 'api');
    assert.match(JSON.stringify(api?.spec), /"replicas":1/, 'what was scaled up beforehand is scaled down again');
    assert.deepEqual(recordValues(stage.world, name, 'TXT'), [`"${text}"`], 'the other owner keeps its word');
    assert.equal(stage.world.clients.longestOutageMs() < 2_000, true, 'the clients noticed nothing');
  };
}

scenario({
  name: 'owner-foreign',
  shows:
    "the record carries another plan's ownership: nothing is fenced and nothing written; turned back, all is as before",
  story: (stage) => refused(stage, ownerName, another),
  must: [
    /bob .*heritage=maestro-dr/,
    /ana .*us-west-2/,
    /step .*preflight\/public (Waiting|Blocked) ForeignOwner: .*owned by another plan.*Let that plan give it up/,
    /ana .*us-east-1/,
    /run .*checkout-1 is in Aborted/,
  ],
  never: [/timeline 2/, /fence\/orders Succeeded/, /answers us-west-2/],
  expect: untouched(ownerName, another),
});

scenario({
  name: 'owner-external-dns',
  shows: 'external-dns manages the record: it would flip it back, so nothing is fenced and nothing written',
  story: (stage) => refused(stage, `cname-${recordName}`, externalDns),
  must: [
    /bob .*heritage=external-dns/,
    /ana .*us-west-2/,
    /step .*preflight\/public (Waiting|Blocked) ForeignOwner: .*external-dns/,
    /ana .*us-east-1/,
    /run .*checkout-1 is in Aborted/,
  ],
  never: [/timeline 2/, /fence\/orders Succeeded/, /answers us-west-2/],
  expect: untouched(`cname-${recordName}`, externalDns),
});
