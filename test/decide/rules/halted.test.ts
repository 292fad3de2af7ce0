import assert from 'node:assert/strict';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { halted, haltedBeforeFence } from '../../../src/decide/rules/approval.ts';
import { ago, aPrimary, aStandby, inEast, inWest, listed, lost, now, scaled, seen } from '../support/facts.ts';
import { east, minute, stateless, withFailover } from '../support/plans.ts';
import { anApproval, anIntent, aSample, ask, factsOf, outcome, type Case } from '../support/runs.ts';

const halt = { by: 'ana', reason: 'game day', uid: 'halt-uid', since: ago(60_000).wall };
const facts = { halt };

const begun = Object.fromEntries(
  ['assess', 'positions', 'approve'].map((id) => [id, outcome('Succeeded', { mode: 'Forced' })]),
);
const ready = {
  ...begun,
  ...Object.fromEntries(
    ['preflight/orders', 'preflight/api', 'preflight/billing-worker', 'preflight/public'].map((id) => [
      id,
      outcome('Succeeded', { replicas: 6 }),
    ]),
  ),
};
const observed = {
  databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) },
  workloads: {
    [inWest('api')]: seen(scaled(1)),
    [inEast('api')]: seen(scaled(6)),
    [inWest('billing-worker')]: seen(scaled(0)),
    [inEast('billing-worker')]: seen(scaled(2)),
  },
  records: { public: seen(listed(east)) },
};
const quiesced = { ...ready, 'quiesce/billing-worker': outcome('Succeeded') };
/** Forced, and nobody is asked: all that holds such a run is the halt. */
const unasked = withFailover({ approval: 'Never' });

/** An attempt whose outcome nobody knows any more, and which cannot arrive now. */
const sent = anIntent({
  holder: 'operator-0',
  at: ago(minute).wall,
  firstAt: ago(minute).wall,
  notAfter: ago(minute / 2).wall,
});

const effectsOf = (given: Case): string[] =>
  decideRun(factsOf({ spec: unasked, observed, ...given })).effects.map(({ stepId }) => stepId);
const stepAfter = (id: string, given: Case) =>
  decideRun(factsOf({ spec: unasked, observed, facts, ...given })).status.steps.find((step) => step.id === id);

describe('the evidence of a halt', () => {
  it('is the ConfigMap, and since when it is there', () => {
    assert.deepEqual(ask(halted, 'approve', { facts })?.evidence, [
      { what: 'ConfigMap maestro-dr-halt of ana is there, made then', at: ago(60_000).wall },
    ]);
  });
});

describe('gate halted', () => {
  it('holds an automatic run, and names who halted it and why', () => {
    const held = ask(halted, 'approve', { facts });
    assert.equal(held?.reason, 'Halted');
    assert.match(held.message, /halted by ana: game day/);
    assert.match(held.next ?? '', /"gate":"Halted"/);
  });

  it('does not hold a run that a person made or approved, nor any where there is none', () => {
    assert.equal(ask(halted, 'approve', { facts, run: { origin: 'Person' } }), undefined);
    assert.equal(ask(halted, 'approve', { facts, run: { approvals: [anApproval('Halted', { facts })] } }), undefined);
    assert.equal(ask(halted, 'approve', { facts, run: { approvals: [anApproval('ApprovalRequired')] } }), undefined);
    assert.equal(ask(halted, 'approve'), undefined);
  });

  const others: Readonly<Record<string, Case>> = {
    'no halt': {},
    'a halt of somebody else': { facts: { halt: { ...halt, by: 'bob' } } },
    'a halt for another reason': { facts: { halt: { ...halt, reason: 'an intrusion' } } },
    'an earlier halt in the same words': { facts: { halt: { ...halt, uid: 'other-uid' } } },
  };
  for (const [name, given] of Object.entries(others)) {
    it(`is not opened by a word that was given under ${name}, and says so`, () => {
      const held = ask(halted, 'approve', { facts, run: { approvals: [anApproval('Halted', given)] } });
      assert.equal(held?.reason, 'Halted');
      assert.match(held.message, /The recorded approval was given for other evidence\.$/);
    });
  }
});

