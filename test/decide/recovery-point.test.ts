import assert from 'node:assert/strict';
import type { OutcomeState, StepStatus } from '../../src/api/run.ts';
import { recoveries } from '../../src/decide/measure.ts';
import { recoveryPoint } from '../../src/decide/recovery-point.ts';
import { at, start } from './support/facts.ts';
import { aDatabase, aSpec } from './support/plans.ts';
import { anAttestation, anIntent, aSample, contextFor, outcome, type Case } from './support/runs.ts';

const samples = [aSample('orders', 200_000, '0/4000'), aSample('orders', 300_000, '0/5000')];
const doneAt = (ms: number, begunMs?: number): Partial<StepStatus> => ({
  ...outcome('Succeeded', {}, at(ms).wall),
  ...(begunMs === undefined ? {} : { intent: anIntent({ at: at(ms).wall, firstAt: at(begunMs).wall }) }),
});

/** From and to, ms after the start. */
const pointOf = (given: Case, reached: string | undefined = '0/5000') => {
  const point = recoveryPoint(contextFor({ status: { samples }, ...given }), 'orders', reached);
  return point === undefined ? undefined : [point.earliest - start, point.latest - start];
};
const attested = (ms: number): Case => ({
  run: { attestations: [anAttestation('orders', at(ms).wall)] },
  steps: { 'fence/orders': outcome('Overridden') },
});
const planned = (fence: Partial<StepStatus>): Case => ({
  mode: 'Planned',
  steps: { 'fence/orders': fence, 'position/orders': outcome('Succeeded') },
});

describe('the recovery point of a database', () => {
  /** It is 600 s after the start; asynchronous commits may lie 600 ms behind. */
  const rows: readonly (readonly [string, ReturnType<typeof pointOf>, readonly number[] | undefined])[] = [
    ['the position reached: the end of the writing', pointOf(planned(doneAt(452_000, 450_000))), [450_000, 452_000]],
    ['the position reached, shut already', pointOf(planned(doneAt(452_000))), [452_000, 452_000]],
    [
      'the position reached, by a clock that was set back in between',
      pointOf(planned(doneAt(452_000, 590_000))),
      [452_000, 452_000],
    ],
    ['fenced', pointOf({ steps: { 'fence/orders': doneAt(450_000, 440_000) } }), [299_400, 450_000]],
    [
      'fenced, the newest sample below',
      pointOf({ steps: { 'fence/orders': doneAt(450_000) } }, '0/4FFF'),
      [199_400, 450_000],
    ],
    [
      'fenced before the newest covered sample',
      pointOf({ steps: { 'fence/orders': doneAt(250_000) } }),
      [249_400, 250_000],
    ],
    [
      'the fence begun before the newest covered sample: shut perhaps from then on',
      pointOf({ steps: { 'fence/orders': doneAt(450_000, 240_000) } }),
      [239_400, 450_000],
    ],
    ['attested', pointOf(attested(350_000)), [299_400, 350_000]],
    ['attested as stopped later than now', pointOf(attested(700_000)), [299_400, 600_000]],
    [
      'back, and fenced before the promotion',
      pointOf({
        steps: {
          'fence/orders': outcome('Overridden'),
          'finish-fence/orders': doneAt(500_000, 490_000),
          'promote/orders': outcome('Succeeded', {}, at(550_000).wall),
        },
      }),
      [299_400, 500_000],
    ],
    ['neither fenced nor attested: open above, and known below', pointOf({}), [299_400, 600_000]],
    ['the fence pretended', pointOf({ steps: { 'fence/orders': outcome('Pretended') } }), [299_400, 600_000]],
    [
      'the position left out',
      pointOf({ mode: 'Planned', steps: { 'position/orders': outcome('Skipped') } }),
      [299_400, 600_000],
    ],
    ['no sample', pointOf({ status: { samples: [] } }), undefined],
    ['no sample at or below what was reached', pointOf({}, '0/3FFF'), undefined],
    ['samples of another database', pointOf({ status: { samples: [aSample('ledger', 0, '0/1')] } }), undefined],
    [
      'samples of a clock that was set back',
      pointOf({ status: { samples: [aSample('orders', 600_001, '0/1')] } }),
      undefined,
    ],
  ];
  for (const [name, found, wanted] of rows) {
    it(`${name}: ${wanted === undefined ? 'unknown' : wanted.join(' to ')}`, () => {
      assert.deepEqual(found, wanted);
    });
  }
  it('is unknown where nothing is known of the standby', () => {
    assert.equal(recoveryPoint(contextFor({ status: { samples } }), 'orders', undefined), undefined);
  });
});

