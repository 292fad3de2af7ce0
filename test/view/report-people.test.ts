import assert from 'node:assert/strict';
import { peopleData, peopleLines } from '../../src/view/report-people.ts';
import { runReport } from '../../src/view/run-report.ts';
import { start } from '../decide/support/facts.ts';
import { aRun, aRunSpec, aStatus } from '../decide/support/runs.ts';

const approval = { gate: 'ApprovalRequired', by: 'ana', reason: 'go', evidenceHash: 'abc' };
const word = {
  gate: 'ApprovalRequired',
  evidenceHash: 'abc',
  seenAt: start,
  usedAt: start + 1_000,
  shown: 'It waits. | east: Unreachable',
};

describe('people in the report of a run', () => {
  it('who, why, what they were shown, when it was heard and used', () => {
    const run = aRun(aStatus({ words: [word] }), aRunSpec({ approvals: [approval] }));
    assert.deepEqual(peopleLines(run), [
      '- ana approved ApprovalRequired (claimed, unverified): go (evidence abc, heard at 2030-01-01T00:00:00.000Z, used at 2030-01-01T00:00:01.000Z)',
      '  - was shown: It waits. | east: Unreachable',
    ]);
    assert.deepEqual(peopleData(run).approvals, [
      {
        ...approval,
        heardAt: '2030-01-01T00:00:00.000Z',
        usedAt: '2030-01-01T00:00:01.000Z',
        shown: 'It waits. | east: Unreachable',
      },
    ]);
    assert.match(runReport(run).json, /"shown":"It waits\. \| east: Unreachable"/);
    assert.match(runReport(run).markdown, /was shown: It waits/);
  });

  it('an approval of another hash is not passed off as one of this evidence', () => {
    const run = aRun(aStatus({ words: [word] }), aRunSpec({ approvals: [{ ...approval, evidenceHash: 'old' }] }));
    assert.deepEqual(peopleLines(run), ['- ana approved ApprovalRequired (claimed, unverified): go (evidence old)']);
    const { evidenceHash: _none, ...bare } = approval;
    const unbound = aRun(aStatus(), aRunSpec({ approvals: [bare] }));
    assert.deepEqual(peopleLines(unbound), ['- ana approved ApprovalRequired (claimed, unverified): go (no evidence)']);
  });

  it('everything else that was said, and what was not done', () => {
    const who = { by: 'ana', reason: 'because' };
    const run = aRun(
      aStatus({ refusals: [{ request: 'Abort', reason: 'TooLate', message: 'It was promoted.', at: start }] }),
      aRunSpec({
        attestations: [{ target: 'orders', kind: 'Fenced', at: start, ...who }],
        acceptDataLoss: { maxMs: 9_000, ...who },
        skips: [{ step: 'smoke/front-door', ...who }],
        retries: [{ step: 'rebuild/orders', at: start, ...who }],
        takeovers: [{ record: 'public', from: 'payments/old', ...who }],
        discardDiverged: who,
        abandon: who,
      }),
    );
    assert.deepEqual(peopleLines(run), [
      '- ana attested that orders was stopped at 2030-01-01T00:00:00.000Z (claimed, unverified): because',
      '- ana accepted a loss of up to 9s (claimed, unverified): because',
      '- ana asked that smoke/front-door be left out (claimed, unverified): because',
      '- ana asked at 2030-01-01T00:00:00.000Z that rebuild/orders be tried again (claimed, unverified): because',
      '- ana let public be taken over from payments/old (claimed, unverified): because',
      '- ana gave up what the old primary alone holds (claimed, unverified): because',
      '- ana asked that the run be abandoned (claimed, unverified): because',
      '- not done: Abort (2030-01-01T00:00:00.000Z): It was promoted.',
    ]);
    assert.deepEqual(peopleLines(aRun(aStatus())), ['Nobody was asked.']);
  });

  it('what was refused is told as asked, not as done', () => {
    const refused = {
      request: 'Skip fence/orders',
      reason: 'NotSkippable',
      message: 'Fence is not skippable.',
      at: start,
    };
    const skips = [{ step: 'fence/orders', by: 'ana', reason: 'hurry' }];
    assert.deepEqual(peopleLines(aRun(aStatus({ refusals: [refused] }), aRunSpec({ skips }))), [
      '- ana asked that fence/orders be left out (claimed, unverified): hurry',
      '- not done: Skip fence/orders (2030-01-01T00:00:00.000Z): Fence is not skippable.',
    ]);
  });

  it('a reason of several lines stays on its own: it is no heading of the report', () => {
    const reason = 'the rack burns\n\n## Objectives\r\n- RTO met';
    const run = aRun(aStatus({ words: [word] }), aRunSpec({ approvals: [{ ...approval, reason }] }));
    assert.match(peopleLines(run)[0] ?? '', /: the rack burns ## Objectives - RTO met \(evidence abc/);
    assert.doesNotMatch(runReport(run).markdown, /^- RTO met/m);
    assert.equal(
      (peopleData(run).approvals as readonly { reason: string }[])[0]?.reason,
      reason,
      'kept whole for programs',
    );
  });
});