describe('gate halted, once the run was approved', () => {
  it('lets nothing begin while no fence is intended', () => {
    assert.deepEqual(effectsOf({ steps: ready }), ['pre-scale/api', 'quiesce/billing-worker']);
    assert.deepEqual(effectsOf({ steps: ready, facts }), []);
    assert.deepEqual(effectsOf({ steps: quiesced }), ['pre-scale/api', 'fence/orders']);
    assert.deepEqual(effectsOf({ steps: quiesced, facts }), []);
    const fence = stepAfter('fence/orders', { steps: quiesced });
    assert.deepEqual([fence?.state, fence?.waitsFor?.reason, fence?.intent], ['Waiting', 'Halted', undefined]);
  });

  it('sends nothing again, either, of what was begun before it', () => {
    const steps = { ...ready, 'quiesce/billing-worker': { intent: sent } };
    assert.deepEqual(effectsOf({ steps }), ['pre-scale/api', 'quiesce/billing-worker']);
    assert.deepEqual(effectsOf({ steps, facts }), []);
  });

  it('lets a run go on that a person made, or put a word on that counts', () => {
    for (const run of [
      { origin: 'Person' },
      { approvals: [anApproval('Halted', { spec: unasked, facts })] },
    ] as const) {
      assert.deepEqual(effectsOf({ steps: quiesced, facts, run }), ['pre-scale/api', 'fence/orders']);
    }
  });

  it('lets a run be finished that has intended a fence', () => {
    const steps = { ...quiesced, 'fence/orders': { intent: sent } };
    assert.deepEqual(effectsOf({ steps, facts }), ['pre-scale/api', 'fence/orders']);
  });

  const overridden: Case = {
    spec: withFailover({ approval: 'Never', fencing: 'BestEffort' }),
    steps: { ...quiesced, 'pre-scale/api': outcome('Succeeded'), 'fence/orders': outcome('Overridden') },
    observed: { ...observed, databases: { [inEast('orders')]: lost(), [inWest('orders')]: seen(aStandby()) } },
    status: { samples: [aSample('orders', -1_000, '0/4000')] },
    run: { acceptDataLoss: { maxMs: 60 * minute, by: 'ana', reason: 'go' } },
  };
  it('holds the promotion, too, where the fence was overridden without one having been intended', () => {
    assert.deepEqual(effectsOf(overridden), ['promote/orders']);
    assert.deepEqual(effectsOf({ ...overridden, facts }), []);
    const begunIt = { ...overridden.steps, 'promote/orders': { intent: sent } };
    assert.deepEqual(effectsOf({ ...overridden, steps: begunIt, facts }), ['promote/orders']);
  });

  it('takes the quiesce for the fence in a plan without databases', () => {
    const spec = withFailover({ approval: 'Never' }, stateless());
    const { 'preflight/orders': _none, ...steps } = ready;
    assert.deepEqual(effectsOf({ spec, steps, facts }), []);
    const stopping = { ...steps, 'quiesce/billing-worker': { intent: sent } };
    assert.deepEqual(effectsOf({ spec, steps: stopping, facts }), ['pre-scale/api', 'quiesce/billing-worker']);
  });

  it('does not let a time run out for what it holds: a quiesce would be left out that was never tried', () => {
    const late = { readyAt: ago(3 * minute).wall, deadline: ago(2 * minute).wall };
    const held = stepAfter('quiesce/billing-worker', { steps: ready });
    assert.deepEqual([held?.waitsFor?.reason, held?.readyAt, held?.deadline], ['Halted', undefined, undefined]);
    const tried = stepAfter('quiesce/billing-worker', {
      steps: { ...ready, 'quiesce/billing-worker': { ...late, intent: sent } },
    });
    assert.equal(tried?.outcome?.state, 'Overridden', 'what was tried has had its time');
  });

  it('nor does a pause', () => {
    const given = { spec: unasked, observed, steps: ready, run: { desiredState: 'Paused' } } as const;
    const paused = decideRun(factsOf(given)).status.steps;
    const held = paused.find(({ id }) => id === 'quiesce/billing-worker');
    assert.deepEqual([held?.waitsFor?.reason, held?.readyAt, held?.deadline], ['Paused', undefined, undefined]);
  });

  it('holds no abort', () => {
    const steps = { ...ready, 'quiesce/billing-worker': { intent: { ...sent, found: 2 } } };
    const stopped = { ...observed.workloads, [inEast('billing-worker')]: seen(scaled(0)) };
    const run = { desiredState: 'Aborted' } as const;
    assert.deepEqual(effectsOf({ steps, facts, run, observed: { ...observed, workloads: stopped } }), [
      'quiesce/billing-worker',
    ]);
  });

  it('marks its word as used by what begins on it', () => {
    const run = { approvals: [anApproval('Halted', { spec: unasked, facts })] };
    const used = (given: Case): number | undefined =>
      decideRun(factsOf({ spec: unasked, observed, facts, run, ...given })).status.words[0]?.usedAt;
    assert.equal(used({ steps: quiesced }), now.wall);
    const waiting = { ...observed, databases: { [inWest('orders')]: seen(aStandby()) }, workloads: {} };
    assert.equal(used({ steps: { ...quiesced, 'pre-scale/api': outcome('Succeeded') }, observed: waiting }), undefined);
    assert.equal(ask(haltedBeforeFence, 'fence/orders', { spec: unasked, steps: quiesced, facts, run }), undefined);
  });
});
