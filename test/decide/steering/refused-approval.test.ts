import assert from 'node:assert/strict';
import type { Approval, HeardWord } from '../../../src/api/run.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { wordLastsMs } from '../../../src/decide/steering/words.ts';
import { ago, answer, answers as answersOf, aStandby, inWest, lost, now, seen } from '../support/facts.ts';
import { east } from '../support/plans.ts';
import { anApproval, anIntent, aSample, factsOf, outcome, type Case } from '../support/runs.ts';

const decided = (given: Case) => decideRun(factsOf(given)).status;
const answers = (given: Case): readonly string[] =>
  decided(given).refusals.map(({ request, reason, message }) => `${request}: ${reason}. ${message}`);

const begun = Object.fromEntries(['assess', 'positions'].map((id) => [id, outcome('Succeeded', { mode: 'Forced' })]));
const approved = { ...begun, approve: outcome('Succeeded') };
const other: Approval = { gate: 'ApprovalRequired', by: 'ana', reason: 'go', evidenceHash: 'of-another-run' };
const heard = ({ gate, evidenceHash = '' }: Approval, over: Partial<HeardWord> = {}): HeardWord => ({
  gate,
  evidenceHash,
  seenAt: ago(60_000).wall,
  ...over,
});

describe('an approval', () => {
  it('of what is no gate is refused, with the gates that there are', () => {
    const said = answers({ steps: begun, run: { approvals: [{ ...other, gate: 'approve' }] } }).join();
    assert.match(said, /^Approve approve: UnknownGate\. No gate of that name .* ApprovalRequired, Cooldown, /);
  });

  it('of what is answered otherwise says with what', () => {
    const steps = {
      ...approved,
      'fence/orders': {
        state: 'Waiting' as const,
        waitsFor: { reason: 'FenceNotProven', message: 'dark', evidence: [], next: 'kubectl patch' },
      },
    };
    const said = answers({ steps, run: { approvals: [{ ...other, gate: 'FenceNotProven' }] } }).join();
    assert.match(said, /^Approve FenceNotProven: UnknownGate\. .* type `next` of fence\/orders\.$/);
  });

  it('for other evidence than is asked for is told by the gate itself, whichever it is', () => {
    const required = decided({ steps: begun, run: { approvals: [other] } });
    assert.deepEqual(required.refusals, []);
    assert.match(
      required.steps.find(({ id }) => id === 'approve')?.waitsFor?.message ?? '',
      /The recorded approval was given for other evidence/,
    );
    const unread: Case = {
      steps: {
        ...approved,
        ...Object.fromEntries(
          ['preflight/orders', 'preflight/api', 'preflight/billing-worker', 'quiesce/billing-worker'].map((id) => [
            id,
            outcome('Succeeded', { replicas: 6 }),
          ]),
        ),
        'preflight/public': outcome('Overridden'),
        'fence/orders': outcome('Succeeded', { lsn: '0/5000' }),
      },
      observed: {
        databases: { [inWest('orders')]: seen(aStandby()) },
        records: { public: lost() },
        answers: { public: seen(answersOf([answer(east)], true)) },
      },
      status: { samples: [aSample('orders', -1_000, '0/5000')] },
      run: {
        acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' },
        approvals: [{ ...other, gate: 'EpochUnproven' }],
      },
    };
    const status = decided(unread);
    assert.deepEqual(status.refusals, []);
    const held = status.steps.find(({ id }) => id === 'promote/orders')?.waitsFor;
    assert.equal(held?.reason, 'EpochUnproven');
    assert.match(held.message, /The recorded approval was given for other evidence/);
  });

  it('of a gate that the run does not ask for is refused', () => {
    const late = { steps: approved, run: { approvals: [other] } };
    assert.match(answers(late).join(), /^Approve ApprovalRequired: GateNotAsked\. This Run does not ask for ApprovalR/);
  });

  it('before the mode is decided answers nothing that was asked', () => {
    const facts = factsOf({ run: { approvals: [other] } });
    const { mode: _none, steps, ...status } = facts.run.status;
    const undecided = { ...facts.run, status: { ...status, steps: steps.slice(0, 1) } };
    assert.deepEqual(
      decideRun({ ...facts, run: undecided }).status.refusals.map(({ reason }) => reason),
      ['GateNotAsked'],
    );
  });

  it('that comes when its gate was passed is not called used', () => {
    const right = anApproval('ApprovalRequired');
    const status = decided({ steps: approved, run: { approvals: [right] } });
    assert.equal(status.words[0]?.usedAt, undefined);
    assert.deepEqual(
      status.refusals.map(({ reason }) => reason),
      ['GateNotAsked'],
    );
  });

  it('to a run that is being taken back is refused', () => {
    const abort = { at: ago(1_000).wall, reason: 'Requested', message: 'A person asked for it.' };
    const right = anApproval('ApprovalRequired');
    const steps = { ...begun, 'pre-scale/api': { intent: anIntent() } };
    const late = { steps, status: { abort }, run: { approvals: [right] } };
    assert.match(answers(late).join(), /^Approve ApprovalRequired: GateNotAsked\./);
    assert.deepEqual(answers({ ...late, status: { abort, words: [heard(right)] } }), []);
  });
});

describe('an approval that was right when it was given', () => {
  const right = anApproval('ApprovalRequired');

  it('is not refused while it counts', () => {
    assert.deepEqual(answers({ run: { approvals: [right] } }), []);
    assert.deepEqual(answers({ steps: begun, run: { approvals: [right] } }), []);
  });

  it('is not refused once it was used, whatever its evidence would be now', () => {
    const words = [heard(other, { usedAt: ago(50_000).wall })];
    assert.deepEqual(answers({ steps: approved, status: { words }, run: { approvals: [other] } }), []);
  });

  it('is not refused because the gate has opened by itself, or asks nothing just now', () => {
    const words = [heard({ ...other, gate: 'Cooldown' }, { shown: 'The last failover is less than …' })];
    const approvals = [{ ...other, gate: 'Cooldown' }];
    assert.deepEqual(answers({ steps: begun, status: { words }, run: { approvals } }), []);
    assert.deepEqual(answers({ steps: approved, status: { words }, run: { approvals } }), []);
  });

  it('and is asked for anew after its time is told by the gate', () => {
    const words = [heard(right, { seenAt: ago(wordLastsMs).wall, shown: 'It waits for a person.' })];
    const status = decided({ steps: begun, status: { words }, run: { approvals: [right] } });
    assert.deepEqual(status.refusals, []);
    assert.match(status.steps.find(({ id }) => id === 'approve')?.waitsFor?.message ?? '', /for other evidence/);
  });

  it('makes good a wrong one of the same gate', () => {
    const steps = { ...begun };
    const both = decided({ steps, run: { approvals: [other, right] } });
    assert.equal(both.steps.find(({ id }) => id === 'approve')?.outcome?.state, 'Succeeded');
    assert.deepEqual(both.refusals, []);
  });
});

describe('refusals', () => {
  it('say the same thing once, and keep its time', () => {
    const approvals = [other, { ...other, evidenceHash: 'and-yet-another' }];
    const [first, ...more] = decided({ steps: approved, run: { approvals } }).refusals;
    assert.ok(first !== undefined);
    assert.equal(first.at, now.wall);
    assert.deepEqual(more, []);
    const before = [{ ...first, at: ago(60_000).wall }];
    assert.deepEqual(decided({ steps: approved, status: { refusals: before }, run: { approvals } }).refusals, before);
  });
});
