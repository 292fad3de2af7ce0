import assert from 'node:assert/strict';
import { runPhases } from '../../src/api/vocabulary.ts';
import { at } from '../crds/crds.ts';
import { kstatusOf } from './kstatus.ts';
import { recordedStates, type Recorded } from './recorded.ts';

describe('what kubectl, Flux and Argo CD wait for', function () {
  this.timeout(120_000);
  let states: readonly Recorded[] = [];
  before(async () => {
    states = await recordedStates();
  });

  it('is told by each object in each of its states, as kstatus reads it', () => {
    const told = states.map(({ name, object }) => [name, kstatusOf(object)]);
    assert.deepEqual(
      told,
      states.map(({ name, kstatus }) => [name, kstatus]),
    );
  });

  it('covers the phases of a Run that the program gives one', () => {
    const seen = new Set(states.map(({ object }) => at(object, 'status', 'phase')));
    // Nothing in this version ends a Run as Failed.
    const unreached = ['Failed'];
    assert.deepEqual(
      runPhases.filter((phase) => !seen.has(phase) && !unreached.includes(phase)),
      [],
    );
  });
});
