import assert from 'node:assert/strict';
import { failOver, loseTheEast, orders, runIs, settle } from './outage.ts';
import { serverName, west } from './names.ts';
import { ask } from './objects.ts';
import { scenario } from './scenario.ts';
import { contacts, fillSecrets, heardBy, slackContact } from './told.ts';

const why = 'messages are no effects: what a death between two of them does is told by told-in-vain.test.ts';

scenario({
  name: 'told-blocked',
  shows:
    'a forced failover waits for a person whom nobody reaches: the first contact is told at once and again every five minutes, the second after five; then both hear that the fence is not proven, and that the platform has recovered',
  options: { plan: { contacts } },
  killSweep: { why },
  async story(stage) {
    fillSecrets(stage);
    const killedAt = await loseTheEast(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    const asked = stage.now();
    await stage.pass(12 * 60_000);
    const lead = heardBy(stage, 'lead', asked);
    assert.deepEqual(
      lead.map(({ at, kind, reason, repeat }) => `${String(at)} ${kind} ${reason} ${String(repeat)}`),
      ['5 RunBlocked ApprovalRequired 0', '305 RunBlocked ApprovalRequired 1', '605 RunBlocked ApprovalRequired 2'],
    );
    const second = heardBy(stage, 'second', asked);
    assert.deepEqual(
      second.map(({ at, kind, repeat }) => `${String(at)} ${kind} ${String(repeat)}`),
      ['305 RunBlocked 0', '605 RunBlocked 1'],
    );
    assert.equal(new Set([...lead, ...second].map(({ id }) => id)).size, 5, 'each message has an id of its own');
    // What the message says to type is what the status says.
    assert.equal(lead[0]?.next, stage.person.step('approve')?.waitsFor?.next);
    await failOver(stage, killedAt);
    await stage.pass(60_000);
  },
  must: [
    /told .*lead: Started: failover of payments\/checkout, us-east-1 -> us-west-2/,
    /told .*second: Started/,
    /step .*approve Waiting ApprovalRequired/,
    /told .*lead: BLOCKED: .*: ApprovalRequired$/,
    /told .*second: BLOCKED: .*: ApprovalRequired$/,
    /told .*lead: BLOCKED: .*: ApprovalRequired \(told once before\)/,
    /ana .*approvals/,
    /ana .*attestations/,
    /postgres .*us-west-2: primary, timeline 2/,
    /told .*second: Problem: .*: FenceNotProven/,
    /told .*second: Recovered: /,
  ],
  never: [/timeline 3/, /Goes on/],
  expect(stage) {
    const recovered = heardBy(stage, 'lead').find(({ kind }) => kind === 'RunSustained');
    assert.ok(recovered !== undefined);
    const run = recovered.body.run as {
      readonly loss: readonly { readonly grade: string }[];
      readonly fence: readonly { readonly state: string; readonly words: string }[];
      readonly rtoSeconds: number;
    };
    assert.equal(run.loss[0]?.grade, 'Bounded');
    assert.equal(run.fence[0]?.state, 'NotProven');
    assert.match(run.fence[0].words, /ana attests/);
    assert.ok(run.rtoSeconds > 12 * 60);
    assert.equal(orders(stage).timelineHistory(serverName('orders', west)).length, 1);
    assert.deepEqual(stage.world.receivers.lead.refused, [], 'every signature was right');
  },
});

scenario({
  name: 'told-answered',
  shows:
    'whoever answers within seconds is paged for nothing: the first contact hears of the start and of the end, in Slack',
  options: { plan: { contacts: [slackContact] } },
  killSweep: { why },
  async story(stage) {
    fillSecrets(stage);
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await stage.pass(20_000);
  },
  must: [/told .*slack: \*Started: failover of payments\/checkout/, /told .*slack: \*Recovered: /],
  never: [/told .*BLOCKED/],
  expect(stage) {
    assert.deepEqual(stage.world.receivers.slack.refused, []);
  },
});

scenario({
  name: 'told-problems',
  shows:
    'a link that flickers is nobody’s business, one that is held for minutes is told and then told to be mended; a writer that is elsewhere than the status says is told, and told to be adopted; a halt is told, too',
  options: { plan: { contacts: [contacts[0]], objectives: { rto: '15m', rpo: '5s' } } },
  killSweep: { why },
  async story(stage) {
    fillSecrets(stage);
    await settle(stage);
    const snapshot = stage.world.management.snapshot();
    const link = orders(stage).link(serverName('orders', west));
    for (let time = 0; time < 3; time += 1) {
      link.hold();
      await stage.until('the RPO is not met', () => stage.person.condition('RPOMet')?.status === 'False');
      link.restore();
      await stage.until('the RPO is met', () => stage.person.condition('RPOMet')?.status === 'True');
      await stage.pass(120_000);
    }
    assert.deepEqual(heardBy(stage, 'lead'), [], 'each was over within a minute');
    stage.timeline.note('weather', 'replication is held');
    link.hold();
    await stage.pass(5 * 60_000);
    stage.timeline.note('weather', 'replication flows');
    link.restore();
    await stage.pass(3 * 60_000);
    stage.person.setActiveRegion(west);
    await runIs(stage, 'Succeeded');
    // As after a failover by hand while the operator was down: the status knows nothing of it.
    stage.timeline.note('ana', 'restores the management cluster from before the move');
    stage.world.recoverManagement(snapshot);
    await stage.until('it says so', () => stage.person.condition('Ready')?.reason === 'OutOfBandChange');
    await stage.pass(60_000);
    stage.person.setActiveRegion(west);
    await stage.pass(60_000);
    const halt = { metadata: { name: 'maestro-dr-halt' }, data: { by: 'ana', reason: 'the network is being moved' } };
    const path = '/api/v1/namespaces/maestro-dr-system/configmaps';
    ask(stage.world.management, 'POST', path, { apiVersion: 'v1', kind: 'ConfigMap', ...halt });
    await stage.pass(30_000);
    ask(stage.world.management, 'DELETE', `${path}/maestro-dr-halt`);
    await stage.pass(30_000);
  },
  must: [
    /weather .*held/,
    /told .*lead: Problem: payments\/checkout: LagAboveObjective/,
    /weather .*flows/,
    /told .*lead: Over: payments\/checkout: WithinObjective/,
    /told .*lead: Started: failover/,
    /told .*lead: Recovered: failover/,
    /told .*lead: Ended: failover .*: Succeeded/,
    /ana .*restores/,
    /told .*lead: Problem: payments\/checkout: OutOfBandChange/,
    /ana .*us-west-2/,
    /told .*lead: Over: payments\/checkout: Active/,
    /told .*lead: Problem: payments\/checkout: Halted/,
    /told .*lead: Over: payments\/checkout/,
  ],
  never: [/makes checkout-2/, /told before/, /BLOCKED/],
});
