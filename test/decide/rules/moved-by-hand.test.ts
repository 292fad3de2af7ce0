import assert from 'node:assert/strict';
import { unknown } from '../../../src/api/fact.ts';
import type { StepStatus } from '../../../src/api/run.ts';
import type { Seen } from '../../../src/decide/facts.ts';
import { movedByHand } from '../../../src/decide/rules/moved-by-hand.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import { fencedGame, undone } from '../support/behind-fence.ts';
import { ago, aPrimary, aStandby, inWest, lost, now, promoted, seen } from '../support/facts.ts';
import { aDatabase, aSpec, minute, second } from '../support/plans.ts';
import { isHeld, patch, play, playFor, restart, stepOf, type Game } from '../support/play.ts';
import { anIntent, contextFor, outcome, stepIn, type Case } from '../support/runs.ts';
import { lightUp } from '../support/world.ts';

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

describe('a run whose target people have promoted, once it is seen no more', () => {
  const target = inWest('orders');

  /** Held behind its fence, and their writer seen while the run is taken back. */
  function movedGame(): Game {
    const game = fencedGame();
    game.world.databases[target] = aPrimary({ timeline: 2, switchpoint: '0/4000', position: '0/9000' });
    patch(game, { desiredState: 'Aborted' });
    return play(game, isHeld('fence/orders', 'MovedByHand'));
  }

  function stays(game: Game): void {
    const before = game.world.done.length;
    playFor(game, 10 * minute);
    assert.deepEqual(game.world.done.slice(before), []);
    assert.equal(stepOf(game, 'fence/orders').waitsFor?.reason, 'MovedByHand');
  }

  it('stays as it is: what does not answer may go on writing', () => {
    const game = movedGame();
    game.world.dark.set(`db/${target}`, 'Unreachable');
    stays(game);
    const [, unseen] = stepOf(game, 'fence/orders').waitsFor?.evidence ?? [];
    assert.match(unseen?.what ?? '', /^orders@us-west-2: Unreachable, /, 'and it is said that it is not seen now');
  });

  it('stays so when another life of the operator never gets to see it', () => {
    const game = movedGame();
    game.world.dark.set(`db/${target}`, 'Unreachable');
    restart(game);
    stays(game);
  });

  it('stays so when another life sees neither side', () => {
    const game = movedGame();
    game.world.dark.set('db/', 'Timeout');
    restart(game);
    stays(game);
    game.world.dark.clear();
    game.world.dark.set(`db/${target}`, 'Timeout');
    stays(game);
  });

  it('stays so when they were seen before it was to be taken back, and by an earlier life', () => {
    const game = fencedGame();
    game.world.databases[target] = aPrimary({ timeline: 2, switchpoint: '0/4000', position: '0/9000' });
    play(game, isHeld('position/orders', 'MovedByHand'));
    game.world.dark.set(`db/${target}`, 'Unreachable');
    playFor(game, second);
    restart(game);
    playFor(game, second);
    patch(game, { desiredState: 'Aborted' });
    stays(game);
  });

  it('is taken back when that writer is seen as a replica', () => {
    const game = movedGame();
    game.world.dark.set(`db/${target}`, 'Unreachable');
    restart(game);
    stays(game);
    const before = game.world.done.length;
    lightUp(game.world);
    game.world.databases[target] = aStandby();
    play(game);
    assert.deepEqual(game.world.done.slice(before), undone);
  });
});

describe('what was seen of a target that is seen no more', () => {
  const gone = (last: DatabaseState): Seen<DatabaseState> => {
    const gone = unknown<DatabaseState>('Unreachable', 'no answer', ago(second));
    return { fact: { ...gone, last: { value: last, at: ago(minute) } }, streaks: {} };
  };
  const held = (
    west: Seen<DatabaseState> | undefined,
    steps: Readonly<Record<string, Partial<StepStatus>>> = {},
    given: Case = {},
  ) => {
    const ctx = contextFor({
      mode: 'Planned',
      observed: { databases: west === undefined ? {} : { [inWest('orders')]: west } },
      steps,
      ...given,
    });
    return movedByHand.check(stepIn(ctx, 'fence/orders'), ctx);
  };
  const evidence = [{ what: 'orders@us-west-2: Primary, timeline 2', at: now.wall }];
  const told = { 'position/orders': { waitsFor: { reason: 'MovedByHand', message: 'Told before.', evidence } } };

  it('is what this life saw last', () => {
    assert.equal(held(gone(promoted()))?.reason, 'MovedByHand');
    assert.equal(held(gone(aStandby())), undefined);
    assert.equal(held(gone(promoted()), { 'promote/orders': { intent: anIntent() } }), undefined, 'by this Run');
  });

  it('is what the journal tells, as long as this life has seen nothing', () => {
    for (const west of [undefined, lost<DatabaseState>('NotAsked'), lost<DatabaseState>('Forbidden')]) {
      assert.equal(held(west, told)?.message, 'Told before.');
      assert.equal(held(west), undefined);
    }
    assert.equal(held(seen(aStandby()), told), undefined);
    assert.equal(held(gone(aStandby()), told), undefined);
  });

  it('is what its promotion found, where there was nothing left to promote', () => {
    const found = { 'promote/orders': outcome('Vacuous') };
    const hold = held(lost(), found);
    assert.equal(hold?.reason, 'MovedByHand');
    assert.match(
      hold.message,
      /^Database orders in us-west-2 was, when it was last seen, a primary, and this Run did not/,
    );
    assert.equal(hold.evidence[0]?.what, 'seen');
    assert.equal(held(gone(aStandby()), found), undefined, 'this life saw it otherwise');
    assert.equal(held(lost(), { 'promote/orders': outcome('Skipped') }), undefined);
    assert.equal(held(lost(), { 'position/orders': outcome('Vacuous') }), undefined);
  });

  it('is what the journal tells of a database until that one was seen, whatever of the others is not', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const other = { [inWest('ledger')]: seen(aStandby()) };
    assert.equal(held(undefined, told, { spec, observed: { databases: other } })?.message, 'Told before.');
    const own = { [inWest('orders')]: seen(aStandby()) };
    assert.equal(held(undefined, told, { spec, observed: { databases: own } }), undefined);
  });

  it('is told with all that were moved, so that each is remembered until it is seen otherwise', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const databases = { [inWest('orders')]: seen(promoted()), [inWest('ledger')]: seen(promoted()) };
    const hold = held(undefined, {}, { spec, observed: { databases } });
    assert.ok(hold !== undefined);
    const back = { [inWest('orders')]: seen(aStandby()) };
    const journal = { 'position/orders': { waitsFor: hold } };
    assert.equal(held(undefined, journal, { spec, observed: { databases: back } })?.reason, 'MovedByHand');
  });
});
