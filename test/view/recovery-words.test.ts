import assert from 'node:assert/strict';
import type { DatabaseRecovery, RunStatus } from '../../src/api/run.ts';
import { pointWords, skewWords } from '../../src/view/recovery-words.ts';
import { runReport } from '../../src/view/run-report.ts';
import { statusView } from '../../src/view/status.ts';
import { lossWords } from '../../src/view/words.ts';
import { statusText } from '../../src/view/status-text.ts';
import { start } from '../decide/support/facts.ts';
import { aDatabase, aPlan, aSpec } from '../decide/support/plans.ts';
import { aRun, aStatus } from '../decide/support/runs.ts';
import { aPlanStatus } from './support.ts';

const lossy: DatabaseRecovery = {
  database: 'orders',
  grade: 'Bounded',
  lossMs: 6_600,
  basis: 'Attested',
  point: { earliest: start, latest: start + 6_000 },
};
const whole: DatabaseRecovery = {
  database: 'ledger',
  grade: 'Measured',
  lossMs: 0,
  basis: 'Compared',
  point: { earliest: start + 2_000, latest: start + 6_000 },
};
const behind: DatabaseRecovery = { database: 'ledger', grade: 'Unknown', basis: 'NotPromoted' };

describe('what a rebuild kept', () => {
  const kept = { ...whole, lostCommits: 0, postReturnCommits: 0, preservedAt: '/old' };
  it('is called diverged only where something did', () => {
    assert.match(lossWords(kept), /; its former data are kept at \/old$/);
    assert.match(lossWords({ ...kept, lostCommits: 3 }), /; what diverged is kept at \/old$/);
    assert.match(lossWords({ ...kept, postReturnCommits: 1 }), /; what diverged is kept at \/old$/);
  });
});

describe('the recovery point of a database in words', () => {
  const { point: _none, ...unplaced } = whole;
  const rows: readonly (readonly [string, DatabaseRecovery, string])[] = [
    ['bounded', lossy, 'no earlier than 2030-01-01T00:00:00.000Z, no later than 2030-01-01T00:00:06.000Z'],
    [
      'the first lost commit',
      { ...lossy, grade: 'Measured', point: { earliest: start + 5, latest: start + 6 } },
      'all that was committed before 2030-01-01T00:00:00.005Z',
    ],
    ['nothing lost', whole, 'all that was committed, up to 2030-01-01T00:00:06.000Z'],
    [
      'nothing lost, and nobody knows until when it was written',
      unplaced,
      'all that was committed, up to an unknown time',
    ],
    ['unknown', { database: 'orders', grade: 'Unknown', basis: 'NoSample' }, 'unknown'],
    ['left behind', behind, 'none, for it was not promoted'],
  ];
  for (const [name, recovery, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(pointWords(recovery), wanted);
    });
  }
});

describe('the skew in words', () => {
  const of = (...recovery: readonly DatabaseRecovery[]): RunStatus =>
    aStatus({ snapshot: aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] }), recovery });
  const runOf = (...recovery: readonly DatabaseRecovery[]) => aRun(of(...recovery));
  const shown = (run: ReturnType<typeof runOf>): string => {
    const plan = aPlan(run.status.snapshot);
    return statusText(statusView({ plan, status: aPlanStatus(), run, now: start }), (_style, text) => text);
  };

  it('a bound; unknown with its reason; none before all is decided', () => {
    assert.equal(skewWords(of(lossy, whole)), 'at most 6s');
    assert.equal(skewWords(of(lossy, behind)), 'unknown: ledger was not promoted');
    const unknown = { database: 'orders', grade: 'Unknown', basis: 'NoSample' } as const;
    assert.equal(
      skewWords(of(unknown, behind)),
      'unknown: the recovery point of orders is not known; ledger was not promoted',
    );
    assert.equal(skewWords(of(lossy)), undefined);
  });

  it('stands in the report with the points, times as RFC 3339', () => {
    const { markdown, json } = runReport(runOf(lossy, whole));
    assert.match(
      markdown,
      /## Recovery points\n\n- orders: no earlier than .*\n- ledger: all that was committed, up to .*\n- skew between the databases: at most 6s\n/,
    );
    const data = JSON.parse(json) as { readonly recovery: readonly object[]; readonly recoverySkew: unknown };
    assert.deepEqual(data.recovery[0], {
      ...lossy,
      point: { earliest: '2030-01-01T00:00:00.000Z', latest: '2030-01-01T00:00:06.000Z' },
    });
    assert.deepEqual(data.recoverySkew, { atMostMs: 6_000 });
  });

  it('names in the report what was left behind', () => {
    const { markdown, json } = runReport(runOf(lossy, behind));
    assert.match(markdown, /RPO .*, ledger: not promoted: a person left it behind/);
    assert.match(markdown, /- ledger: none, for it was not promoted\n- skew between the databases: unknown: ledger/);
    const data = JSON.parse(json) as { readonly recovery: readonly object[]; readonly recoverySkew: unknown };
    assert.deepEqual(data.recovery[1], behind);
    assert.deepEqual(data.recoverySkew, { unknownOf: ['ledger'] });
  });

  it('is on the screen of a run with several databases', () => {
    const text = shown(runOf(lossy, whole));
    assert.match(
      text,
      /\nRecovery point of orders: no earlier than .*\nRecovery point of ledger: all .*\nSkew between the databases: at most 6s\n/,
    );
    assert.doesNotMatch(shown(runOf(lossy)), /Skew/);
    assert.match(shown(runOf(lossy, behind)), /\nLoss ledger: not promoted: .*\n/);
  });

  it('is in neither where nothing was promoted', () => {
    assert.doesNotMatch(runReport(runOf()).markdown, /Recovery points|skew/);
    assert.doesNotMatch(shown(runOf()), /Recovery point|Skew/);
  });
});
