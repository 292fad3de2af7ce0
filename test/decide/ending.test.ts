import assert from 'node:assert/strict';
import { endingMessage } from '../../src/decide/ending.ts';
import { stateless } from './support/plans.ts';
import { contextFor, outcome, type Case } from './support/runs.ts';

describe('what a Run that succeeded says of itself', () => {
  const rows: readonly (readonly [string, Case, string])[] = [
    ['all of it seen', { steps: { 'protect/orders': outcome('Succeeded') } }, 'Recovered and protected again.'],
    [
      'its rebuild skipped',
      { steps: { 'protect/orders': outcome('Skipped') } },
      'Recovered; not seen protected again: orders.',
    ],
    ['in Observe', { steps: { 'fence/orders': outcome('Pretended') } }, 'Decided and reported; nothing was changed.'],
    ['without databases', { spec: stateless() }, 'Recovered.'],
  ];
  for (const [name, given, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(endingMessage(contextFor(given).status), wanted);
    });
  }
});
