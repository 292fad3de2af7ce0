import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { hangBehindFence, modelOf, promoteWest } from './hand.ts';
import { east, host, serverName, west } from './names.ts';
import { assertSourceServes, runIs, shopMayLogIn } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const target = serverName('orders', west);

/** Returns what ends it. */
function hangs(stage: Stage): () => void {
  stage.timeline.note('weather', 'orders in us-west-2 hangs for the operator');
  return stage.kernel.cut({ match: { id: `${host(target)}:5432` }, how: 'hang' });
}

function operatorMayLogIn(stage: Stage, login: boolean): void {
  stage.timeline.note('bob', login ? 'lets the operator in again' : 'shuts the operator out of orders in us-west-2');
  modelOf(stage, 'orders').alterRole(target, 'maestro', { login });
}

function abort(stage: Stage): void {
  stage.person.patchRun({ desiredState: 'Aborted' });
}

const heldFor = (stage: Stage): string | undefined => stage.person.step('fence/orders')?.waitsFor?.reason;

scenario({
  name: 'aborted-target-dark',
  shows:
    'a planned run hangs behind its fence, and its target falls silent; it is aborted: the target is tried once more, and the source serves again',
  async story(stage) {
    await hangBehindFence(stage);
    hangs(stage);
    await stage.pass(20_000);
    abort(stage);
    await runIs(stage, 'Aborted');
    await stage.pass(30_000);
  },
  must: [
    /weather .*hangs/,
    /step .*fence\/orders Succeeded/,
    /ana .*Aborted/,
    /step .*fence\/orders Undoing/,
    /clients .*taken in us-east-1/,
    /step .*fence\/orders Undone/,
  ],
  never: [/us-west-2: primary/, /TargetUnread/, /MovedByHand/],
  expect: assertSourceServes,
});

scenario({
  name: 'aborted-target-unread',
  shows:
    'a planned run hangs behind its fence; people promote the target, unseen, and shut the operator out; the run is aborted: as long as the target cannot be read the source stays closed, and then it is seen why',
  async story(stage) {
    await hangBehindFence(stage);
    const heal = hangs(stage);
    await promoteWest(stage);
    operatorMayLogIn(stage, false);
    heal();
    await stage.pass(20_000);
    const before = effects(stage).length;
    abort(stage);
    await stage.until('it says why', () => heldFor(stage) === 'TargetUnread');
    await stage.pass(120_000);
    assert.equal(heldFor(stage), 'TargetUnread');
    stage.timeline.note('weather', 'the operator is restarted');
    stage.kernel.restart('operator');
    await stage.pass(60_000);
    assert.equal(heldFor(stage), 'TargetUnread');
    operatorMayLogIn(stage, true);
    await stage.until('it is seen', () => heldFor(stage) === 'MovedByHand');
    hangs(stage);
    await stage.pass(60_000);
    assert.equal(heldFor(stage), 'MovedByHand', 'seen no more is not gone');
    assert.equal(shopMayLogIn(stage, serverName('orders', east)), false);
    assert.equal(effects(stage).length, before, 'nothing is taken back');
    stage.person.answer('MovedByHand');
    await runIs(stage, 'Abandoned');
  },
  must: [
    /bob .*promotes/,
    /step .*fence\/orders Succeeded/,
    /bob .*shuts the operator out/,
    /ana .*Aborted/,
    /weather .*restarted/,
    /bob .*lets the operator in/,
    /weather .*hangs/,
    /ana .*abandon/,
    /run .*Abandoned/,
  ],
  never: [/timeline 3/, /fence\/orders Undone/, /promote\/orders Succeeded/],
});