describe('the recovery point in the status', () => {
  const promoted = outcome('Succeeded', { timeline: 2, switchpoint: '0/5000' });
  const base = (steps: Case['steps'] = {}, more: Case['status'] = {}): Case => ({
    status: { samples, ...more },
    steps: { 'fence/orders': doneAt(450_000), 'promote/orders': promoted, ...steps },
  });
  const one = (given: Case) => recoveries(contextFor(given))[0];
  const bounded = { earliest: start + 299_400, latest: start + 450_000 };
  const compared = (value: object, more: Case['status'] = {}) =>
    one(base({ 'compare/orders': outcome('Succeeded', { ...value }) }, more));

  it('comes with the loss, and stays where later looks and times would move it', () => {
    assert.deepEqual(one(base())?.point, bounded);
    const had = { database: 'orders', grade: 'Bounded', lossMs: 5, basis: 'Fence', point: { earliest: 1, latest: 2 } };
    assert.deepEqual(one(base({}, { recovery: [had as never] })), had);
  });
  it('is not made up for what an older operator wrote without', () => {
    const had = { database: 'orders', grade: 'Bounded', lossMs: 5, basis: 'Fence' } as const;
    assert.deepEqual(one(base({}, { recovery: [had] })), had);
  });
  it('of an unknown loss is absent', () => {
    const unknown = one(base({}, { samples: [] })) ?? assert.fail();
    assert.equal(unknown.grade, 'Unknown');
    assert.ok(!('point' in unknown));
  });
  it('is the first lost commit, once those were read', () => {
    const value = {
      lostCommits: 2,
      postReturnCommits: 0,
      firstLostAt: start + 301_000.25,
      lastLostAt: start + 310_000,
    };
    assert.deepEqual(compared(value)?.point, { earliest: start + 301_000, latest: start + 301_001 });
  });
  it('stays what it was where nothing was lost, or the times of what was lost are not known', () => {
    for (const lostCommits of [0, 3]) {
      assert.deepEqual(compared({ lostCommits, postReturnCommits: 0 })?.point, bounded);
    }
    assert.ok(!('point' in (compared({ lostCommits: 0, postReturnCommits: 0 }, { samples: [] }) ?? {})));
  });
});

describe('a database that was left behind', () => {
  const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
  const rowsOf = (orders: OutcomeState | undefined, ledger: OutcomeState | undefined) => {
    const steps = Object.fromEntries(
      Object.entries({ 'promote/orders': orders, 'promote/ledger': ledger }).flatMap(([id, state]) =>
        state === undefined ? [] : [[id, outcome(state)] as const],
      ),
    );
    return recoveries(contextFor({ spec, steps })).map(
      ({ database, grade, basis }) => `${database} ${grade} ${basis ?? ''}`,
    );
  };
  it('has a row that says so, beside those that were promoted', () => {
    assert.deepEqual(rowsOf('Succeeded', 'Skipped'), ['orders Unknown NoSample', 'ledger Unknown NotPromoted']);
    assert.deepEqual(rowsOf('Skipped', 'Vacuous'), ['orders Unknown NotPromoted', 'ledger Unknown NoSample']);
  });
  it('has none while that is not decided, nor where all is only pretended', () => {
    assert.deepEqual(rowsOf('Succeeded', undefined), ['orders Unknown NoSample']);
    assert.deepEqual(rowsOf('Pretended', 'Pretended'), []);
  });
});
