import assert from 'node:assert/strict';
import { known } from '../../src/api/fact.ts';
import type { PositionSample } from '../../src/api/run.ts';
import { replicationLag } from '../../src/decide/plan/lag.ts';
import { createSamples, type Samples } from '../../src/observe/samples.ts';
import type { Instant } from '../../src/ports/clock.ts';
import { aPrimary, aStandby, at, inEast, inWest, seen } from '../decide/support/facts.ts';
import { planFacts } from '../decide/support/plan-facts.ts';
import { east, west } from '../decide/support/plans.ts';

const sample = (ms: number, lsn: string, region: string = east): PositionSample => ({
  database: 'orders',
  region,
  at: at(ms).wall,
  lsn,
});
const minute = 60_000;
const hour = 60 * minute;
const skewMs = 1_000;
const now = { now: at(10 * minute), skewMs };

function look(samples: Samples, when: Instant, position: string): void {
  samples.add('uid', 'orders', east, known(aPrimary({ position }), when), undefined);
}

describe('samples that were saved', () => {
  it('are joined with what was seen before they were read, in order of time, each once', () => {
    const samples = createSamples();
    look(samples, at(50_000), '0/50');
    samples.restore('uid', [sample(10_000, '0/10'), sample(20_000, '0/20'), sample(50_000, '0/50')], now);
    assert.deepEqual(samples.of('uid'), [sample(10_000, '0/10'), sample(20_000, '0/20'), sample(50_000, '0/50')]);
  });

  it('of another leader’s term bring up to date what an earlier term of this one has left', () => {
    const samples = createSamples();
    samples.restore('uid', [sample(10_000, '0/10')], now);
    samples.restore('uid', [sample(10_000, '0/10'), sample(90_000, '0/90'), sample(80_000, '0/8', west)], now);
    assert.deepEqual(samples.of('uid'), [sample(10_000, '0/10'), sample(80_000, '0/8', west), sample(90_000, '0/90')]);
  });

  it('by a leader whose clock ran ahead are dropped, but for the skew that is allowed: the next look is a sample', () => {
    const samples = createSamples();
    const ahead = 10 * minute + skewMs;
    samples.restore('uid', [sample(minute, '0/10'), sample(ahead, '0/20'), sample(ahead + 1, '0/21')], now);
    samples.restore('uid', [sample(10 * minute + hour, '0/30')], now);
    assert.deepEqual(samples.of('uid'), [sample(minute, '0/10'), sample(ahead, '0/20')]);
    look(samples, at(11 * minute), '0/40');
    assert.deepEqual(samples.of('uid').at(-1), sample(11 * minute, '0/40'));
  });

  it('are of another clock where this one is set back before its first look', () => {
    const samples = createSamples();
    samples.restore('uid', [sample(9 * minute, '0/10')], now);
    const setBack: Instant = { ...at(11 * minute), wall: at(minute).wall };
    look(samples, setBack, '0/40');
    assert.deepEqual(samples.of('uid'), [sample(minute, '0/40')]);
  });

  it('by a leader whose clock ran ahead do not pass for a standby that lags by nothing', () => {
    const samples = createSamples();
    samples.restore('uid', [sample(hour, '0/10')], now);
    look(samples, at(10 * minute), '0/20');
    look(samples, at(11 * minute), '0/30');
    const databases = {
      [inEast('orders')]: seen(aPrimary({ position: '0/30' }), at(11 * minute)),
      [inWest('orders')]: seen(aStandby({ position: '0/20' }), at(11 * minute)),
    };
    const facts = { now: at(11 * minute), samples: samples.of('uid') };
    const lag = replicationLag(planFacts({ observed: { databases }, facts }), 'orders', east);
    assert.equal(lag.known ? lag.value : lag.why, minute);
  });
});
