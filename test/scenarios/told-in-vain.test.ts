import assert from 'node:assert/strict';
import type { Behaviour } from '../../src/sandbox/models/receivers/index.ts';
import { assertInvariants } from '../simulation/assert-invariants.ts';
import { ask, planName, plansPath } from './objects.ts';
import { failOver, loseTheEast, runIs, theEastReturns } from './outage.ts';
import { createStage, startWall, type Stage } from './stage.ts';
import { contacts, fillSecrets, heardBy, notices, slackContact } from './told.ts';

/** A forced failover, answered as fast as a person can, and the way back: what is measured is when it recovered and ended. */
async function timesOf(plan: Readonly<Record<string, unknown>>, behaviour: Behaviour = { do: 'Work' }) {
  const stage = createStage({ plan, timeline: false });
  fillSecrets(stage);
  for (const who of ['lead', 'second', 'slack'] as const) stage.world.receivers[who].behave(behaviour);
  await failOver(stage, await loseTheEast(stage));
  await theEastReturns(stage);
  const run = stage.person.run()?.status;
  const ends = (run?.steps ?? []).map(({ id, outcome }) => [id, Date.parse(outcome?.at ?? '') - startWall] as const);
  return { stage, ends, recovered: Date.parse(run?.milestones?.sustained ?? '') - startWall };
}

const all = { contacts: [...contacts, slackContact] };
const vain: readonly (readonly [string, Behaviour])[] = [
  ['hangs', { do: 'Hang' }],
  ['takes it and hangs', { do: 'TakeAndHang' }],
  ['answers 500', { do: 'Fail', status: 500 }],
  ['answers 429', { do: 'Fail', status: 429, retryAfter: '30' }],
  ['refuses', { do: 'Fail', status: 403 }],
];

describe('a run whose contacts cannot be told', () => {
  let alone: Awaited<ReturnType<typeof timesOf>>;
  before(async () => {
    alone = await timesOf({});
  });

  for (const [what, behaviour] of vain) {
    it(`is as fast as one that has none: every receiver ${what}`, async () => {
      const told = await timesOf(all, behaviour);
      assert.ok(told.stage.world.receivers.lead.asked.length > 0, 'it was tried');
      assert.ok(alone.recovered > 0);
      // The jitter of the network is drawn anew for every message, and a pass ends a few ms sooner or later.
      assert.ok(
        Math.abs(told.recovered - alone.recovered) <= 250,
        `${String(told.recovered)} and ${String(alone.recovered)}`,
      );
      const ends = new Map(alone.ends);
      assert.deepEqual(
        told.ends.map(([id]) => id),
        alone.ends.map(([id]) => id),
      );
      // The way back polls more rarely: a look may fall on the other side of what it sees.
      const late = told.ends.filter(([id, at]) => at - (ends.get(id) ?? 0) > 1_500);
      assert.deepEqual(late, []);
      assertInvariants(told.stage);
    });
  }

  it('is told of it all the same as soon as they answer', async () => {
    const stage = createStage({ plan: { contacts }, timeline: false });
    fillSecrets(stage);
    stage.world.receivers.lead.behave({ do: 'Fail', status: 503 });
    await loseTheEast(stage);
    stage.person.setActiveRegion('us-west-2');
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    await stage.pass(60_000);
    assert.deepEqual(heardBy(stage, 'lead'), []);
    stage.world.receivers.lead.behave({ do: 'Work' });
    await stage.until('the lead has heard of the block', () => heardBy(stage, 'lead').length === 2, 90_000);
    assert.deepEqual(
      heardBy(stage, 'lead').map(({ kind, repeat }) => `${kind} ${String(repeat)}`),
      ['RunBlocked 0', 'RunStarted 0'],
      'what somebody has to act on comes first',
    );
  });

  it('Retry-After is honoured, and no request comes before', async () => {
    const stage = createStage({ plan: { contacts: [slackContact] }, timeline: false });
    fillSecrets(stage);
    const { slack } = stage.world.receivers;
    slack.behave({ do: 'Fail', status: 429, retryAfter: '90' });
    await loseTheEast(stage);
    stage.person.setActiveRegion('us-west-2');
    await stage.pass(10 * 60_000);
    const gaps = slack.asked.slice(1).map((at, index) => at - (slack.asked[index] ?? 0));
    assert.ok(gaps.length >= 3, String(gaps.length));
    assert.ok(
      gaps.every((gap) => gap >= 90_000),
      gaps.join(', '),
    );
  });

  it('says so in an Event of the plan, without the URL', async () => {
    const stage = createStage({ plan: { contacts: [slackContact] }, timeline: false });
    fillSecrets(stage);
    stage.world.receivers.slack.behave({ do: 'Fail', status: 404 });
    await loseTheEast(stage);
    stage.person.setActiveRegion('us-west-2');
    await stage.until('somebody gave up', () => failures(stage).length > 0, 60_000);
    assert.deepEqual(failures(stage), ['Channel was not told of RunStarted by slack: HTTP 404.']);
    assertInvariants(stage);
  });
});

