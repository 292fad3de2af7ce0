import assert from 'node:assert/strict';
import { composeMessage, type Message } from '../../src/view/message.ts';
import { messageLines } from '../../src/view/message-text.ts';
import { start } from '../decide/support/facts.ts';
import { aPlan, aSpec, failover } from '../decide/support/plans.ts';
import { outcome } from '../decide/support/runs.ts';
import { aMessage, aPlanStatus, aRunOf, everyMessage, messageAt, next } from './support.ts';

const inWords = (message: Message): string =>
  messageLines(message)
    .map(({ text }) => text)
    .join('\n');

describe('a message', () => {
  it('says what is wrong, what to type, what is left, and what is at stake', () => {
    assert.equal(
      inWords(aMessage()),
      [
        'BLOCKED: failover of payments/checkout, us-east-1 -> us-west-2: ApprovalRequired',
        'Forced failover of payments/checkout from us-east-1 to us-west-2 waits for a person.',
        'Step approve Waiting since 2030-01-01 00:00:30 UTC (5s).',
        'Type:',
        next,
        'Mode Forced. RTO 10m, 9m25s left.',
        'Loss of orders (RPO 30s): not promoted',
        'Fence of orders in us-east-1: not fenced: not fenced yet',
        'Weaker than the safe defaults: orders: not fenced are postgres.',
        'Plan payments/checkout, active in us-east-1. Run checkout-7, epoch 7, Activation. 2030-01-01 00:00:35 UTC, to DR Lead (Ana).',
      ].join('\n'),
    );
  });

  it('says that the RTO is missed, and by how much; and what it took once it is known', () => {
    assert.match(inWords(messageAt(start + 630_000, aPlanStatus(), aRunOf())), /RTO 10m, MISSED by 30s\./);
    const { status, ...run } = aRunOf({});
    const sustained = { ...status, milestones: { declared: start, sustained: start + 95_000 } };
    const message = messageAt(start + 100_000, aPlanStatus(), { ...run, status: sustained });
    assert.match(inWords({ ...message }), /RTO 10m, took 1m35s\./);
    assert.equal(message.run?.rtoLeftMs, undefined);
  });

  it('says the loss with its grade, and whether the fence is proven', () => {
    const fences = (steps: NonNullable<Parameters<typeof aRunOf>[0]>['steps']): string | undefined => {
      const run = aRunOf({ steps: { ...steps } });
      const stopped = { ...run, status: { ...run.status, abort: { at: start, reason: 'Requested', message: 'm' } } };
      const view = messageAt(start + 1_000, aPlanStatus(), stopped).run?.fences[0];
      return `${view?.state ?? ''}: ${view?.words ?? ''}`;
    };
    assert.equal(fences({ 'fence/orders': outcome('Succeeded') }), 'Proven: seen');
    assert.equal(fences({ 'fence/orders': outcome('Overridden') }), 'NotProven: seen');
    const finished = { 'fence/orders': outcome('Overridden'), 'finish-fence/orders': outcome('Succeeded') };
    assert.equal(fences(finished), 'Proven: seen');
    assert.equal(fences({ 'fence/orders': { state: 'Undone' } }), 'TakenBack: the fence was taken back');
    const { status, ...run } = aRunOf({});
    const lost = { ...status, recovery: [{ database: 'orders', grade: 'Estimated', lossMs: 4_000 } as const] };
    const message = messageAt(start + 1_000, aPlanStatus(), { ...run, status: lost });
    assert.match(inWords(message), /Loss of orders \(RPO 30s\): Estimated, at least 4s, and open/);
    const left = { ...status, recovery: [{ database: 'orders', grade: 'Unknown', basis: 'NotPromoted' } as const] };
    const behind = messageAt(start + 1_000, aPlanStatus(), { ...run, status: left });
    assert.equal(behind.run?.losses[0]?.grade, 'NotYet', 'what was left behind was not promoted');
    assert.match(inWords(behind), /Loss of orders \(RPO 30s\): not promoted: a person left it behind/);
  });

  it('repeats what is weaker than the safe defaults, by the pinned plan', () => {
    const spec = aSpec({ failover: { ...failover, fencing: 'None', approval: 'Never' } });
    const message = messageAt(start + 1_000, aPlanStatus(), aRunOf({ spec }));
    assert.match(inWords(message), /Weaker than the safe defaults: fencing: None; approval: Never; orders: not fenced/);
  });

  it('says that the plan is in Observe', () => {
    const message = messageAt(start + 1_000, aPlanStatus(), aRunOf({ spec: aSpec({ enforcement: 'Observe' }) }));
    assert.match(inWords(message), /The plan is in Observe: nothing is changed\./);
  });

  it('tells of several steps in one', () => {
    const message = aMessage();
    const [stop] = message.stops;
    assert.ok(stop !== undefined);
    const more = Array.from({ length: 7 }, (_, index) => ({ ...stop, step: `fence/db-${String(index)}` }));
    const text = inWords({ ...message, stops: [stop, ...more] });
    assert.equal(text.match(/^Also fence/gm)?.length, 4);
    assert.match(text, /Also 3 more steps\./);
    assert.equal(text.split('kubectl patch').length, 2, 'one command: the first step’s');
  });

  it('has the same id whoever writes it, and another one for each contact, repeat and occurrence', () => {
    assert.equal(aMessage().id, aMessage().id);
    assert.match(aMessage().id, /^msg_[0-9a-f]{32}$/);
    const ids = everyMessage().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('that something is over says how things stand now', () => {
    const good = {
      type: 'RPOMet',
      status: 'True',
      reason: 'WithinObjective',
      message: 'Every standby is within 30 s.',
      lastTransitionAt: start,
      observedGeneration: 1,
    } as const;
    const due = {
      kind: 'PlanProblemOver',
      severity: 'Info',
      group: 'plan/RPOMet',
      keys: ['plan/RPOMet'],
      topics: [],
      began: start,
      count: 3,
      dueAt: start,
    } as const;
    const status = aPlanStatus({ conditions: [good] });
    const message = composeMessage({ now: start, plan: aPlan(), status, contact: { role: 'DR Lead' }, due });
    assert.equal(message.title, 'Over: payments/checkout: WithinObjective');
    assert.equal(message.what, 'RPOMet is over. Every standby is within 30 s.');
    assert.equal(message.repeat, 0);
  });
});
