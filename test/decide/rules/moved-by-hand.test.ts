import assert from 'node:assert/strict';
import type { Seen } from '../../../src/decide/facts.ts';
import { undoStep } from '../../../src/decide/step-pass.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import { ago, aPrimary, aStandby, fenced, inEast, inWest, lost, now, promoted, seen } from '../support/facts.ts';
import { aDatabase, aSpec, minute } from '../support/plans.ts';
import { begin, isDone, patch, play, playFor, stepOf, type Game } from '../support/play.ts';
import { anIntent, contextFor, stepIn, type Case } from '../support/runs.ts';
import { aWorld } from '../support/world.ts';

/** A planned run that is held before its promotion by a link that is down. */
function fencedGame(): Game {
  const world = aWorld(aSpec());
  world.link = false;
  return play(begin(world), isDone('fence/orders'));
}

const undone = ['Unfence orders@us-east-1', 'Scale billing-worker@us-east-1 to 2', 'Scale api@us-west-2 to 1'];

describe('a run whose target people have promoted themselves', () => {
  const elsewhere = (over: Partial<DatabaseState> = {}): DatabaseState =>
    aPrimary({ timeline: 2, switchpoint: '0/4000', position: '0/9000', ...over });
  const moves: Readonly<Record<string, DatabaseState>> = {
    'open to its applications': elsewhere(),
    'still closed, for the fence came over with the replication': elsewhere({ enabledRoles: [], highestEpoch: 7 }),
  };
  for (const [name, there] of Object.entries(moves)) {
    it(`leaves everything as it is: ${name}`, () => {
      const game = fencedGame();
      const before = game.world.done.length;
      game.world.databases['orders@us-west-2'] = there;
      playFor(game, 10 * minute);
      assert.deepEqual(game.world.done.slice(before), []);
      assert.equal(game.run.status.abort?.reason, 'PositionNotReached', 'a position of its own timeline is none');
      assert.equal(game.run.status.phase, 'Aborting');
      const held = stepOf(game, 'fence/orders').waitsFor;
      assert.equal(held?.reason, 'MovedByHand');
      assert.match(held.message, /^Database orders in us-west-2 is a primary, and this Run did not promote it\./);
      assert.match(held.next ?? '', /kubectl patch drrun checkout-7 .*"abandon":\{"by":"YOUR-NAME"/);
    });
  }

  it('goes on when that writer is a replica again', () => {
    const game = fencedGame();
    const before = game.world.done.length;
    const standby = game.world.databases['orders@us-west-2'];
    game.world.databases['orders@us-west-2'] = elsewhere();
    playFor(game, 10 * minute);
    assert.ok(standby !== undefined);
    game.world.databases['orders@us-west-2'] = standby;
    play(game);
    assert.deepEqual(game.world.done.slice(before), undone);
  });

  it('does not mistake an old primary that nobody rebuilt for one', () => {
    const game = fencedGame();
    const before = game.world.done.length;
    game.world.databases['orders@us-west-2'] = elsewhere({ enabledRoles: [], highestEpoch: 6 });
    patch(game, { desiredState: 'Aborted' });
    play(game);
    assert.deepEqual(game.world.done.slice(before), undone);
  });
});

describe('an undo that nobody has looked before', () => {
  /** As a successor finds it: the source seen fenced, the run to be taken back since a minute. */
  const undo = (west: Seen<DatabaseState> | undefined, given: Case = {}) => {
    const databases = {
      [inEast('orders')]: seen(fenced(7)),
      ...(west === undefined ? {} : { [inWest('orders')]: west }),
    };
    const ctx = contextFor({
      mode: 'Planned',
      observed: { databases },
      steps: { 'fence/orders': { intent: anIntent({ notAfter: ago(5 * minute).wall }) } },
      status: { abort: { at: ago(minute).wall, reason: 'Requested', message: 'A person asked for it.' } },
      ...given,
    });
    const { step, effect } = undoStep(ctx.facts, stepIn(ctx, 'fence/orders'), ctx);
    return effect?.effect.kind === 'Database' ? effect.effect.action : (step.waitsFor?.reason ?? 'nothing');
  };

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
    assert.equal(undo(seen(aStandby()), { spec }), 'Observing');
  });

  it('shows what was moved, however old the look is', () => {
    assert.equal(undo(seen(promoted(), ago(5 * minute))), 'MovedByHand');
  });

  it('goes on past a target that does not answer', () => {
    for (const why of ['Unreachable', 'Timeout'] as const) assert.equal(undo(lost(why, now)), 'Unfence', why);
  });
});
