import assert from 'node:assert/strict';
import { unknown } from '../../src/api/fact.ts';
import type { Run } from '../../src/api/run.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { at, fenced, now, start } from './support/facts.ts';
import { aDatabase, aPlan, aSpec, east, hour, minute, second, stateless, west, withFailover } from './support/plans.ts';
import {
  acceptLoss,
  approve,
  attest,
  begin,
  isDone,
  isHeld,
  isIntended,
  journal,
  pass,
  patch,
  play,
  playFor,
  restart,
  stepOf,
  type Game,
} from './support/play.ts';
import { aRun, aRunSpec, aStatus, factsOf } from './support/runs.ts';
import { aWorld, blackout, lightUp, replicate, type World } from './support/world.ts';

const outcomes = (run: Run) => Object.fromEntries(run.status.steps.map((step) => [step.id, step.outcome?.state]));

/** What was done in the planned run of `aSpec`, in order. */
const planned = [
  'Scale api@us-west-2 to 6',
  'Scale billing-worker@us-east-1 to 0',
  'Fence orders@us-east-1',
  'Promote orders@us-west-2',
  'Checkpoint orders@us-west-2',
  'Open orders@us-west-2',
  'Probe orders@us-west-2',
  'Scale billing-worker@us-west-2 to 2',
  'Shift public to us-west-2',
  'Job checkout-7-rebuild-orders@us-east-1',
  'Announce orders@us-west-2',
  'Scale api@us-east-1 to 1',
];

/** The source goes dark before the run begins; a person says what is asked for. */
function disaster(world: World): Game {
  const game = begin(world);
  blackout(world, east);
  play(game, isHeld('approve', 'ApprovalRequired'));
  approve(game, 'approve');
  return game;
}

