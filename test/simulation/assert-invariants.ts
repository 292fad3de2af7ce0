import assert from 'node:assert/strict';
import type { Stage } from '../scenarios/stage.ts';
import { historyOf } from './history.ts';
import { violationsOf } from './judge.ts';

/** Every invariant that a story can be judged by, whatever else it shows. */
export function assertInvariants(stage: Stage): void {
  assert.deepEqual(violationsOf(historyOf(stage)), []);
}
