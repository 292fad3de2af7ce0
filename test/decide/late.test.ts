import assert from 'node:assert/strict';
import { withWayOn } from '../../src/decide/late.ts';
import { wait } from '../../src/decide/judgement.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { mayPassReasons } from '../../src/decide/person-reasons.ts';
import { isForPerson } from '../../src/decide/awaits-person.ts';
import { pastNoReturn } from '../../src/decide/abort.ts';
import { hold } from '../../src/decide/context.ts';
import { databasesOpen } from '../../src/decide/rules/safety.ts';
import { skipRefused } from '../../src/decide/steering/skip.ts';
import { ago, answer, answers, aPrimary, inEast, inWest, lost, now, seen } from './support/facts.ts';
import { approved, fenced } from '../commands/printed.ts';
import { aDatabase, aSpec, east, west } from './support/plans.ts';
import { anIntent, contextFor, factsOf, graphOf, outcome, stepIn, type Case } from './support/runs.ts';

const late = { readyAt: ago(400_000).wall, deadline: now.wall };
const early = { readyAt: ago(1_000).wall, deadline: now.wall + 1 };
const promoted = { 'promote/orders': { ...outcome('Succeeded'), intent: anIntent() } };

function next(reason: string, id: string, given: Case = {}, when: object = late): string | undefined {
  const steps = { ...given.steps, [id]: { ...given.steps?.[id], ...when } };
  const ctx = contextFor({ ...given, steps });
  const judged = withWayOn(wait(hold(reason, 'It is not there.')), stepIn(ctx, id), ctx);
  return judged.kind === 'Done' ? 'Done' : judged.hold.next;
}

