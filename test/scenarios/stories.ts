import { failOver, loseTheEast, settle, theEastReturns } from './outage.ts';
import { west } from './names.ts';
import { createStage, type Stage } from './stage.ts';

/** A story that several files of tests read, and none changes: told once in a process. `lostAt` is wall ms. */
export interface ToldStory {
  readonly stage: Stage;
  readonly lostAt?: number;
}

function once(tell: () => Promise<ToldStory>): () => Promise<ToldStory> {
  let told: Promise<ToldStory> | undefined;
  return () => (told ??= tell());
}

/** The east dies with orders that were not replicated, a person attests, the west takes over, and the east comes back. */
export const forcedStory = once(async () => {
  const stage = createStage();
  const lostAt = await loseTheEast(stage);
  await failOver(stage, lostAt);
  await stage.pass(20_000);
  await theEastReturns(stage);
  return { stage, lostAt };
});

/** A switchover of a healthy region, with clients ordering all the while. */
export const plannedStory = once(async () => {
  const stage = createStage();
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(10_000);
  return { stage };
});
