import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { leaseHolder, rival } from './rival.ts';
import { scenario } from './scenario.ts';
import { createStage, type Stage } from './stage.ts';

const operators = ['a', 'b'] as const;
/** Longer than the time between two renewals, so that both lead for a while, and shorter than the lease. */
const blindMs = 12_000;

/** At which point of the run the Lease is deleted: a step whose intent has just been recorded. */
const moments = ['quiesce/worker', 'fence/orders', 'promote/orders', 'shift/public'] as const;

const promoted = /postgres .*us-west-2: primary, timeline 2/;
const doubled = [/bob .*deletes the Lease/, /lease .*held by b, and a still counts on it/];

interface Rivals {
  first: string;
  since: number;
}

async function twoLead(stage: Stage, step: (typeof moments)[number]): Promise<Rivals> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.timeline.note('lease', `is held by ${leaseHolder(stage) ?? 'nobody'}`);
  stage.person.setActiveRegion(west);
  await stage.until(`${step} is recorded`, () => stage.person.step(step)?.intent !== undefined);
  const first = rival(stage, operators, blindMs);
  assert.ok(first !== undefined, 'somebody led');
  stage.timeline.note('bob', `deletes the Lease; ${first} does not hear of it`);
  await stage.until('another holds it', () => leaseHolder(stage) !== undefined && leaseHolder(stage) !== first);
  stage.timeline.note('lease', `is held by ${leaseHolder(stage) ?? 'nobody'}, and ${first} still counts on it`);
  return { first, since: stage.kernel.now() };
}

/** By PostgreSQL's own history, by what Route 53 took, and by the orders. */
function assertAsOne(stage: Stage): void {
  const orders = stage.world.postgresql.orders;
  assert.ok(orders !== undefined);
  assert.equal(orders.timelineHistory(serverName('orders', west)).length, 1, 'one promotion');
  assert.equal(orders.role(serverName('orders', east)), 'Replica');
  assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), [], 'no order is lost');
  const changes = stage.world.changes.filter(
    ({ operation, verdict }) => operation === 'ChangeResourceRecordSets' && verdict === 'accepted',
  );
  assert.equal(changes.length, 1, 'the traffic was moved once');
  assert.equal(stage.person.runs().length, 1, 'one Run');
}

for (const step of moments) {
  scenario({
    name: `leases-overlap-${step.replace('/', '-')}`,
    shows: `the Lease is deleted when ${step} is recorded, and another operator takes it while the first still counts on it: both lead, and the world sees one`,
    options: { operators: operators.slice(0, 1) },
    killSweep: { why: 'which of two leading operators a death strikes is what leadership.test.ts tells' },
    async story(stage) {
      await twoLead(stage, step);
      await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
      await stage.pass(30_000);
    },
    must: [
      /lease .*held by a/,
      ...(step === 'shift/public' ? [promoted, ...doubled] : [...doubled, promoted]),
      /dns .*answers us-west-2/,
      /run .*checkout-1 is in Succeeded/,
    ],
    never: [/timeline 3/, /Overridden/, /makes checkout-2/, /Failed/],
    expect: assertAsOne,
  });
}

describe('two operators that both lead', () => {
  it('both work while their leases overlap, and each effect is sent by the one that recorded it', async () => {
    const stage = createStage({ operators: operators.slice(0, 1) });
    const { first, since } = await twoLead(stage, 'quiesce/worker');
    await stage.pass(8_000);
    const overlapping = effects(stage).filter(({ at }) => at >= since);
    const told = stage.logs.filter(({ message, fields }) => message === 'lease lost' && fields.identity !== undefined);
    assert.ok(overlapping.length > 0, 'the run went on');
    const wrote = stage.kernel.mutations().filter(({ at, label }) => at >= since && label === 'kube.patch');
    assert.ok(
      wrote.some(({ process, detail }) => process === first && detail.includes('/disasterrecoveryruns/')),
      'the first wrote the Run after it had been replaced',
    );
    assert.ok(
      wrote.some(({ process, detail }) => process !== first && detail.includes('/disasterrecoveryruns/')),
      'so did the second',
    );
    assert.deepEqual(told, [], 'nobody knows yet that he has lost it');
  });
});