describe('what a person can type at a step that is late and may still pass by itself', () => {
  const skip = (step: string): string =>
    `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"skips":[{"step":"${step}","by":"YOUR-NAME","reason":"YOUR-REASON"}]}}'`;
  const abort = `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"desiredState":"Aborted"}}'`;
  const pods = 'kubectl --context us-west-2 -n payments get pods';
  const listing =
    'aws route53 list-resource-record-sets --hosted-zone-id Z123 --start-record-name public.example.com --max-items 10';
  const rows: readonly (readonly [reason: string, step: string, given: Case, wanted: string])[] = [
    ['DependencyRed', 'dependency/idp', {}, skip('dependency/idp')],
    ['SmokeRed', 'smoke/place-order', { steps: promoted }, skip('smoke/place-order')],
    ['SmokeRed', 'smoke/front-door', { steps: promoted }, skip('smoke/front-door')],
    ['SmokeRed', 'soak', { steps: promoted }, pods],
    ['TargetNotReady', 'preflight/api', {}, 'kubectl --context us-west-2 -n payments get deployments'],
    ['TargetNotReady', 'pre-scale/api', {}, pods],
    ['TargetNotReady', 'workload/api', { steps: promoted }, pods],
    ['TargetNotReady', 'preflight/orders', {}, abort],
    ['TargetNotReady', 'promote/orders', {}, abort],
    [
      'TargetNotReady',
      'promote/orders',
      { steps: { 'promote/orders': { intent: anIntent() } } },
      'pg_isready -h orders.usw2 -p 5432',
    ],
    ['Scaling', 'workload/api', { steps: promoted }, pods],
    ['Scaling', 'stand-down/api', { steps: promoted }, 'kubectl --context us-east-1 -n payments get pods'],
    ['Comparing', 'compare/orders', { steps: promoted }, 'pg_isready -h orders.use1 -p 5432'],
    ['DatabaseNotOpen', 'probe/orders', { steps: promoted }, 'pg_isready -h orders.usw2 -p 5432'],
    [
      'TrafficUnobserved',
      'observed/public',
      { steps: promoted, observed: { answers: { public: seen(answers([answer(west), answer(east)])) } } },
      'dig @ns2 public.example.com CNAME +norecurse +short',
    ],
    [
      'TrafficUnobserved',
      'observed/public',
      { steps: promoted, observed: { answers: { public: seen(answers([answer(west), answer(west)], false)) } } },
      listing,
    ],
    ['TargetNotReady', 'checkpoint/orders', { steps: promoted }, 'pg_isready -h orders.usw2 -p 5432'],
    ['TargetNotReady', 'open/orders', { steps: promoted }, 'pg_isready -h orders.usw2 -p 5432'],
    ['EvidenceStale', 'promote/orders', {}, abort],
    ['EvidenceStale', 'open/orders', { steps: promoted }, 'pg_isready -h orders.usw2 -p 5432'],
    ['EvidenceStale', 'shift/public', { steps: promoted }, 'pg_isready -h orders.usw2 -p 5432'],
    ['Shifting', 'shift/public', { steps: promoted }, listing],
    ['TrafficUnavailable', 'preflight/public', {}, abort],
    ['PlanUnread', 'fence/orders', {}, abort],
    ['Soaking', 'soak', { steps: promoted }, pods],
  ];
  for (const [reason, step, given, wanted] of rows) {
    it(`${reason} of ${step}${given.steps?.[step]?.intent === undefined ? '' : ', begun'}: ${wanted.slice(0, 60)}`, () => {
      assert.equal(next(reason, step, given), wanted);
      assert.equal(next(reason, step, given, early), undefined, 'in time nobody is asked');
      assert.equal(next(reason, step, given, { readyAt: ago(1).wall }), undefined, 'without a deadline neither');
    });
  }

  it('is to go on, where the run would turn back by itself and a person has paused it', () => {
    const resume = `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"desiredState":"Running"}}'`;
    const given: Case = { mode: 'Planned', run: { desiredState: 'Paused' } };
    assert.equal(next('PositionNotReached', 'position/orders', given), resume);
    assert.equal(next('PositionNotReached', 'position/orders', given, early), undefined);
    assert.equal(next('PositionNotReached', 'position/orders', { mode: 'Planned' }), undefined);
  });

  it('is nothing while it is looked: a look ends by itself, and may show that all is well', () => {
    for (const { id, kind } of graphOf(aSpec(), 'Planned')) {
      const flaps = kind === 'Dependency' || kind === 'Smoke';
      assert.equal(next('Observing', id, { mode: 'Planned' }), flaps ? skip(id) : undefined, id);
    }
    const { status } = decideRun(factsOf({ steps: { ...approved, 'fence/orders': late } }));
    const fence = status.steps.find((step) => step.id === 'fence/orders');
    assert.deepEqual(
      [fence?.state, fence?.waitsFor?.reason, fence?.waitsFor?.next],
      ['Running', 'Observing', undefined],
    );
  });

  it('is there of every step that has a deadline, whatever else it waits for', () => {
    const answered = { answers: { public: seen(answers([answer(west), answer(east)])) } };
    for (const step of graphOf(aSpec(), 'Planned').filter((one) => one.deadlineMs !== undefined)) {
      // At this one the run turns back by itself.
      if (step.kind === 'Position') continue;
      const before = step.phase === 'Activation' || ['Quiesce', 'Fence'].includes(step.kind);
      const given: Case = { mode: 'Planned', steps: before ? {} : promoted, observed: answered };
      for (const reason of [...mayPassReasons, 'TrafficUnavailable']) {
        // What is not asked yet is known in a moment, and of an outage the shift's own rule gives the batch.
        const itself: boolean =
          step.kind === 'Shift' && !['Shifting', 'EvidenceStale', 'DatabaseNotOpen'].includes(reason);
        const said: string | undefined = next(reason, step.id, given);
        assert.equal(said === undefined, itself, `${reason} of ${step.id}`);
      }
    }
  });

  it('shows of several databases the one that keeps the traffic waiting', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const given = (known: string, silent: string): Case => ({
      spec,
      steps: { ...promoted, 'promote/ledger': promoted['promote/orders'] },
      observed: { databases: { [inWest(known)]: seen(aPrimary()), [inWest(silent)]: lost() } },
    });
    assert.equal(next('EvidenceStale', 'shift/public', given('orders', 'ledger')), 'pg_isready -h ledger.usw2 -p 5432');
    assert.equal(next('EvidenceStale', 'shift/public', given('ledger', 'orders')), 'pg_isready -h orders.usw2 -p 5432');
  });

  it('asks the server that the gate names, not the one that was looked at longest ago', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const opened = { ...outcome('Succeeded'), intent: anIntent() };
    const databases = {
      [inWest('ledger')]: seen(aPrimary({ enabledRoles: [] })),
      [inWest('orders')]: seen(aPrimary(), ago(1_000)),
    };
    const given = {
      spec,
      steps: { ...promoted, 'open/orders': opened, 'open/ledger': opened },
      observed: { databases },
    };
    const ctx = contextFor({ ...given, steps: { ...given.steps, 'shift/public': late } });
    assert.match(databasesOpen.check(stepIn(ctx, 'shift/public'), ctx)?.message ?? '', /ledger/);
    assert.equal(next('DatabaseNotOpen', 'shift/public', given), 'pg_isready -h ledger.usw2 -p 5432');
  });

  it('is said by a gate as by a rule', () => {
    const given: Case = {
      steps: { ...fenced, 'promote/orders': late },
      observed: { databases: { [inWest('orders')]: lost() } },
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    };
    const step = decideRun(factsOf(given)).status.steps.find(({ id }) => id === 'promote/orders');
    assert.equal(step?.waitsFor?.next, abort, JSON.stringify(step?.waitsFor));
  });

  it('is nothing that would be refused, whatever the step and however far the run is', () => {
    const graph = graphOf(aSpec(), 'Planned');
    for (const steps of [{}, promoted]) {
      for (const { id } of graph) {
        const given: Case = { mode: 'Planned', steps };
        const ctx = contextFor(given);
        for (const reason of mayPassReasons) {
          const said = next(reason, id, given) ?? '';
          if (said.includes('"Aborted"')) assert.equal(pastNoReturn(ctx.status), false, id);
          if (said.includes('"skips"')) assert.equal(skipRefused(stepIn(ctx, id), ctx), undefined, id);
        }
      }
    }
  });

  it('leaves other reasons, and what a rule has said itself, as they are', () => {
    assert.equal(next('RebuildFailed', 'rebuild/orders'), undefined);
    const ctx = contextFor({ steps: { 'smoke/place-order': late } });
    const judged = withWayOn(wait(hold('SmokeRed', 'Red.', [], 'type this')), stepIn(ctx, 'smoke/place-order'), ctx);
    assert.equal(judged.kind === 'Wait' ? judged.hold.next : '', 'type this');
  });

  it('is late, and no question to a person: an alert on the one does not become the other', () => {
    for (const reason of mayPassReasons) assert.equal(isForPerson(hold(reason, 'Late.', [], 'type this')), false);
    assert.equal(isForPerson(hold('FenceNotProven', 'Attest.', [], 'type this')), true);
  });

  it('is in the status beside the state, the deadline and the evidence', () => {
    const given: Case = {
      steps: {
        assess: outcome('Succeeded', { mode: 'Forced' }),
        'preflight/orders': late,
      },
      observed: { databases: { [inWest('orders')]: lost(), [inEast('orders')]: seen(aPrimary()) } },
    };
    const step = decideRun(factsOf(given)).status.steps.find(({ id }) => id === 'preflight/orders');
    assert.equal(step?.state, 'Blocked');
    assert.equal(step.waitsFor?.reason, 'TargetNotReady');
    assert.equal(step.waitsFor.next, abort);
    assert.equal(step.waitsFor.evidence[0]?.at, now.wall);
  });
});
