import { aSpec } from './plans.ts';
import { begin, isDone, play, type Game } from './play.ts';
import { aWorld } from './world.ts';

/** A planned run that is held before its promotion by a link that is down. */
export function fencedGame(): Game {
  const world = aWorld(aSpec());
  world.link = false;
  return play(begin(world), isDone('fence/orders'));
}

/** What takes it back, in this order. */
export const undone = ['Unfence orders@us-east-1', 'Scale billing-worker@us-east-1 to 2', 'Scale api@us-west-2 to 1'];
