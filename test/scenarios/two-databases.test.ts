import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { loseTheEast, theEastReturns } from './forced.test.ts';
import { east, serverName, west } from './names.ts';
import { assertPoint, assertSkew, keepBooks, recoveryOf, skewMs } from './recovery-truth.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const names = ['orders', 'ledger'] as const;

/** By the calls themselves: the first promotion came after the last fence. */
function assertFencesBeforePromotions(stage: Stage): void {
  const labels = effects(stage).map(({ label }) => label);
  const firstPromotion = labels.indexOf('sql.promote');
  const source = effects(stage).slice(0, firstPromotion);
  const fenced = new Set(source.filter(({ label }) => label === 'sql.fence').map(({ destination }) => destination));
  assert.equal(fenced.size, 2, [...fenced].join(', '));
}

scenario({
  name: 'two-planned',
  shows: 'two databases move together: none is promoted before both are fenced and caught up',
  options: { databases: names },
  async story(stage) {
    const books = keepBooks(stage, names);
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
    const ceased = names.map((name) => books.ceasesAt(name));
    names.forEach((name, index) => {
      assert.equal(recoveryOf(stage, name).loss, '0s');
      assertPoint(stage, name, ceased[index] ?? 0);
    });
    assertSkew(stage, ceased);
  },
  must: [
    /step .*position\/(orders|ledger) Succeeded/,
    /step .*position\/(orders|ledger) Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/Blocked/, /Overridden/, /Waiting/, /timeline 3/],
  expect(stage) {
    assertFencesBeforePromotions(stage);
    // An operator that dies in between knows its fence less well: a bound that says something is asked of this history alone.
    assert.ok(skewMs(stage) <= 1_000, 'both were fenced within a second');
    for (const name of names) {
      const model = stage.world.postgresql[name];
      assert.ok(model !== undefined);
      assert.equal(model.role(serverName(name, west)), 'Primary');
      assert.equal(model.role(serverName(name, east)), 'Replica');
    }
    const rows = stage.world.postgresql.orders?.rows(serverName('orders', west)) ?? [];
    assert.deepEqual(stage.world.clients.lost(rows), []);
  },
});

scenario({
  name: 'two-forced',
  shows: 'two databases are lost with their region: a person attests each, both are promoted, compared and rebuilt',
  options: { databases: names },
  async story(stage) {
    const books = keepBooks(stage, names);
    const killedAt = await loseTheEast(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('one is settled', () => stage.person.step('fence/orders')?.outcome !== undefined);
    await stage.pass(20_000);
    for (const name of names) {
      assert.equal(
        stage.world.postgresql[name]?.role(serverName(name, west)),
        'Replica',
        `${name} waits for the other`,
      );
    }
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(20_000);
    // Bounded by what a person attested; and once more when the lost commits were read.
    const ceased = names.map((name) => books.ceasesAt(name, killedAt));
    const assertTrue = (grade: string): void => {
      names.forEach((name, index) => {
        assert.equal(recoveryOf(stage, name).grade, grade);
        assertPoint(stage, name, ceased[index] ?? 0);
      });
      assertSkew(stage, ceased);
    };
    assertTrue('Bounded');
    await theEastReturns(stage);
    assert.ok(Math.max(...ceased) - Math.min(...ceased) > 5_000, 'the link of one of them was held');
    assertTrue('Measured');
  },
  must: [
    /ana .*attestations.*orders/,
    /step .*fence\/orders Overridden/,
    /ana .*attestations.*orders.*ledger/,
    /step .*fence\/ledger Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /weather .*comes back/,
    /step .*finish-fence\/(orders|ledger) Succeeded/,
    /step .*finish-fence\/(orders|ledger) Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    for (const name of names) {
      const model = stage.world.postgresql[name];
      assert.equal(model?.role(serverName(name, west)), 'Primary');
      assert.equal(model.role(serverName(name, east)), 'Replica');
    }
    const recovery = stage.person.run()?.status?.recovery ?? [];
    assert.deepEqual(recovery.map((one) => one.database).sort(), [...names].sort(), 'each has its recovery point');
    assert.ok(skewMs(stage) <= 6_500, 'the link of one was held for 6 s');
  },
});

scenario({
  name: 'two-forced-late',
  shows:
    'the request to promote one of two databases is lost: with the other one long promoted it is sent again, and nobody is asked',
  options: {
    databases: names,
    faults: [{ label: 'sql.promote', destination: `*ledger*`, do: 'drop-request', occurrence: 1 }],
  },
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    for (const name of names) {
      await stage.until(`it asks for proof, at last of ${name}`, () => stage.person.isAskedFor('FenceNotProven'));
      stage.person.answer('FenceNotProven', { at: killedAt });
      await stage.pass(2_000);
    }
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined, 120_000);
  },
  must: [
    /postgres +orders in us-west-2: primary, timeline 2/,
    /step .*open\/orders Succeeded/,
    /postgres +ledger in us-west-2: primary, timeline 2/,
    /step .*promote\/ledger Succeeded/,
    /dns .*answers us-west-2/,
  ],
  never: [/DataLossUnaccepted/, /Blocked/, /timeline 3/],
  killSweep: { why: 'a fault is struck already; two-forced is swept' },
});