describe('a plan made anew under the name of a deleted one', () => {
  it('is told of anew: what its contacts were told of the other one says nothing of it', async () => {
    const stage = createStage({ plan: { contacts }, timeline: false });
    fillSecrets(stage);
    const { management } = stage.world;
    await stage.until('it is ready', () => stage.person.condition('Ready')?.status === 'True');
    const region = `/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions/us-west-2`;
    ask(management, 'PATCH', region, { spec: { grants: [] } });
    const told = () => heardBy(stage, 'lead').filter(({ reason, repeat }) => reason === 'NotAccepted' && repeat === 0);
    await stage.until('the lead has heard of it', () => told().length === 1, 600_000);
    const { apiVersion, kind, spec } = stage.person.plan();
    ask(management, 'DELETE', `${plansPath}/${planName}`);
    ask(management, 'POST', plansPath, { apiVersion, kind, metadata: { name: planName }, spec });
    await stage.until('the lead has heard of the new one', () => told().length === 2, 600_000);
  });
});

function failures(stage: Stage): readonly string[] {
  return stage.world.management.hooks
    .list('/events', 'payments')
    .filter((event) => event.reason === 'NotificationFailed')
    .map(({ message }) => (typeof message === 'string' ? message : ''));
}

describe('an operator that dies while people are being told', () => {
  async function blocked(stage: Stage): Promise<number> {
    fillSecrets(stage);
    await loseTheEast(stage);
    stage.person.setActiveRegion('us-west-2');
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    return stage.now();
  }

  it('goes on counting: nobody is told anew, the second contact is called in its time', async () => {
    const stage = createStage({ plan: { contacts }, timeline: false });
    const asked = await blocked(stage);
    await stage.pass(120_000);
    stage.kernel.restart('operator', 1_000);
    await stage.pass(400_000);
    assert.deepEqual(
      heardBy(stage, 'lead', asked).map(({ at, repeat }) => `${String(at)} ${String(repeat)}`),
      ['5 0', '305 1'],
    );
    assert.deepEqual(
      heardBy(stage, 'second', asked).map(({ at, repeat }) => `${String(at)} ${String(repeat)}`),
      ['305 0'],
    );
  });

  for (const [moment, requests] of [
    ['kill-before', 2],
    ['kill-after-effect', 3],
    // What was told is on its way to the API server when it dies.
    ['kill-after-reply', 2],
  ] as const) {
    it(`tells it twice rather than not at all, by one id (${moment})`, async () => {
      const fault = { label: 'notify.webhook', destination: '203.0.113.31:443', occurrence: 2, do: moment } as const;
      const stage = createStage({ plan: { contacts }, timeline: false, faults: [fault] });
      await blocked(stage);
      await stage.pass(60_000);
      assert.deepEqual(stage.kernel.unmet(), [], 'it died there');
      const { lead } = stage.world.receivers;
      assert.deepEqual(
        heardBy(stage, 'lead').map(({ kind, repeat }) => `${kind} ${String(repeat)}`),
        ['RunStarted 0', 'RunBlocked 0'],
        'the receiver took it once',
      );
      assert.equal(lead.asked.length, requests);
      assert.deepEqual(lead.refused, []);
    });
  }

  it('of two, the leading one alone tells', async () => {
    const stage = createStage({ plan: { contacts }, timeline: false, operators: ['a', 'b'] });
    await blocked(stage);
    await stage.pass(60_000);
    assert.equal(stage.world.receivers.lead.asked.length, 2);
  });
});

describe('what was told', () => {
  it('is written when something was told, and never at rest', async () => {
    const stage = createStage({ plan: { contacts }, timeline: false });
    fillSecrets(stage);
    await failOver(stage, await loseTheEast(stage));
    await theEastReturns(stage);
    await runIs(stage, 'Succeeded');
    await stage.pass(120_000);
    assert.ok(notices(stage) !== undefined);
    const writes = (): number =>
      stage.world.audit.filter(({ name, changed }) => changed && name === 'checkout-notices').length;
    const before = writes();
    const asked = stage.world.receivers.lead.asked.length;
    await stage.pass(3_600_000);
    assert.equal(writes(), before);
    assert.equal(stage.world.receivers.lead.asked.length, asked);
  });

  it('no plan without a channel has any of it', async () => {
    const stage = createStage({ plan: { contacts: [{ role: 'DR Lead' }] }, timeline: false });
    await failOver(stage, await loseTheEast(stage));
    await stage.pass(20_000);
    assert.equal(notices(stage), undefined);
    assert.deepEqual(
      stage.kernel.mutations().filter(({ label }) => label.startsWith('notify.')),
      [],
    );
  });

  it('goes with its plan', async () => {
    const stage = createStage({ plan: { contacts }, timeline: false });
    fillSecrets(stage);
    await failOver(stage, await loseTheEast(stage));
    await theEastReturns(stage);
    await stage.until('it is kept', () => notices(stage) !== undefined);
    ask(stage.world.management, 'DELETE', `${plansPath}/${planName}`);
    await stage.until('it is gone', () => notices(stage) === undefined, 60_000);
  });
});
