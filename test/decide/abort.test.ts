import assert from 'node:assert/strict';
import { known, unknown } from '../../src/api/fact.ts';
import type { StepStatus } from '../../src/api/run.ts';
import { abortCause, fenceIntended, noReturnWords, pastNoReturn } from '../../src/decide/abort.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import type { RunFacts } from '../../src/decide/facts.ts';
import { fencedGame, undone } from './support/behind-fence.ts';
import { fenced, now, seen } from './support/facts.ts';
import { aPlan, aSpec, east, minute, second, stateless, west } from './support/plans.ts';
import { begin, isDone, isIntended, journal, pass, patch, play, playFor, restart, stepOf } from './support/play.ts';
import { anIntent, contextFor, factsOf, outcome, type Case } from './support/runs.ts';
import { aWorld, lightUp } from './support/world.ts';

type Journal = Readonly<Record<string, Partial<StepStatus>>>;

/** How far a run has come, as its journal shows it. */
const phases: Readonly<Record<string, Journal>> = {
  'nothing done': {},
  approved: { approve: outcome('Vacuous') },
  'pre-scale intended': { 'pre-scale/api': { intent: anIntent() } },
  'quiesce intended': { 'quiesce/billing-worker': { intent: anIntent() } },
  'fence intended': { 'fence/orders': { intent: anIntent() } },
  'fence done': { 'fence/orders': { intent: anIntent(), ...outcome('Succeeded') } },
  'position overdue': {
    'fence/orders': { intent: anIntent(), ...outcome('Succeeded') },
    'position/orders': { readyAt: now.wall - 1, deadline: now.wall },
  },
  'promotion intended': { 'promote/orders': { intent: anIntent() } },
  'promoted, position forgotten': {
    'promote/orders': { intent: anIntent() },
    'position/orders': { readyAt: now.wall - 1, deadline: now.wall },
  },
};

const live = (over: Parameters<typeof aPlan>[1], activeRegion = west): Partial<RunFacts> => ({
  plan: { ...known(aPlan({ ...aSpec(), activeRegion }, over), now), live: true },
});

/** What happens, apart from a deadline. */
const events: Readonly<Record<string, Case>> = {
  nothing: {},
  requested: { run: { desiredState: 'Aborted' } },
  reverted: { facts: live({}, east) },
  deleted: { facts: { plan: { ...known(undefined, now), live: true } } },
  'being deleted': { facts: live({ deleting: true }) },
  'plan unknown': { facts: { plan: unknown('Unreachable', 'no answer', now) } },
  'identity in use': { facts: { identityKeptBy: 'shop/checkout' } },
};

