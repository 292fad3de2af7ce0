import assert from 'node:assert/strict';
import { lookedAt, unknown, type UnknownWhy } from '../../../src/api/fact.ts';
import type { Hold } from '../../../src/api/run.ts';
import type { Observed, Seen } from '../../../src/decide/facts.ts';
import { undoStep } from '../../../src/decide/step-pass.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import type { Instant } from '../../../src/ports/clock.ts';
import { fencedGame, undone } from '../support/behind-fence.ts';
import {
  ago,
  alive,
  aStandby,
  everyWhy,
  fenced,
  inEast,
  inWest,
  lost,
  now,
  promoted,
  scaled,
  seen,
} from '../support/facts.ts';
import { aDatabase, aSpec, minute } from '../support/plans.ts';
import { isHeld, patch, play, playFor, restart, stepOf } from '../support/play.ts';
import { anIntent, contextFor, outcome, stepIn, type Case } from '../support/runs.ts';
import { lightUp } from '../support/world.ts';

type Target = Seen<DatabaseState>;

/** As a successor finds it: the source seen fenced, the run to be taken back since a minute. */
function undoOf(id: string, databases: Observed['databases'], given: Case = {}) {
  const ctx = contextFor({
    mode: 'Planned',
    observed: {
      databases: { [inEast('orders')]: seen(fenced(7)), ...databases },
      workloads: { [inWest('api')]: seen(scaled(6)), [inEast('billing-worker')]: seen(scaled(0)) },
      regions: { 'us-west-2': seen(alive) },
    },
    status: { abort: { at: ago(minute).wall, reason: 'Requested', message: 'A person asked for it.' } },
    ...given,
  });
  return undoStep(ctx.facts, stepIn(ctx, id), ctx);
}

const past = { intent: anIntent({ notAfter: ago(5 * minute).wall }) };
const behindFence: Case = {
  steps: { 'pre-scale/api': past, 'quiesce/billing-worker': past, 'fence/orders': past },
};

function inShort(id: string, west: Target | undefined, given: Case = behindFence): string {
  const { step, effect } = undoOf(id, west === undefined ? {} : { [inWest('orders')]: west }, given);
  if (effect?.effect.kind === 'Database') return effect.effect.action;
  if (effect?.effect.kind === 'Scale') return 'Scale';
  return step.waitsFor?.reason ?? 'nothing';
}
const undo = (west: Target | undefined): string => inShort('fence/orders', west);

/** Unknown since `since`, and looked at again at `looked`. */
function unseen(why: UnknownWhy, over: { since?: Instant; looked?: Instant; answered?: true } = {}): Target {
  const { since = ago(minute), ...more } = over;
  return { fact: { ...unknown<DatabaseState>(why, `the reason for ${why}`, since), ...more }, streaks: {} };
}

describe('an undo that nobody has looked before', () => {
  it('waits for the first look at the target', () => {
    assert.equal(undo(undefined), 'Observing');
    assert.equal(undo(lost('NotAsked')), 'Observing');
  });

  it('waits for a look that began after it was to be taken back', () => {
    assert.equal(undo(seen(aStandby(), ago(minute + 1))), 'Observing');
    assert.equal(undo(seen(aStandby(), ago(minute))), 'Unfence');
  });

  it('waits for the look at every database', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const given = { ...behindFence, spec };
    assert.equal(inShort('fence/orders', seen(aStandby()), given), 'Observing');
    const { step } = undoOf('fence/orders', { [inWest('orders')]: seen(aStandby()) }, given);
    assert.match(step.waitsFor?.message ?? '', /promoted ledger in us-west-2/);
  });

  it('shows what was moved, however old the look is', () => {
    assert.equal(undo(seen(promoted(), ago(5 * minute))), 'MovedByHand');
  });

  it('asks for one that began after that', () => {
    const game = fencedGame();
    patch(game, { desiredState: 'Aborted' });
    play(game, (one) => one.run.status.abort !== undefined);
    const { at } = game.run.status.abort ?? assert.fail();
    const asked = (game.passes.at(-1)?.decision.needs ?? []).flatMap((need) =>
      need.kind === 'Database' && need.region === 'us-west-2' && need.once !== true ? [need.since ?? 0] : [],
    );
    assert.equal(Math.max(...asked), at);
  });
});

