import assert from 'node:assert/strict';
import { slackBody } from '../../../../src/drivers/notifiers/slack/payload.ts';
import { createSlackReceiver } from '../../../../src/sandbox/models/receivers/index.ts';
import { bench, hostTime, notifierSuite, PATH, type NotifierCase } from '../../../contract/notifier-suite.ts';
import { overHttps, overModel } from '../../../contract/notifier-world.ts';
import { aMessage, next } from '../../../view/support.ts';

const slack: NotifierCase = {
  kind: 'slack',
  channel: { kind: 'slack', secretRef: { name: 'dr-hook', key: 'url' } },
  secret: {},
  receiver: () => createSlackReceiver({ time: hostTime, path: PATH }),
};

notifierSuite(overModel, slack);
notifierSuite(overHttps, slack);

function textOf(body: string): string {
  const payload = JSON.parse(body) as { readonly text: string };
  return payload.text;
}

describe('notifiers by slack', () => {
  const b = bench(overModel, slack);

  it('the word of Slack’s refusal is told, and no other word of an answer', async () => {
    b.secret.url = `${b.front.origin}/services/another`;
    assert.deepEqual(await b.send(), { kind: 'Refused', why: 'HTTP 404: no_service' });
  });

  it('the Secret may hold the URL under another key', async () => {
    const { url = '' } = b.secret;
    b.secret.elsewhere = url;
    b.secret.url = '';
    const channel = { kind: 'slack', secretRef: { name: 'dr-hook', key: 'elsewhere' } } as const;
    const delivery = await b.notifier().send('payments', channel, aMessage(), new AbortController().signal);
    assert.deepEqual(delivery, { kind: 'Delivered' });
  });

  it('the command stands alone in a block of code, as it has to be typed', () => {
    const lines = textOf(slackBody(aMessage())).split('\n');
    assert.ok(lines.includes(`\`\`\`${next}\`\`\``), lines.join('\n'));
    assert.match(
      lines[0] ?? '',
      /^\*BLOCKED: failover of payments\/checkout, us-east-1 -&gt; us-west-2: ApprovalRequired\*$/,
    );
  });

  it('nothing in it mentions a channel or leads somewhere', () => {
    const text = textOf(slackBody({ ...aMessage(), what: '<!channel> & <https://evil.example.com|click>' }));
    assert.ok(text.includes('&lt;!channel&gt; &amp; &lt;https://evil.example.com|click&gt;'));
    assert.doesNotMatch(text, /[<>]/);
  });

  it('what is too long is left out by whole lines, and a command is whole or not there', () => {
    const message = aMessage();
    const [stop] = message.stops;
    assert.ok(stop !== undefined);
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...stop,
      step: `step-${String(index)}`,
      what: 'x'.repeat(900),
    }));
    const long = textOf(slackBody({ ...message, stops: many }));
    assert.ok(long.length <= 3_510, String(long.length));
    assert.equal(long.split('```').length, 3, 'one whole block');
    const endless = textOf(slackBody({ ...message, stops: [{ ...stop, next: `kubectl ${'x'.repeat(4_000)}` }] }));
    assert.ok(!endless.includes('```'));
    assert.match(endless, /too long for this channel/);
  });
});
