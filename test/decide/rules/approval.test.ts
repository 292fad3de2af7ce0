import assert from 'node:assert/strict';
import type { Approval, Hold } from '../../../src/api/run.ts';
import { approval, cooldown, epochUnproven, operatorColocated } from '../../../src/decide/rules/approval.ts';
import type { Gate } from '../../../src/decide/rules/gate.ts';
import type { TrafficState } from '../../../src/drivers/traffic/driver.ts';
import { wordLastsMs } from '../../../src/decide/steering/words.ts';
import { ago, answer, answers, listed, lost, mine, now, seen } from '../support/facts.ts';
import { aRecord, aSpec, east, hour, stateless, west, withFailover } from '../support/plans.ts';
import { anApproval, ask, contextFor, graphOf, outcome, type Case } from '../support/runs.ts';

/** The words that a person types after reading a hold. */
function typed(hold: Hold | undefined, over: Partial<Approval> = {}): Approval {
  assert.ok(hold?.evidenceHash !== undefined, 'the gate is open');
  return { gate: hold.reason, by: 'ana', reason: 'go', evidenceHash: hold.evidenceHash, ...over };
}

function appliesTo(gate: Gate): string[] {
  return graphOf(aSpec(), 'Planned')
    .filter((step) => gate.applies({ ...step, state: 'Pending', since: 0 }))
    .map((step) => step.id);
}

describe('gate approval', () => {
  const rows = [
    ['Never', 'Planned', false],
    ['Never', 'Forced', false],
    ['Forced', 'Planned', false],
    ['Forced', 'Forced', true],
    ['Always', 'Planned', true],
    ['Always', 'Forced', true],
  ] as const;
  for (const [policy, mode, asks] of rows) {
    it(`under ${policy} ${asks ? 'asks for' : 'does not hold'} a run that is ${mode}`, () => {
      const held = ask(approval, 'approve', { spec: withFailover({ approval: policy }), mode });
      assert.equal(held?.reason, asks ? 'ApprovalRequired' : undefined);
    });
  }

  it('holds the approval step, and nothing else', () => {
    assert.deepEqual(appliesTo(approval), ['approve']);
    assert.equal(approval.before, 'Done');
  });

  it('is opened by what its hold says to type, and by nothing else', () => {
    const approvals = [typed(ask(approval, 'approve'))];
    assert.equal(ask(approval, 'approve', { run: { approvals } }), undefined);
    const others: Partial<Approval>[] = [{ gate: 'Cooldown' }, { evidenceHash: 'something-else' }];
    for (const other of others) {
      const given = { run: { approvals: approvals.map((one) => ({ ...one, ...other })) } };
      assert.equal(ask(approval, 'approve', given)?.reason, 'ApprovalRequired', JSON.stringify(other));
    }
    const { evidenceHash: _none, ...blank } = typed(ask(approval, 'approve'));
    assert.equal(
      ask(approval, 'approve', { run: { approvals: [blank] } })?.reason,
      'ApprovalRequired',
      'of no evidence',
    );
  });

  const elsewhere: Readonly<Record<string, Case>> = {
    'another run': { facts: { run: { ...contextFor().run, uid: 'other-uid' } } },
    'another epoch': { run: { epoch: 8 } },
    'another mode': { mode: 'Planned' },
    'another plan': { status: { snapshotHash: 'other-hash' } },
    'the other direction': { run: { targetRegion: east } },
  };
  for (const [name, shown] of Object.entries(elsewhere)) {
    it(`given for ${name} counts for nothing, and is said to`, () => {
      const stray = anApproval('ApprovalRequired', { spec: withFailover({ approval: 'Always' }), ...shown });
      const held = ask(approval, 'approve', { run: { approvals: [stray] } });
      assert.equal(held?.reason, 'ApprovalRequired');
      assert.match(held.message, /The recorded approval was given for other evidence\.$/);
    });
  }

  it('says what is to be approved, on which evidence, and what to type', () => {
    const steps = { assess: outcome('Succeeded', { mode: 'Forced' }) };
    const held = ask(approval, 'approve', { steps });
    assert.equal(held?.message, 'Forced failover of payments/checkout from us-east-1 to us-west-2 waits for a person.');
    assert.equal(held.evidence.length, 1);
    assert.match(
      held.next ?? '',
      /^kubectl patch drrun checkout-7 -n payments --type=merge -p '\{"spec":\{"approvals":\[/,
    );
    assert.ok(held.next?.includes(held.evidenceHash ?? 'none'));
  });

  it('has a command that keeps what was recorded before: a record cannot be taken back', () => {
    const recorded = [anApproval('Cooldown'), anApproval('ApprovalRequired', { run: { epoch: 8 } })];
    const next = ask(approval, 'approve', { run: { approvals: recorded } })?.next ?? '';
    const spec = JSON.parse(/'(.*)'$/.exec(next)?.[1] ?? '') as { spec: { approvals: readonly Approval[] } };
    assert.deepEqual(
      spec.spec.approvals.map((one) => one.gate),
      ['Cooldown', 'ApprovalRequired', 'ApprovalRequired'],
      'one for each gate and evidence, as the CRD wants it',
    );
  });
});

