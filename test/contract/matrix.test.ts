import assert from 'node:assert/strict';
import { cellsRun, contradictions, ROWS, tableOf } from './matrix.ts';

const rows = [{ family: 'traffic', driver: 'route53', absent: { real: 'no account' } }];
const cells = (...names: readonly string[]): ReadonlyMap<string, number> => new Map(names.map((name) => [name, 3]));

describe('the matrix of contract suites', () => {
  it('is content where every cell ran or is named absent', () => {
    assert.deepEqual(contradictions(rows, cells('traffic/route53/model', 'traffic/route53/wire')), []);
  });

  it('objects to an absence that nobody explained', () => {
    assert.deepEqual(contradictions(rows, cells('traffic/route53/model')), [
      'traffic/route53/wire did not run, and test/contract/matrix.ts does not say why',
    ]);
  });

  it('objects to a cell that ran although it is said to be impossible', () => {
    const all = cells('traffic/route53/model', 'traffic/route53/wire', 'traffic/route53/real');
    assert.deepEqual(contradictions(rows, all), [
      'traffic/route53/real ran, yet test/contract/matrix.ts says it cannot: no account',
    ]);
  });

  it('objects to a suite of a driver that has no row', () => {
    const stray = cells('traffic/route53/model', 'traffic/route53/wire', 'traffic/cloudflare/model');
    assert.deepEqual(contradictions(rows, stray), [
      'traffic/cloudflare/model ran, yet test/contract/matrix.ts has no row for it',
    ]);
  });

  it('prints drivers against cells, then the reasons', () => {
    assert.equal(
      tableOf(rows, cells('traffic/route53/model')),
      [
        '  driver           model    wire     real',
        '  traffic/route53  3 tests  NOT RUN  -',
        '  - traffic/route53/real: no account',
      ].join('\n'),
    );
  });
});

// After all suites of the run. Where no suite ran at all this file was asked for alone, and there is nothing to judge.
after(() => {
  if (cellsRun().size > 0) assert.deepEqual(contradictions(ROWS, cellsRun()), []);
});