describe('an undo before a target that cannot be seen', () => {
  const silent: readonly UnknownWhy[] = ['Unreachable', 'Timeout'];

  for (const why of silent) {
    it(`goes on past one that does not answer (${why}), once it was tried after the abort`, () => {
      assert.equal(
        undo(unseen(why, { since: ago(minute + 1) })),
        'Observing',
        'it was dark before, and not tried since',
      );
      assert.equal(undo(unseen(why, { since: ago(minute) })), 'Unfence');
      assert.equal(undo(unseen(why, { since: ago(9 * minute), looked: ago(minute + 1) })), 'Observing');
      assert.equal(undo(unseen(why, { since: ago(9 * minute), looked: ago(minute) })), 'Unfence');
    });

    it(`waits for one that answers, ${why} though it is`, () => {
      assert.equal(undo(unseen(why, { answered: true })), 'TargetUnread');
    });
  }

  for (const why of ['Forbidden', 'Throttled', 'Malformed'] as const) {
    it(`waits for one that may well write: ${why}`, () => {
      assert.equal(undo(unseen(why, { since: ago(minute + 1) })), 'Observing');
      assert.equal(undo(unseen(why, { since: ago(9 * minute), looked: now })), 'TargetUnread');
      assert.equal(undo(unseen(why, { answered: true })), 'TargetUnread');
    });
  }

  it('names it and what was found, and says how to ask its server', () => {
    const { step } = undoOf(
      'fence/orders',
      { [inWest('orders')]: unseen('Forbidden', { answered: true }) },
      behindFence,
    );
    const held: Hold = step.waitsFor ?? assert.fail();
    assert.match(held.message, /^Database orders in us-west-2 may have been promoted by people, and cannot be read/);
    assert.deepEqual(held.evidence, [
      { what: 'orders@us-west-2: Forbidden, the reason for Forbidden', at: ago(minute).wall },
    ]);
    assert.equal(held.next, 'pg_isready -h orders.usw2 -p 5432');
  });

  it('names of several the one that holds it up', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const databases = { [inWest('orders')]: seen(aStandby()), [inWest('ledger')]: unseen('Throttled') };
    const { step } = undoOf('fence/orders', databases, { ...behindFence, spec });
    assert.match(step.waitsFor?.message ?? '', /^Database ledger in us-west-2/);
    assert.equal(step.waitsFor?.next, 'pg_isready -h ledger.usw2 -p 5432');
  });

  it('waits with everything else, too, as long as a fence stands', () => {
    for (const id of ['pre-scale/api', 'quiesce/billing-worker']) {
      assert.equal(inShort(id, unseen('Forbidden')), 'TargetUnread', id);
      assert.equal(inShort(id, unseen('Unreachable')), 'Scale', id);
    }
  });

  it('does not wait where no fence stands: the source is open, and nothing opens it', () => {
    const before: Case = { steps: { 'pre-scale/api': past, 'quiesce/billing-worker': past } };
    const behind: Case = { steps: { ...behindFence.steps, 'fence/orders': { ...past, state: 'Undone' } } };
    for (const given of [before, behind]) {
      for (const why of everyWhy.filter((one) => one !== 'NotAsked')) {
        assert.equal(inShort('pre-scale/api', unseen(why), given), 'Scale', why);
        assert.equal(
          inShort('quiesce/billing-worker', unseen(why, { since: ago(minute + 1) }), given),
          'Observing',
          why,
        );
      }
    }
  });

  it('waits for the standing fence of a writer that came back as for any other', () => {
    const given: Case = {
      mode: 'Forced',
      steps: { 'fence/orders': outcome('Overridden'), 'finish-fence/orders': past },
    };
    assert.equal(inShort('finish-fence/orders', unseen('Throttled'), given), 'TargetUnread');
    assert.equal(inShort('finish-fence/orders', unseen('Timeout'), given), 'Unfence');
  });
});

describe('a run that is taken back before a target that cannot be seen', () => {
  const target = `db/${inWest('orders')}`;

  for (const why of ['Forbidden', 'Throttled', 'Malformed'] as const) {
    it(`stays fenced until it can be read, through a restart too: ${why}`, () => {
      const game = fencedGame();
      const before = game.world.done.length;
      game.world.dark.set(target, why);
      patch(game, { desiredState: 'Aborted' });
      playFor(game, 5 * minute);
      restart(game);
      playFor(game, 5 * minute);
      assert.deepEqual(game.world.done.slice(before), []);
      assert.equal(game.run.status.phase, 'Aborting');
      assert.ok(isHeld('fence/orders', 'TargetUnread')(game), stepOf(game, 'fence/orders').waitsFor?.reason);
      lightUp(game.world);
      play(game);
      assert.deepEqual(game.world.done.slice(before), undone);
    });

    it(`is not taken back either when the other side, once it can be read, has been promoted: ${why}`, () => {
      const game = fencedGame();
      const before = game.world.done.length;
      game.world.dark.set(target, why);
      game.world.databases[inWest('orders')] = promoted({ switchpoint: '0/4000', position: '0/9000' });
      patch(game, { desiredState: 'Aborted' });
      playFor(game, minute);
      lightUp(game.world);
      playFor(game, minute);
      assert.deepEqual(game.world.done.slice(before), []);
      assert.equal(stepOf(game, 'fence/orders').waitsFor?.reason, 'MovedByHand');
    });
  }

  for (const why of ['Unreachable', 'Timeout'] as const) {
    it(`goes on when it is dark, and has been tried since: ${why}`, () => {
      const game = fencedGame();
      const before = game.world.done.length;
      game.world.dark.set(target, why);
      playFor(game, minute);
      patch(game, { desiredState: 'Aborted' });
      play(game);
      assert.deepEqual(game.world.done.slice(before), undone);
      const first = game.passes.find(
        ({ decision: { effects, status } }) => effects.length > 0 && status.abort !== undefined,
      );
      const { abort } = first?.decision.status ?? assert.fail();
      const { fact } = first?.facts.observed.databases[inWest('orders')] ?? assert.fail();
      assert.ok(abort !== undefined && !fact.known);
      assert.ok(fact.since.wall < abort.at, 'it had been dark before');
      assert.ok(lookedAt(fact).wall >= abort.at, 'and was tried once more');
    });
  }
});
