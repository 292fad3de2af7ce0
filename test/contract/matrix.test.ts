import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import { assertCells, cellsRun, contradictions, filesElsewhere, ROWS, tableOf } from './matrix.ts';

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

  describe('of cells that make e2e runs', () => {
    const e2e = { real: { why: 'needs a cluster', file: 'test/e2e/crds.test.ts' } };
    const there = [{ family: 'workloads', driver: 'job', absent: {}, e2e }];
    const here = cells('workloads/job/model', 'workloads/job/wire');

    it('make test wants the others, and none of these', () => {
      assert.deepEqual(contradictions(there, here), []);
      assert.deepEqual(contradictions(there, cells(...here.keys(), 'workloads/job/real')), [
        'workloads/job/real ran, yet test/contract/matrix.ts says it cannot: needs a cluster',
      ]);
    });

    it('make e2e wants these, and none of the others', () => {
      assert.deepEqual(contradictions(there, cells('workloads/job/real'), 'make e2e'), []);
      assert.deepEqual(contradictions(there, cells('workloads/job/wire'), 'make e2e'), [
        'workloads/job/wire ran, yet test/contract/matrix.ts says it cannot: make test runs it',
        'workloads/job/real did not run, and test/contract/matrix.ts does not say why',
      ]);
    });

    it('the table says where they run, by files that are there', () => {
      assert.match(
        tableOf(there, here),
        /3 tests {2}make e2e\n {2}- workloads\/job\/real: test\/e2e\/crds\.test\.ts: needs/,
      );
      assert.deepEqual(
        filesElsewhere(ROWS).filter((file) => !existsSync(join(ROOT, file))),
        [],
      );
    });
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
  if (cellsRun().size > 0) assertCells('make test');
});