describe('a planned run', () => {
  it('moves everything in order, loses nothing and ends protected', () => {
    const game = play(begin(aWorld(aSpec())));
    assert.equal(game.run.status.phase, 'Succeeded');
    assert.equal(game.run.status.mode, 'Planned');
    assert.deepEqual(game.world.done, planned);
    assert.deepEqual(
      game.run.status.recovery.map(({ database, grade, lossMs, preservedAt }) => ({
        database,
        grade,
        lossMs,
        preservedAt,
      })),
      [{ database: 'orders', grade: 'Measured', lossMs: 0, preservedAt: '/kept' }],
    );
    const { started, fenced: t4, opened, trafficObserved, smokePassed, sustained } = game.run.status.milestones;
    const times = [started, t4, opened, trafficObserved, smokePassed, sustained];
    assert.ok(times.every((time) => time !== undefined));
    assert.deepEqual(
      times,
      times.toSorted((a = 0, b = 0) => a - b),
      'the segments are in their order',
    );
    assert.equal(game.run.status.message, 'Recovered and protected again.');
  });

  it('goes through the phases of NIST SP 800-34', () => {
    const game = play(begin(aWorld(aSpec())));
    const phases = game.passes.map((one) => one.decision.status.phase);
    assert.deepEqual(
      phases.filter((phase, index) => phase !== phases[index - 1]),
      ['Recovery', 'Reconstitution', 'Succeeded'],
    );
    assert.deepEqual(
      game.passes.flatMap((one) => one.decision.notices).filter((n) => n.reason === 'Succeeded').length,
      1,
    );
  });

  it('soaks for as long as the plan says, and stands the source down when caches have expired', () => {
    const game = play(begin(aWorld(aSpec())));
    const { smokePassed = 0, sustained = 0, trafficObserved = 0, cachesExpireBy = 0 } = game.run.status.milestones;
    assert.ok(sustained - smokePassed >= 30 * second - 1_000);
    assert.equal(cachesExpireBy - trafficObserved, 20 * second, 'the TTL that the listing had');
    const down = stepOf(game, 'stand-down/api').outcome?.at ?? 0;
    assert.ok(down >= cachesExpireBy + aSpec().failover.drainMs);
  });

  it('promotes no database before all of them are fenced and caught up', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const world = aWorld(spec);
    world.link = false;
    const game = play(begin(world), isHeld('position/ledger', 'PositionNotReached'));
    playFor(game, minute);
    assert.deepEqual(
      world.done.filter((one) => one.startsWith('Promote')),
      [],
    );
    world.link = true;
    replicate(world, 'orders', east);
    playFor(game, 10 * second);
    assert.deepEqual(
      world.done.filter((one) => one.startsWith('Promote')),
      [],
      'ledger is still behind',
    );
    replicate(world, 'ledger', east);
    play(game);
    assert.deepEqual(world.done.filter((one) => one.startsWith('Promote')).toSorted(), [
      'Promote ledger@us-west-2',
      'Promote orders@us-west-2',
    ]);
    assert.equal(game.run.status.recovery.length, 2);
  });

  it('gives up when the position is not reached in time, and leaves the source serving', () => {
    const world = aWorld(aSpec());
    world.link = false;
    const game = play(begin(world));
    assert.equal(game.run.status.phase, 'Aborted');
    assert.equal(game.run.status.abort?.reason, 'PositionNotReached');
    assert.match(game.run.status.message, /^Aborted: The standby of orders did not reach/);
    assert.deepEqual(world.databases['orders@us-east-1']?.fence, { present: false });
    assert.deepEqual(world.done.slice(3), [
      'Unfence orders@us-east-1',
      'Scale billing-worker@us-east-1 to 2',
      'Scale api@us-west-2 to 1',
    ]);
  });

  it('killed after any pass, its effects sent or not, ends as if nothing had happened', () => {
    const passes = play(begin(aWorld(aSpec()))).passes.length;
    for (let kill = 1; kill < passes; kill += 1) {
      for (const sent of [true, false]) {
        const game = begin(aWorld(aSpec()));
        const { answer } = game;
        play(game, (one) => one.passes.length === kill - 1);
        if (!sent) game.answer = () => undefined;
        pass(game);
        game.answer = answer;
        restart(game);
        play(game);
        assert.equal(game.run.status.phase, 'Succeeded', `killed after pass ${String(kill)}\n${journal(game)}`);
        const effects = [
          'Promote orders@us-west-2',
          'Shift public to us-west-2',
          'Job checkout-7-rebuild-orders@us-east-1',
        ];
        for (const effect of effects) assert.equal(game.world.done.filter((one) => one === effect).length, 1, effect);
      }
    }
  });

  it('needs no workload, traffic or check', () => {
    const game = play(begin(aWorld(aSpec({ workloads: [], traffic: [], dependencyChecks: [], smokeTests: [] }))));
    assert.equal(game.run.status.phase, 'Succeeded');
    assert.equal(game.run.status.milestones.trafficObserved, undefined, 'what was not seen has no time');
    assert.equal(game.run.status.milestones.smokePassed, undefined);
  });

  it('without databases waits for its workers to be at zero, and has no RPO', () => {
    const game = play(begin(aWorld(stateless())));
    assert.equal(game.run.status.phase, 'Succeeded');
    assert.deepEqual(game.run.status.recovery, []);
    assert.deepEqual(game.world.done, [
      'Scale api@us-west-2 to 6',
      'Scale billing-worker@us-east-1 to 0',
      'Scale billing-worker@us-west-2 to 2',
      'Shift public to us-west-2',
      'Scale api@us-east-1 to 1',
    ]);
  });
});

