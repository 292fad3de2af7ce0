import assert from 'node:assert/strict';
import { known } from '../../src/api/fact.ts';
import type { PositionSample } from '../../src/api/run.ts';
import { createSamples } from '../../src/observe/samples.ts';
import { aPrimary, at } from '../decide/support/facts.ts';
import { east, west } from '../decide/support/plans.ts';

const sample = (ms: number, lsn: string, region: string = east): PositionSample => ({
  database: 'orders',
  region,
  at: at(ms).wall,
  lsn,
});

describe('samples that were saved', () => {
  it('are joined with what was seen before they were read, in order of time, each once', () => {
    const samples = createSamples();
    samples.add('uid', 'orders', east, known(aPrimary({ position: '0/50' }), at(50_000)), undefined);
    samples.restore('uid', [sample(10_000, '0/10'), sample(20_000, '0/20'), sample(50_000, '0/50')]);
    assert.deepEqual(samples.of('uid'), [sample(10_000, '0/10'), sample(20_000, '0/20'), sample(50_000, '0/50')]);
  });

  it('of another leader’s term bring up to date what an earlier term of this one has left', () => {
    const samples = createSamples();
    samples.restore('uid', [sample(10_000, '0/10')]);
    samples.restore('uid', [sample(10_000, '0/10'), sample(90_000, '0/90'), sample(80_000, '0/8', west)]);
    assert.deepEqual(samples.of('uid'), [sample(10_000, '0/10'), sample(80_000, '0/8', west), sample(90_000, '0/90')]);
  });
});
