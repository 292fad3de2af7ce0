import assert from 'node:assert/strict';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import { fencedGame, undone } from '../support/behind-fence.ts';
import { aPrimary } from '../support/facts.ts';
import { minute } from '../support/plans.ts';
import { patch, play, playFor, stepOf } from '../support/play.ts';

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
