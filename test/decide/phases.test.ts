import assert from 'node:assert/strict';
import { isTerminalPhase } from '../../src/decide/phases.ts';
import { runPhases } from '../../src/api/vocabulary.ts';

describe('phases', () => {
  it('five of them are the end', () => {
    assert.deepEqual(runPhases.filter(isTerminalPhase), ['Succeeded', 'Aborted', 'Abandoned', 'Failed', 'Superseded']);
  });
});