describe('a forced run', () => {
  it('asks for approval, for a word on the fence and for accepted loss, and leads back', () => {
    const game = disaster(aWorld(withFailover({ deadlines: { ...aSpec().failover.deadlines, fence: 10 * minute } })));
    const { world } = game;
    play(game, isHeld('fence/orders', 'FenceNotProven'));
    assert.match(stepOf(game, 'fence/orders').waitsFor?.next ?? '', /"attestations":\[{"target":"orders"/);
    playFor(game, 6 * minute);
    attest(game, 'orders');
    play(game, isHeld('promote/orders', 'DataLossUnaccepted'));
    assert.match(stepOf(game, 'promote/orders').waitsFor?.next ?? '', /"acceptDataLoss":{"max":"[\dhm]+s?"/);
    acceptLoss(game, 10 * minute);
    play(game, isDone('soak'));
    assert.equal(game.run.status.recovery[0]?.grade, 'Bounded');
    assert.equal(game.run.status.recovery[0].basis, 'Attested');
    playFor(game, minute);
    assert.equal(game.run.status.phase, 'Reconstitution', 'the source is still away');
    assert.equal(stepOf(game, 'finish-fence/orders').outcome, undefined);
    lightUp(world);
    play(game);
    const { done } = world;
    assert.ok(done.indexOf('Fence orders@us-east-1') < done.indexOf('Job checkout-7-rebuild-orders@us-east-1'));
    assert.equal(game.run.status.milestones.fenced, stepOf(game, 'finish-fence/orders').outcome?.at);
  });

  it('sends nobody anywhere without its approval', () => {
    const game = begin(aWorld(aSpec()));
    blackout(game.world, east);
    playFor(game, hour / 6);
    assert.deepEqual(game.world.done, []);
    assert.equal(stepOf(game, 'approve').state, 'Waiting');
    assert.equal(game.run.status.phase, 'Activation');
  });

  it('does not promote with Verified before proof, and says so when its deadline is over', () => {
    const game = disaster(aWorld(aSpec()));
    playFor(game, 5 * minute);
    assert.equal(stepOf(game, 'fence/orders').state, 'Blocked');
    assert.ok(!game.world.done.some((one) => one.startsWith('Promote')));
  });

  it('with BestEffort goes on at the deadline, and keeps the fence as a duty', () => {
    const spec = withFailover({ fencing: 'BestEffort', approval: 'Never' });
    const game = begin(aWorld(spec));
    blackout(game.world, east);
    acceptLoss(game, hour);
    play(game, isDone('soak'));
    assert.equal(stepOf(game, 'fence/orders').outcome?.state, 'Overridden');
    assert.equal(game.run.status.recovery[0]?.grade, 'Estimated');
    assert.equal(game.run.status.milestones.fenced, undefined, 'never proven');
    lightUp(game.world);
    play(game);
    assert.equal(stepOf(game, 'finish-fence/orders').outcome?.state, 'Succeeded');
    assert.equal(game.run.status.recovery[0].grade, 'Measured');
  });

  it('fences a source that comes back after its override, and promotes only on that proof', () => {
    const game = begin(aWorld(withFailover({ mode: 'Forced', approval: 'Never' })));
    const { world } = game;
    blackout(world, east);
    play(game, isHeld('fence/orders', 'FenceNotProven'));
    patch(game, { desiredState: 'Paused' });
    attest(game, 'orders');
    play(game, isHeld('promote/orders', 'Paused'));
    lightUp(world);
    world.link = true;
    patch(game, { desiredState: 'Running' });
    play(game, isDone('promote/orders'));
    assert.deepEqual(
      world.done.filter((one) => one.startsWith('Fence') || one.startsWith('Promote')),
      ['Fence orders@us-east-1', 'Promote orders@us-west-2'],
    );
    assert.equal(stepOf(game, 'finish-fence/orders').outcome?.state, 'Succeeded');
    assert.equal(play(game).run.status.phase, 'Succeeded');
  });

  it('taken back after its source came back opens it again', () => {
    const game = begin(aWorld(withFailover({ mode: 'Forced', approval: 'Never' })));
    const { world } = game;
    blackout(world, east);
    play(game, isHeld('fence/orders', 'FenceNotProven'));
    patch(game, { desiredState: 'Paused' });
    attest(game, 'orders');
    play(game, isHeld('promote/orders', 'Paused'));
    lightUp(world);
    patch(game, { desiredState: 'Running' });
    play(game, isIntended('finish-fence/orders'));
    patch(game, { desiredState: 'Aborted' });
    assert.equal(play(game).run.status.phase, 'Aborted');
    assert.deepEqual(world.databases['orders@us-east-1']?.fence, { present: false });
    assert.ok(!world.done.some((one) => one.startsWith('Promote')));
  });

  it('fences a source that answers, and promotes on that proof', () => {
    const spec = withFailover({ mode: 'Forced', approval: 'Never' });
    const game = play(begin(aWorld(spec)));
    assert.equal(outcomes(game.run)['fence/orders'], 'Succeeded');
    assert.equal(game.run.status.phase, 'Succeeded');
    assert.ok(game.world.done.indexOf('Fence orders@us-east-1') < game.world.done.indexOf('Promote orders@us-west-2'));
  });
});

describe('a plan in Observe', () => {
  for (const spec of [aSpec(), stateless(), withFailover({ mode: 'Forced' })]) {
    it(`decides and reports everything of a ${spec.failover.mode} run, and changes nothing (${String(spec.databases.length)} databases)`, () => {
      const world = aWorld({ ...spec, enforcement: 'Observe' });
      const game = play(begin(world));
      assert.equal(game.run.status.phase, 'Succeeded');
      assert.deepEqual(world.done, []);
      assert.ok(game.passes.every((one) => one.decision.effects.length === 0));
      assert.ok(game.run.status.steps.every((step) => step.intent === undefined));
      const { fenced: t4, opened, trafficObserved, smokePassed, sustained } = game.run.status.milestones;
      assert.deepEqual(
        [t4, opened, trafficObserved, smokePassed, sustained],
        Array(5).fill(undefined),
        'nothing was seen',
      );
      assert.deepEqual(game.run.status.recovery, []);
    });
  }

  it('says what it would do', () => {
    const game = play(begin(aWorld({ ...aSpec(), enforcement: 'Observe' })));
    const words = game.run.status.steps.map((step) => step.outcome?.evidence[0]?.what ?? '');
    assert.ok(words.includes('would: Promote orders in us-west-2'));
    assert.ok(words.includes('would then wait for: Position orders in us-west-2'));
  });
});

describe('a paused run', () => {
  it('starts nothing new, sees what was sent, and goes on when it is told to', () => {
    const game = begin(aWorld(aSpec()));
    play(game, isIntended('fence/orders'));
    patch(game, { desiredState: 'Paused' });
    const before = [...game.world.done];
    playFor(game, 20 * second);
    assert.deepEqual(game.world.done, before);
    assert.equal(stepOf(game, 'promote/orders').waitsFor?.reason, 'Paused');
    assert.equal(stepOf(game, 'promote/orders').state, 'Waiting');
    patch(game, { desiredState: 'Running' });
    assert.equal(play(game).run.status.phase, 'Succeeded');
  });
});

describe('a run that is not bound', () => {
  it('is superseded by a plan that was read, and does nothing', () => {
    const facts = factsOf({ facts: { bound: false } });
    const decision = decideRun(facts);
    assert.equal(decision.status.phase, 'Superseded');
    assert.equal(decision.status.finishedAt, now.wall);
    assert.equal(decision.status.message, 'Not the current run of its plan: it changes nothing.');
    assert.deepEqual([decision.effects, decision.needs], [[], []]);
  });

  it('is not superseded by a plan from the cache, which may be older: it asks for the plan itself', () => {
    const { plan } = factsOf();
    assert.ok(plan.known);
    const facts = factsOf({ facts: { bound: false, plan: { ...plan, live: false } } });
    const decision = decideRun(facts);
    assert.equal(decision.status, facts.run.status);
    assert.deepEqual([decision.effects, decision.needs], [[], [{ kind: 'Plan' }]]);
  });

  it('waits while its plan is not known, or known to be gone', () => {
    for (const plan of [unknown<undefined>('NotAsked', 'not yet', now), { ...factsOf().plan, value: undefined }]) {
      const facts = factsOf({ facts: { bound: false, plan } });
      const decision = decideRun(facts);
      assert.equal(decision.status, facts.run.status);
      assert.deepEqual(decision.effects, []);
    }
  });
});

describe('a run', () => {
  it('that is over decides nothing more', () => {
    for (const phase of ['Succeeded', 'Aborted', 'Failed', 'Superseded'] as const) {
      const facts = factsOf({ status: { phase }, facts: { bound: false } });
      assert.deepEqual(decideRun(facts), { status: facts.run.status, effects: [], notices: [], needs: [] });
    }
  });

  it('that is not pinned yet waits for that', () => {
    const facts = { ...factsOf(), run: aRun(aStatus({ phase: 'Pending' }), aRunSpec()) };
    assert.deepEqual(decideRun(facts), { status: facts.run.status, effects: [], notices: [], needs: [] });
  });

  it('begins with nothing but the question what is the matter', () => {
    const game = begin(aWorld(aSpec()));
    game.world.dark.set('db/', 'Timeout');
    pass(game);
    assert.deepEqual(
      game.run.status.steps.map((step) => step.id),
      ['assess'],
    );
    assert.equal(game.run.status.mode, undefined);
    assert.equal(stepOf(game, 'assess').waitsFor?.reason, 'Observing');
    playFor(game, 20 * second);
    assert.equal(stepOf(game, 'assess').state, 'Waiting');
    assert.equal(stepOf(game, 'assess').waitsFor?.reason, 'ModeUndecided');
    patch(game, { mode: 'Forced' });
    pass(game);
    assert.equal(game.run.status.mode, 'Forced');
    assert.ok(game.run.status.steps.length > 1);
  });

  it('lays out its graph once, whatever becomes of the plan', () => {
    const game = begin(aWorld(aSpec()));
    play(game, isIntended('fence/orders'));
    const graph = (one: Game) =>
      one.run.status.steps.map(({ id, after, effect, region }) => ({ id, after, effect, region }));
    const before = graph(game);
    game.plan = aPlan({ ...stateless(), activeRegion: west, failover: { ...aSpec().failover, fencing: 'None' } });
    play(game);
    assert.deepEqual(graph(game), before);
    assert.deepEqual(game.world.done, planned);
  });

  it('says of each held step since when, until when and what it waits for', () => {
    const game = begin(aWorld(aSpec()));
    game.world.link = false;
    play(game, isHeld('position/orders', 'PositionNotReached'));
    const step = stepOf(game, 'position/orders');
    assert.equal(step.state, 'Running');
    assert.equal(step.deadline, (step.readyAt ?? 0) + 5 * minute);
    const { since } = step;
    playFor(game, minute);
    assert.equal(stepOf(game, 'position/orders').since, since, 'since it began, not since the last look');
    assert.equal(game.run.status.message, stepOf(game, 'position/orders').waitsFor?.message);
    assert.match(game.run.status.message, /has not replayed all that us-east-1 committed/);
  });

  it('says that it is paused, also where it waits for what a pause does not hold', () => {
    const game = begin(aWorld(aSpec()));
    game.world.link = false;
    play(game, isHeld('position/orders', 'PositionNotReached'));
    patch(game, { desiredState: 'Paused' });
    playFor(game, second);
    assert.match(
      game.run.status.message,
      /^A person paused this Run\. .*has not replayed all that us-east-1 committed/,
    );
    const { message } = game.run.status;
    playFor(game, 10 * minute);
    assert.equal(game.run.status.message, message, 'however late it is');
    patch(game, { desiredState: 'Running' });
    playFor(game, second);
    assert.equal(game.run.status.abort?.reason, 'PositionNotReached', 'that it was late counts once it goes on');
  });

  it('writes a status only when something has changed', () => {
    const game = begin(aWorld(aSpec()));
    game.world.link = false;
    play(game, isHeld('position/orders', 'PositionNotReached'));
    pass(game);
    const before = game.run.status;
    pass(game);
    assert.deepEqual(game.run.status, before);
    assert.deepEqual(game.passes.at(-1)?.decision.notices, []);
  });

  it('stops where someone newer has been, and changes nothing more', () => {
    const game = begin(aWorld(aSpec()));
    play(game, isDone('fence/orders'));
    const done = [...game.world.done];
    game.world.databases['orders@us-west-2'] = fenced(8, { role: 'Replica', position: '0/6000' });
    playFor(game, 2 * minute);
    assert.deepEqual(game.world.done, done);
    assert.equal(stepOf(game, 'promote/orders').waitsFor?.reason, 'StaleEpoch');
  });

  it('looks again at once when a step was done, often on the critical path, and seldom when a person is waited for', () => {
    const game = begin(aWorld(aSpec()));
    assert.equal(pass(game).wakeAfterMs, 0, 'the graph was laid out');
    game.world.link = false;
    play(game, isHeld('position/orders', 'PositionNotReached'));
    playFor(game, 5 * second);
    assert.equal(pass(game).wakeAfterMs, 250);
    const waiting = begin(aWorld(aSpec()));
    waiting.world.dark.set('db/', 'Timeout');
    playFor(waiting, 20 * second);
    assert.equal(pass(waiting).wakeAfterMs, 2_000);
  });

  it('wakes at its deadlines where nothing is to be looked at', () => {
    const game = play(begin(aWorld(aSpec())), isHeld('soak', 'Soaking'));
    assert.ok((pass(game).wakeAfterMs ?? 0) > 0);
  });

  it('says that an abort was refused, and goes on', () => {
    const game = play(begin(aWorld(aSpec())), isIntended('promote/orders'));
    patch(game, { desiredState: 'Aborted' });
    pass(game);
    assert.match(game.run.status.message, /^Abort was refused/);
    assert.equal(game.run.status.abort, undefined);
    assert.equal(play(game).run.status.phase, 'Succeeded');
  });

  it('dates what it saw by when the looking began', () => {
    const game = play(begin(aWorld(aSpec())));
    for (const step of game.run.status.steps) {
      assert.ok((step.outcome?.at ?? 0) >= start && (step.outcome?.at ?? 0) <= at(game.ms).wall, step.id);
      assert.equal(step.waitsFor, undefined, `${step.id} waits for nothing any more`);
    }
  });
});