/** By phase, in the order of `events`. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'nothing done': ['-', 'Requested', 'Reverted', 'PlanDeleted', 'PlanDeleted', '-', 'IdentityInUse'],
  approved: ['-', 'Requested', 'Reverted', 'PlanDeleted', 'PlanDeleted', '-', 'IdentityInUse'],
  'pre-scale intended': ['-', 'Requested', 'Reverted', 'PlanDeleted', 'PlanDeleted', '-', 'IdentityInUse'],
  'quiesce intended': ['-', 'Requested', 'Reverted', 'PlanDeleted', 'PlanDeleted', '-', 'IdentityInUse'],
  'fence intended': ['-', 'Requested', '-', '-', '-', '-', '-'],
  'fence done': ['-', 'Requested', '-', '-', '-', '-', '-'],
  'position overdue': [
    'PositionNotReached',
    'Requested',
    'PositionNotReached',
    'PositionNotReached',
    'PositionNotReached',
    'PositionNotReached',
    'PositionNotReached',
  ],
  'promotion intended': ['-', '-', '-', '-', '-', '-', '-'],
  'promoted, position forgotten': ['-', '-', '-', '-', '-', '-', '-'],
};

describe('abort', () => {
  for (const [phase, steps] of Object.entries(phases)) {
    Object.entries(events).forEach(([name, event], index) => {
      const wanted = expected[phase]?.[index] ?? 'missing from the table';
      it(`with ${phase}, ${name}: ${wanted}`, () => {
        const cause = abortCause(contextFor({ mode: 'Planned', steps, ...event }));
        assert.equal(cause?.reason ?? '-', wanted);
      });
    });
  }

  it('is not the field`s when a person made the Run', () => {
    const given: Case = { mode: 'Planned', run: { origin: 'Person' }, facts: live({}, east) };
    assert.equal(abortCause(contextFor(given)), undefined);
  });

  it('is not for a plan that only the cache does not have: the API server is asked, and nothing begins before it has said so', () => {
    const plan = { ...known(undefined, now), live: false };
    const given: Case = { mode: 'Planned', steps: phases['quiesce intended'] ?? {}, facts: { plan } };
    assert.equal(abortCause(contextFor(given)), undefined);
    const decision = decideRun(factsOf(given));
    assert.ok(decision.needs.some(({ kind }) => kind === 'Plan'));
    assert.deepEqual(decision.effects, []);
    assert.equal(decision.status.abort, undefined);
    assert.ok((decision.wakeAfterMs ?? 0) > 0, 'asked again where it did not say');
    const past = decideRun(factsOf({ ...given, steps: phases['fence intended'] ?? {} }));
    assert.ok(!past.needs.some(({ kind }) => kind === 'Plan'), 'past the fence it goes on by its own record');
  });

  it('is not for a plan that wants a third region', () => {
    assert.equal(abortCause(contextFor({ mode: 'Planned', facts: live({}, 'eu-west-1') })), undefined);
  });

  it('waits for the deadline of the position, to the millisecond', () => {
    const due = (deadline: number) =>
      abortCause(contextFor({ mode: 'Planned', steps: { 'position/orders': { deadline } } }))?.reason;
    assert.equal(due(now.wall + 1), undefined);
    assert.equal(due(now.wall), 'PositionNotReached');
    const steps = { 'position/orders': { deadline: now.wall, ...outcome('Succeeded') } };
    assert.equal(abortCause(contextFor({ mode: 'Planned', steps })), undefined, 'it was reached');
  });

  it('does not come by itself to a run that a person has paused: nothing new starts there', () => {
    const steps = { 'position/orders': { deadline: now.wall } };
    const cause = (given: Case) => abortCause(contextFor({ mode: 'Planned', steps, ...given }))?.reason;
    assert.equal(cause({ run: { desiredState: 'Paused' } }), undefined);
    assert.equal(cause({ run: { desiredState: 'Paused' }, facts: live({}, east) }), 'Reverted', 'a person says so');
    assert.equal(cause({}), 'PositionNotReached');
  });

  it('names the region that stays active', () => {
    const words = (given: Case) => abortCause(contextFor({ mode: 'Planned', ...given }))?.message;
    assert.equal(words({ run: { desiredState: 'Aborted' } }), 'A person asked for it.');
    assert.match(words({ facts: live({}, east) }) ?? '', /set back to us-east-1 before anything was fenced/);
    const late = { 'position/orders': { deadline: now.wall } };
    assert.match(words({ steps: late }) ?? '', /standby of orders .* us-east-1 stays active/);
    assert.match(words({ facts: live({ deleting: true }) }) ?? '', /plan was deleted/);
  });
});

describe('the point of no return', () => {
  it('is the first intent to do something irreversible', () => {
    const irreversible = ['promote/orders', 'open/orders', 'shift/public', 'rebuild/orders'];
    const ctx = contextFor({ mode: 'Planned' });
    for (const step of ctx.status.steps) {
      const { status } = contextFor({ mode: 'Planned', steps: { [step.id]: { intent: anIntent() } } });
      assert.equal(pastNoReturn(status), irreversible.includes(step.id), step.id);
      const undo = contextFor({ mode: 'Planned', steps: { [step.id]: { intent: anIntent({ action: 'Undo' }) } } });
      assert.equal(pastNoReturn(undo.status), false, `undoing ${step.id}`);
    }
  });

  it('is told by what may have happened: without databases that is the move of a record', () => {
    const steps = { 'promote/orders': { intent: anIntent() }, 'shift/public': { intent: anIntent() } };
    assert.match(noReturnWords(contextFor({ steps }).status), /^The promotion may already have happened\. From here/);
    const spec = stateless();
    const shifted = contextFor({ spec, steps: { 'shift/public': { intent: anIntent() } } }).status;
    assert.match(noReturnWords(shifted), /^The record public may already have been moved\. From here/);
  });

  it('for the field is the first intent to fence, or anything beyond', () => {
    const beyond = [
      'fence/orders',
      'finish-fence/orders',
      'promote/orders',
      'open/orders',
      'shift/public',
      'rebuild/orders',
    ];
    for (const step of contextFor({ mode: 'Planned' }).status.steps) {
      const { status } = contextFor({ mode: 'Planned', steps: { [step.id]: { intent: anIntent() } } });
      assert.equal(fenceIntended(status), beyond.includes(step.id), step.id);
    }
  });
});

describe('taking a run back', () => {
  it('with nothing intended is over at once', () => {
    const game = begin(aWorld(aSpec()));
    patch(game, { desiredState: 'Aborted' });
    pass(game);
    assert.equal(game.run.status.phase, 'Aborted');
    assert.equal(game.run.status.message, 'Aborted: A person asked for it.');
    assert.deepEqual(game.world.done, []);
  });

  it('undoes the fence first, then the quiesce, then the pre-scale', () => {
    const game = fencedGame();
    const before = game.world.done.length;
    patch(game, { desiredState: 'Aborted' });
    play(game);
    assert.deepEqual(game.world.done.slice(before), undone);
    assert.equal(game.run.status.phase, 'Aborted');
    assert.deepEqual(
      game.run.status.steps.filter((step) => step.state === 'Undone').map((step) => step.id),
      ['pre-scale/api', 'quiesce/billing-worker', 'fence/orders'],
    );
  });

  it('says so while it is at it', () => {
    const game = fencedGame();
    patch(game, { desiredState: 'Aborted' });
    pass(game);
    assert.equal(game.run.status.phase, 'Aborting');
    assert.equal(stepOf(game, 'fence/orders').state, 'Undoing');
    assert.equal(game.run.status.finishedAt, undefined);
  });

  it('is not taken back again by a second change of mind', () => {
    const game = fencedGame();
    patch(game, { desiredState: 'Aborted' });
    pass(game);
    const { abort } = game.run.status;
    patch(game, { desiredState: 'Running' });
    play(game);
    assert.equal(game.run.status.phase, 'Aborted');
    assert.deepEqual(game.run.status.abort, abort);
  });

  it('keeps undoing the fence as a duty while the source cannot be reached', () => {
    const game = fencedGame();
    game.world.dark.set('db/orders@us-east-1', 'Unreachable');
    patch(game, { desiredState: 'Aborted' });
    playFor(game, 10 * minute);
    assert.equal(game.run.status.phase, 'Aborting');
    assert.equal(stepOf(game, 'fence/orders').waitsFor?.reason, 'UndoPending');
    assert.equal(stepOf(game, 'quiesce/billing-worker').state, 'Undone', 'the rest does not wait for it');
    lightUp(game.world);
    play(game);
    assert.equal(game.run.status.phase, 'Aborted');
    assert.deepEqual(game.world.databases['orders@us-east-1']?.fence, { present: false });
  });

  it('survives a restart in the middle of it', () => {
    const game = fencedGame();
    patch(game, { desiredState: 'Aborted' });
    pass(game);
    restart(game);
    play(game);
    assert.equal(game.run.status.phase, 'Aborted', journal(game));
    assert.equal(game.world.done.filter((one) => one.startsWith('Unfence')).length, 1);
  });

  it('waits for a fence that is still on its way: it could arrive after it was found absent', () => {
    const world = aWorld(aSpec());
    const game = begin(world);
    const { answer } = game;
    let late: (() => void) | undefined;
    game.answer = (one, planned) => {
      if (planned.stepId !== 'fence/orders' || planned.intent.action === 'Undo') return answer(one, planned);
      late = () => {
        const result = answer(one, planned) ?? assert.fail();
        one.outcomes[planned.intent.token] = {
          state: 'Ended',
          result,
          endedAt: { wall: now.wall, monotonic: one.ms, incarnation: 'life-1' },
        };
      };
      return undefined;
    };
    play(game, isIntended('fence/orders'));
    patch(game, { desiredState: 'Aborted' });
    playFor(game, 5 * second);
    assert.equal(game.run.status.phase, 'Aborting', 'nothing is undone before the fence can no longer arrive');
    assert.ok(late);
    late();
    play(game);
    assert.equal(game.run.status.phase, 'Aborted');
    assert.deepEqual(world.databases['orders@us-east-1']?.fence, { present: false });
  });

  it('by a successor waits until what its forerunner sent can no longer arrive', () => {
    const game = begin(aWorld(aSpec()));
    game.answer = () => undefined;
    play(game, isIntended('quiesce/billing-worker'));
    restart(game);
    patch(game, { desiredState: 'Aborted' });
    const { notAfter = 0 } = stepOf(game, 'quiesce/billing-worker').intent ?? {};
    play(game, (one) => one.run.status.phase === 'Aborted');
    const { since } = stepOf(game, 'quiesce/billing-worker');
    assert.ok(since >= notAfter + 12_000, `undone at ${String(since)}, possible until ${String(notAfter + 12_000)}`);
  });

  it('touches nothing that someone newer has fenced', () => {
    const game = fencedGame();
    game.world.databases['orders@us-east-1'] = fenced(8);
    const done = [...game.world.done];
    patch(game, { desiredState: 'Aborted' });
    playFor(game, minute);
    assert.deepEqual(game.world.done, done);
    assert.equal(stepOf(game, 'fence/orders').waitsFor?.reason, 'StaleEpoch');
  });

  it('touches nothing in another cluster than the one that it began with', () => {
    const game = fencedGame();
    game.run = { ...game.run, status: { ...game.run.status, clusterUids: { [east]: 'pinned-uid' } } };
    const done = game.world.done.length;
    patch(game, { desiredState: 'Aborted' });
    // The Region is not looked at for an undo; what an earlier look has told still counts.
    const facts = { ...(game.passes.at(-1)?.facts ?? assert.fail()), run: game.run };
    const observed = { ...facts.observed, regions: { [east]: seen({ clusterUid: 'other-uid' }) } };
    const decision = decideRun({ ...facts, observed });
    assert.deepEqual(
      decision.effects.filter(({ stepId }) => !stepId.startsWith('pre-scale')),
      [],
    );
    assert.equal(done, game.world.done.length);
  });

  it('brings the source back to the size it had when the run began', () => {
    const spec = aSpec({
      workloads: aSpec().workloads.map((w) => ({ ...w, active: { replicasFrom: 'Source' } as const })),
    });
    const game = begin(aWorld(spec));
    game.world.link = false;
    game.world.workloads['billing-worker@us-east-1'] = {
      exists: true,
      wanted: 9,
      ready: 9,
      pods: 9,
      settled: true,
      obstacles: [],
    };
    game.more = { sourceReplicas: {} };
    play(game, isDone('fence/orders'));
    patch(game, { desiredState: 'Aborted' });
    play(game);
    assert.ok(game.world.done.includes('Scale billing-worker@us-east-1 to 9'), game.world.done.join('\n'));
  });

  it('without databases stops the workers that it had started before those of the source run again', () => {
    const world = aWorld(stateless());
    world.checks['smoke/place-order@us-west-2'] = { ok: false, detail: 'status 503' };
    const game = play(begin(world), isDone('workload/billing-worker'));
    patch(game, { desiredState: 'Aborted' });
    play(game);
    assert.equal(game.run.status.phase, 'Aborted');
    const scales = world.done.filter((one) => one.includes('billing-worker'));
    assert.deepEqual(scales, [
      'Scale billing-worker@us-east-1 to 0',
      'Scale billing-worker@us-west-2 to 2',
      'Scale billing-worker@us-west-2 to 0',
      'Scale billing-worker@us-east-1 to 2',
    ]);
  });
});
