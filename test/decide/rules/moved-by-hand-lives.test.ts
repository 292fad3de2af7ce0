import assert from 'node:assert/strict';
import { known } from '../../../src/api/fact.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { nothingObserved, type RunFacts } from '../../../src/decide/facts.ts';
import { fencedGame } from '../support/behind-fence.ts';
import { aPrimary, at, inEast, inWest } from '../support/facts.ts';
import { aDatabase, aSpec, minute } from '../support/plans.ts';
import { begin, isDone, isHeld, patch, play, playFor, restart, stepOf, type Game } from '../support/play.ts';
import { limits } from '../support/runs.ts';
import { aWorld, observe } from '../support/world.ts';

const target = inWest('orders');
const byHand = aPrimary({ timeline: 2, switchpoint: '0/4000', position: '0/9000' });

function abort(game: Game): void {
  patch(game, { desiredState: 'Aborted' });
}

/** Another life begins, and what is in the target is silent. */
function restartBesideDark(game: Game, database = target): void {
  restart(game);
  game.world.dark.set(`db/${database}`, 'Unreachable');
}

/** One pass in which no look at a cluster has ended yet, and every other has. */
function passWithoutClusters(game: Game): void {
  const when = at(game.ms, `life-${String(game.life)}`);
  const { run, plan, more } = game;
  const blind: RunFacts = {
    now: when,
    holder: `operator-${String(game.life)}`,
    limits,
    run,
    plan: { ...known(plan, when), live: true },
    bound: true,
    sourceReplicas: {},
    observed: nothingObserved,
    outcomes: {},
    ...more,
  };
  const seen = observe(game.world, decideRun(blind).needs, { when, generation: run.generation }, game.observed);
  const decision = decideRun({ ...blind, observed: { ...seen, regions: {} } });
  assert.deepEqual(decision.effects, []);
  game.run = { ...run, status: decision.status };
  game.ms += 100;
}

/** Two databases behind their fences. */
function fencedPair(): Game {
  const world = aWorld(aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] }));
  world.link = false;
  return play(begin(world), (game) => isDone('fence/orders')(game) && isDone('fence/ledger')(game));
}

describe('what people have promoted, from one life of the operator to the next', () => {
  it('is remembered beside a higher epoch, which the next life does not see', () => {
    const game = fencedGame();
    game.world.databases[target] = { ...byHand, highestEpoch: 8 };
    abort(game);
    playFor(game, minute);
    const before = game.world.done.length;
    restartBesideDark(game);
    playFor(game, 10 * minute);
    assert.deepEqual(game.world.done.slice(before), []);
    assert.equal(stepOf(game, 'fence/orders').waitsFor?.reason, 'MovedByHand');
  });

  it('is remembered through a pass that waits for a cluster to be looked at', () => {
    const game = begin(aWorld(aSpec()));
    play(game, ({ run }) => run.status.steps.some(({ id, intent }) => id === 'pre-scale/api' && intent !== undefined));
    const clusterUids = { 'us-east-1': 'cluster-uid', 'us-west-2': 'cluster-uid' };
    game.run = { ...game.run, status: { ...game.run.status, clusterUids } };
    game.world.databases[target] = byHand;
    abort(game);
    play(game, isHeld('pre-scale/api', 'MovedByHand'));
    playFor(game, minute);
    const before = game.world.done.length;
    restartBesideDark(game);
    passWithoutClusters(game);
    playFor(game, 10 * minute);
    assert.deepEqual(game.world.done.slice(before), []);
  });

  it('is over once a life has seen it a standby again, also for the next one, which sees nothing', () => {
    const game = fencedGame();
    const standby = game.world.databases[target];
    assert.ok(standby !== undefined);
    game.world.databases[target] = byHand;
    play(game, isHeld('position/orders', 'MovedByHand'));
    game.world.dark.set(`db/${inEast('orders')}`, 'Unreachable');
    abort(game);
    game.world.databases[target] = standby;
    playFor(game, minute);
    assert.equal(stepOf(game, 'fence/orders').waitsFor?.reason, 'UndoPending');
    game.world.dark.clear();
    restartBesideDark(game);
    playFor(game, 10 * minute);
    assert.equal(game.run.status.phase, 'Aborted');
    assert.equal(game.world.done.at(-1), 'Unfence orders@us-east-1');
  });

  it('is no word about the other database, whose target is dead', () => {
    const game = fencedPair();
    const standby = game.world.databases[target];
    assert.ok(standby !== undefined);
    game.world.databases[target] = byHand;
    abort(game);
    play(game, isHeld('fence/orders', 'MovedByHand'));
    restartBesideDark(game, inWest('ledger'));
    game.world.databases[target] = standby;
    playFor(game, 10 * minute);
    assert.equal(game.run.status.phase, 'Aborted');
  });
});
