import assert from 'node:assert/strict';
import { identityHash } from '../../src/api/identity.ts';
import {
  abandonCommand,
  leaveBehindCommand,
  modeCommand,
  skipCommand,
  takeoverCommand,
} from '../../src/decide/commands.ts';
import { ownershipHold } from '../../src/decide/rules/ownership.ts';
import { commandFor, ownerOf } from '../../src/view/person-commands.ts';
import { listed, seen } from '../decide/support/facts.ts';
import { east } from '../decide/support/plans.ts';
import { contextFor, stepIn } from '../decide/support/runs.ts';

describe('the command of the CLI that says the same as `next`', () => {
  const ctx = contextFor();
  const of = (next: string, step = 'promote/orders'): string | undefined =>
    commandFor({ reason: 'PartiallyPromoted', message: '', evidence: [], next }, stepIn(ctx, step), ctx.run);

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

  it('settles the mode, takes a record over, and gives up', () => {
    assert.equal(of(modeCommand(ctx, 'Planned')), 'kubectl drplan mode checkout -n payments Planned');
    assert.equal(of(abandonCommand(ctx)), 'kubectl drplan abandon checkout -n payments --reason YOUR-REASON');
    assert.equal(
      of(takeoverCommand(ctx, 'public'), 'shift/public'),
      'kubectl drplan takeover checkout -n payments public --from IDENTITY-OF-THE-OTHER-PLAN --reason YOUR-REASON',
    );
  });

  it('reads from the hold which plan owns a record, as the hold says it', () => {
    const [record] = ctx.spec.traffic;
    assert.ok(record);
    const { fact } = seen(listed(east, { kind: 'Foreign', identityHash: identityHash('shop/old'), epoch: 9 }));
    assert.ok(fact.known);
    const hold = ownershipHold(ctx, record, fact);
    assert.ok(hold);
    assert.equal(hold.reason, 'ForeignOwner');
    assert.equal(ownerOf(hold), identityHash('shop/old'));
    assert.equal(ownerOf({ ...hold, evidence: [{ what: 'managed by something else', at: 1 }] }), undefined);
  });
});
