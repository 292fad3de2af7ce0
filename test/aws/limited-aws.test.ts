import assert from 'node:assert/strict';
import { limitAws } from '../../src/aws/limited-aws.ts';
import type { Aws } from '../../src/ports/aws.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';

const forever = new AbortController().signal;

function limited(tookMs = 0) {
  const time = createVirtualTime();
  const clock = time.machine();
  const sent: string[] = [];
  let underWay = 0;
  let most = 0;
  const aws: Aws = {
    send: async ({ input }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      sent.push(`${String(input['name'])}@${String(time.now())}`);
      await clock.sleep(tookMs);
      underWay -= 1;
      if (input['fails'] === true) throw new Error('refused');
      return {};
    },
  };
  const paced = limitAws(aws, clock, { callMs: 5_000, pace: { ratePerSecond: 4, burst: 2 } });
  const list = async (name: string, signal = forever): Promise<unknown> =>
    paced.send({ service: 'route53', operation: 'ListResourceRecordSets', input: { name }, region: 'r' }, signal);
  const change = async (name: string, zone: string, more: object = {}, signal = forever): Promise<unknown> => {
    const input = { name, HostedZoneId: zone, ...more };
    return paced.send({ service: 'route53', operation: 'ChangeResourceRecordSets', input, region: 'r' }, signal);
  };
  return { time, sent, list, change, paced, most: () => most };
}

describe('the request budget of an AWS account', () => {
  it('lets a burst through, then one request for each token', async () => {
    const { time, sent, list } = limited();
    await time.settle(Promise.all(['a', 'b', 'c', 'd'].map(async (name) => list(name))));
    assert.deepEqual(sent, ['a@0', 'b@0', 'c@250', 'd@500']);
  });

  it('a change goes before reads that came earlier', async () => {
    const { time, sent, list, change } = limited();
    const reads = ['a', 'b', 'c', 'd'].map(async (name) => list(name));
    await time.settle(Promise.all([...reads, change('shift', 'Z1')]));
    assert.deepEqual(sent, ['a@0', 'b@0', 'shift@250', 'c@500', 'd@750']);
  });

  it('changes of one zone go one after the other, those of two side by side; a failure holds up nobody', async () => {
    const { time, sent, change, most } = limited(1000);
    const failed = assert.rejects(change('one', 'Z1', { fails: true }), /refused/);
    await time.settle(Promise.all([failed, change('two', 'Z1'), change('other', 'Z2')]));
    assert.deepEqual(sent, ['one@0', 'other@0', 'two@1000']);
    assert.equal(most(), 2);
  });

  it('who gives up is not sent, and says that nothing happened', async () => {
    const { time, sent, list, change } = limited(1000);
    const impatient = new AbortController();
    const unsent = { name: 'AwsError', code: 'Timeout', ambiguous: false };
    const first = change('one', 'Z1');
    await time.advance(0);
    const waiting = [
      assert.rejects(change('two', 'Z1', {}, impatient.signal), unsent),
      list('a'),
      assert.rejects(list('b', impatient.signal), unsent),
      list('c'),
    ];
    await time.advance(100);
    impatient.abort();
    await time.settle(Promise.all([first, ...waiting]));
    assert.deepEqual(
      sent.map((line) => line.split('@')[0]),
      ['one', 'a', 'c'],
    );
    await assert.rejects(list('late', impatient.signal), unsent);
  });

  it('the wait for a turn is not counted as silence; silence is', async () => {
    const { time, sent, list } = limited(4_999);
    const many = Array.from({ length: 40 }, async (_none, index) => list(String(index)));
    await time.settle(Promise.all(many));
    assert.equal(sent.at(-1), '39@9500');
    const hung = limited(5_001);
    await hung.time.settle(assert.rejects(hung.list('a'), { name: 'PortError', why: 'Timeout' }));
  });

  it('other services have budgets of their own', async () => {
    const { sent, paced } = limited();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const asked = names.map(async (name) =>
      paced.send({ service: 'sts', operation: 'GetCallerIdentity', input: { name }, region: 'r' }, forever),
    );
    assert.deepEqual(
      sent,
      names.map((name) => `${name}@0`),
    );
    assert.equal(asked.length, 5);
  });
});
