import assert from 'node:assert/strict';
import { leaveBehindCommand, skipCommand } from '../../src/decide/commands.ts';
import { commandFor } from '../../src/view/person-commands.ts';
import { contextFor, stepIn } from '../decide/support/runs.ts';

describe('the command of the CLI that says the same as `next`', () => {
  const ctx = contextFor();
  const of = (next: string): string | undefined =>
    commandFor(
      { reason: 'PartiallyPromoted', message: '', evidence: [], next },
      stepIn(ctx, 'promote/orders'),
      ctx.run,
    );

  it('leaves a database behind with its skip and the acceptance that it takes, in one', () => {
    assert.equal(
      of(leaveBehindCommand(ctx, 'promote/orders', 61_000)),
      'kubectl drplan skip checkout -n payments promote/orders --accept-loss 61s --reason YOUR-REASON',
    );
  });

  it('skips alone where nothing has to be accepted', () => {
    assert.equal(
      of(skipCommand(ctx, 'promote/orders')),
      'kubectl drplan skip checkout -n payments promote/orders --reason YOUR-REASON',
    );
  });
});
