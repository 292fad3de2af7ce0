import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lookedAt } from '../../../src/api/fact.ts';
import { isTerminalPhase } from '../../../src/decide/phases.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import { fencedGame } from '../support/behind-fence.ts';
import { aStandby, everyWhy, fenced, inWest, promoted } from '../support/facts.ts';
import { pass, patch, restart, type Game, type Pass } from '../support/play.ts';
import { lightUp } from '../support/world.ts';

describe('an undo of the fence, over any history behind it', () => {
  type Turn = (game: Game) => void;
  const target = inWest('orders');
  const byHand = promoted({ switchpoint: '0/4000', position: '0/9000' });
  const becomes = (...states: readonly DatabaseState[]) =>
    fc.constantFrom(...states).map((state): Turn => (game) => {
      game.world.databases[target] = state;
    });
  const turn: fc.Arbitrary<Turn> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.integer({ min: 1, max: 40 }).map((count): Turn => (game) => {
        for (let index = 0; index < count; index += 1) pass(game);
      }),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(`db/${target}`, 'db/'), fc.constantFrom(...everyWhy, 'Unreachable' as const))
        .map(([prefix, why]): Turn => (game) => {
          game.world.dark.set(prefix, why);
        }),
    },
    {
      weight: 4,
      arbitrary: fc.constant<Turn>((game) => {
        lightUp(game.world);
      }),
    },
    { weight: 2, arbitrary: becomes(byHand, aStandby({ position: '0/1' }), fenced(6)) },
    { weight: 2, arbitrary: fc.constant<Turn>(restart) },
    {
      weight: 2,
      // They promote it, which is seen, and it is seen no more: by this life, or by the next.
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()).map(([count, dies]): Turn => (game) => {
        lightUp(game.world);
        game.world.databases[target] = byHand;
        for (let index = 0; index < count; index += 1) pass(game);
        game.world.dark.set(`db/${target}`, 'Unreachable');
        if (dies) restart(game);
      }),
    },
    {
      weight: 3,
      arbitrary: fc.constant<Turn>((game) => {
        patch(game, { desiredState: 'Aborted' });
      }),
    },
  );

  /** What the operator knew at each undo of the fence, and what was the case. */
  function undos(turns: readonly Turn[]): readonly { readonly before: readonly Pass[]; readonly one: Pass }[] {
    const game = fencedGame();
    for (const one of turns) {
      if (!isTerminalPhase(game.run.status.phase)) one(game);
    }
    const { passes } = game;
    return passes
      .map((one, index) => ({ before: passes.slice(0, index + 1), one }))
      .filter(({ one }) =>
        one.decision.effects.some(({ effect }) => effect.kind === 'Database' && effect.action === 'Unfence'),
      );
  }

  const sightOf = ({ facts }: Pass): DatabaseState | undefined => {
    const fact = facts.observed.databases[target]?.fact;
    return fact?.known === true ? fact.value : undefined;
  };

  it('goes out only past a target that was looked at since it was called for, and last seen as no writer of people`s', () => {
    const met = { replica: 0, dark: 0 };
    fc.assert(
      fc.property(fc.array(turn, { minLength: 4, maxLength: 30 }), (turns) => {
        for (const { before, one } of undos(turns)) {
          const { abort, steps } = one.decision.status;
          assert.ok(
            abort !== undefined && steps.every(({ id, intent }) => id !== 'promote/orders' || intent === undefined),
          );
          const { fact } = one.facts.observed.databases[target] ?? assert.fail('it was not looked at');
          assert.ok(lookedAt(fact).wall >= abort.at);
          if (!fact.known) assert.ok(['Unreachable', 'Timeout'].includes(fact.why), fact.why);
          // Whichever life it was that saw it last.
          const last = before.map(sightOf).findLast((sight) => sight !== undefined);
          assert.notEqual(last?.timeline, byHand.timeline);
          met[fact.known ? 'replica' : 'dark'] += 1;
        }
      }),
      { numRuns: 600, seed: 20_300_101 },
    );
    assert.ok(met.replica > 20 && met.dark > 10, JSON.stringify(met));
  });
});