const go = { by: 'ana', reason: 'go' };
const heard = anApproval('ApprovalRequired');

/** What is recorded and counts for nothing: the run is as automatic as without it. */
const uncounted: Readonly<Record<string, Case>> = {
  'of no gate': { run: { approvals: [{ gate: 'Nonsense', evidenceHash: 'zz', ...go }] } },
  'of a gate that takes none': { run: { approvals: [anApproval('Paused')] } },
  'for other evidence': { run: { approvals: [{ gate: 'Cooldown', evidenceHash: 'zz', ...go }] } },
  'for another epoch': { run: { approvals: [anApproval('Cooldown', { run: { epoch: 6 } })] } },
  'one that nobody used in its time': {
    run: { approvals: [heard] },
    status: {
      words: [{ gate: heard.gate, evidenceHash: heard.evidenceHash ?? '', seenAt: ago(wordLastsMs).wall }],
    },
  },
};

describe('gate cooldown', () => {
  const last = (ms: number, more: Case = {}): Case => ({ ...more, facts: { lastFailoverAt: ago(ms).wall } });
  it('holds an automatic run until it has passed', () => {
    assert.equal(ask(cooldown, 'approve', last(hour - 1))?.reason, 'Cooldown');
    assert.equal(ask(cooldown, 'approve', last(hour)), undefined);
    assert.deepEqual(ask(cooldown, 'approve', last(hour - 1))?.evidence, [{ what: 'cooldown ends', at: now.wall + 1 }]);
  });
  it('holds nothing where there was no failover', () => {
    assert.equal(ask(cooldown, 'approve'), undefined);
  });
  it('holds no run that a person made, or put a word on', () => {
    assert.equal(ask(cooldown, 'approve', last(1, { run: { origin: 'Person' } })), undefined);
    assert.equal(ask(cooldown, 'approve', last(1, { run: { approvals: [anApproval('Cooldown')] } })), undefined);
  });
  for (const [name, given] of Object.entries(uncounted)) {
    it(`holds a run whose only word is ${name}`, () => {
      assert.equal(ask(cooldown, 'approve', last(1, given))?.reason, 'Cooldown');
    });
  }
  it('holds the approval step, and nothing else', () => {
    assert.deepEqual([appliesTo(cooldown), cooldown.before], [['approve'], 'Done']);
  });
});

describe('gate operator colocated', () => {
  const inRegion = (operatorRegion: string, more: Case = {}): Case => ({ ...more, facts: { operatorRegion } });
  it('holds an automatic run out of the region that the operator runs in', () => {
    const held = ask(operatorColocated, 'approve', inRegion(east));
    const what = `Region ${east} is inCluster: its cluster is the operator's own`;
    assert.equal(held?.reason, 'OperatorColocated');
    assert.deepEqual(held.evidence, [{ what, at: now.wall }]);
    assert.match(held.message, /The operator runs in us-east-1, the region it would leave/);
  });
  it('holds nothing where the operator runs in the target, elsewhere, or nobody knows', () => {
    assert.equal(ask(operatorColocated, 'approve', inRegion(west)), undefined);
    assert.equal(ask(operatorColocated, 'approve', inRegion('eu-west-1')), undefined);
    assert.equal(ask(operatorColocated, 'approve'), undefined);
  });
  it('holds no run that a person made, or put a word on', () => {
    assert.equal(ask(operatorColocated, 'approve', inRegion(east, { run: { origin: 'Person' } })), undefined);
    const approvals = [anApproval('OperatorColocated')];
    assert.equal(ask(operatorColocated, 'approve', inRegion(east, { run: { approvals } })), undefined);
  });
  for (const [name, given] of Object.entries(uncounted)) {
    it(`holds a run whose only word is ${name}`, () => {
      assert.equal(ask(operatorColocated, 'approve', inRegion(east, given))?.reason, 'OperatorColocated');
    });
  }
  it('holds the approval step, and nothing else', () => {
    assert.deepEqual([appliesTo(operatorColocated), operatorColocated.before], [['approve'], 'Done']);
  });
});

describe('gate epoch unproven', () => {
  const served = (ownership?: ReturnType<typeof mine>) => ({
    answers: { public: seen(answers([answer(east)], true, ownership)) },
  });
  const unread = { 'preflight/public': outcome('Overridden') };
  const heardOf = { what: 'served', at: now.wall, value: { servedEpoch: 6 } };
  const served6 = { outcome: { state: 'Overridden', at: now.wall, evidence: [heardOf] } } as const;
  const word = (gate: string): Case => ({ steps: unread, run: { approvals: [anApproval(gate, { steps: unread })] } });
  const rows: readonly (readonly [string, Case, string | undefined])[] = [
    ['nothing read yet', {}, 'Observing'],
    ['nothing read', { steps: unread }, 'EpochUnproven'],
    ['the control plane dark', { steps: unread, observed: { records: { public: lost() } } }, 'EpochUnproven'],
    ['the control plane read', { steps: unread, observed: { records: { public: seen(listed(east)) } } }, undefined],
    ['the control plane read first', { observed: { records: { public: seen(listed(east)) } } }, undefined],
    ['read by the preflight', { steps: { 'preflight/public': outcome('Succeeded') } }, undefined],
    ['the servers read by the preflight', { steps: { 'preflight/public': served6 } }, undefined],
    ['the servers` TXT read', { steps: unread, observed: served(mine(6, east)) }, undefined],
    ['servers without a TXT', { steps: unread, observed: served() }, 'EpochUnproven'],
    ['the servers dark', { steps: unread, observed: { answers: { public: lost() } } }, 'EpochUnproven'],
    ['a person`s word', word('EpochUnproven'), undefined],
    ['a word on another gate', word('ApprovalRequired'), 'EpochUnproven'],
    ['no record in the plan', { spec: aSpec({ traffic: [] }) }, undefined],
  ];
  for (const [name, given, held] of rows) {
    it(`with ${name} is ${held === undefined ? 'open' : `closed: ${held}`}`, () => {
      assert.equal(ask(epochUnproven, 'fence/orders', given)?.reason, held);
    });
  }

  const spec = aSpec({ traffic: [aRecord('public'), aRecord('partner')] });
  const neither = { 'preflight/public': outcome('Overridden'), 'preflight/partner': outcome('Overridden') };
  const partnerOnly = { ...neither, 'preflight/public': outcome('Succeeded') };

  it('needs every record', () => {
    const held = ask(epochUnproven, 'fence/orders', { spec, steps: partnerOnly });
    assert.match(held?.message ?? '', /^The epoch of partner\.example\.com could not be read/);
  });

  it('shows what each of the two that could tell it said, and when', () => {
    const records = { public: lost<TrafficState>('Timeout', ago(9_000)) };
    const served = { public: seen(answers([answer(east)], true), ago(2_000)) };
    const given = { steps: { 'preflight/public': outcome('Overridden') } };
    assert.deepEqual(
      ask(epochUnproven, 'fence/orders', { ...given, observed: { records, answers: served } })?.evidence,
      [
        { what: 'control plane of public.example.com: Timeout, the reason for Timeout', at: ago(9_000).wall },
        { what: 'no name server of public.example.com tells whose it is', at: ago(2_000).wall },
      ],
    );
    const [found] = given.steps['preflight/public'].outcome.evidence;
    assert.deepEqual(ask(epochUnproven, 'fence/orders', given)?.evidence, [found]);
  });

  it('is not opened for others by a word that was given for one record', () => {
    const run = { approvals: [typed(ask(epochUnproven, 'fence/orders', { spec, steps: partnerOnly }))] };
    assert.equal(ask(epochUnproven, 'fence/orders', { spec, steps: partnerOnly, run }), undefined);
    const held = ask(epochUnproven, 'fence/orders', { spec, steps: neither, run });
    assert.match(held?.message ?? '', /^The epoch of public\.example\.com, partner\.example\.com could not be read/);
    assert.match(held?.message ?? '', /The recorded approval was given for other evidence\.$/);
  });

  it('asks once: names all that the preflights did not read, though some are read meanwhile', () => {
    const partly = { spec, steps: neither, observed: { records: { public: seen(listed(east)) } } };
    const held = ask(epochUnproven, 'fence/orders', partly);
    assert.match(held?.message ?? '', /^The epoch of public\.example\.com, partner\.example\.com could not be read/);
    assert.equal(
      ask(epochUnproven, 'fence/orders', { spec, steps: neither, run: { approvals: [typed(held)] } }),
      undefined,
    );
  });

  it('asks nobody before the preflights have looked at every record', () => {
    const { 'preflight/public': _open, ...steps } = neither;
    const held = ask(epochUnproven, 'quiesce/billing-worker', { spec, steps });
    assert.equal(held?.reason, 'Observing');
    assert.equal(held.next, undefined);
  });

  it('holds what touches the source or the clients, and the promotion, which nothing takes back', () => {
    assert.deepEqual(appliesTo(epochUnproven), [
      'quiesce/billing-worker',
      'fence/orders',
      'promote/orders',
      'shift/public',
    ]);
    const given = { spec: stateless(), steps: unread };
    assert.equal(ask(epochUnproven, 'quiesce/billing-worker', given)?.reason, 'EpochUnproven');
  });
});
