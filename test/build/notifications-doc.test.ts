import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { createRequire } from 'node:module';
import { slackBody } from '../../src/drivers/notifiers/slack/payload.ts';
import { webhookBody } from '../../src/drivers/notifiers/webhook/payload.ts';
import { signedHeaders, signingKey } from '../../src/drivers/notifiers/webhook/signature.ts';
import { aMessage } from '../view/support.ts';

const page = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8');

function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text ?? '');
}

type Verify = (
  secret: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  had: Set<string>,
  nowMs: number,
) => string;

const body = webhookBody(aMessage());
const now = Date.UTC(2030, 0, 1, 0, 0, 35);
const secrets = ['a key that is at least 24 bytes long', `whsec_${Buffer.alloc(32, 7).toString('base64')}`];

/** The cases that a receiver must tell apart, for whichever code it verifies by. */
function holds(verify: Verify): void {
  for (const secret of secrets) {
    const key = signingKey(secret);
    assert.ok(key !== undefined);
    const headers = signedHeaders(key, 'msg_1', now, body);
    const had = new Set<string>();
    assert.equal(verify(secret, headers, body, had, now), 'Take');
    assert.equal(verify(secret, headers, body, had, now), 'Had');
    const fresh = (): Set<string> => new Set();
    assert.equal(verify(secret, headers, body, fresh(), now + 301_000), 'Refuse', 'a recording');
    assert.equal(verify(secret, headers, `${body} `, fresh(), now), 'Refuse', 'another body');
    assert.equal(
      verify(`${secret}x`.replace('whsec_B', 'whsec_C'), headers, body, fresh(), now),
      'Refuse',
      'another key',
    );
    const later = { ...headers, 'webhook-timestamp': String(now / 1000 + 10) };
    assert.equal(verify(secret, later, body, fresh(), now), 'Refuse', 'another time');
    assert.equal(verify(secret, { ...headers, 'webhook-id': 'msg_2' }, body, fresh(), now), 'Refuse', 'another id');
    assert.equal(verify(secret, {}, body, fresh(), now), 'Refuse', 'no signature');
    const rotated = { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature'] ?? ''}` };
    assert.equal(verify(secret, rotated, body, fresh(), now), 'Take', 'one of several');
  }
}

const callOfPython = `import sys, json
d = json.load(sys.stdin)
print(verify(d["secret"], d["headers"], d["text"].encode(), set(d["had"]), d["now"]))`;

function hasPython(): boolean {
  const probe = 'import sys; sys.exit(sys.version_info < (3, 10))';
  return spawnSync('python3', ['-c', probe], { stdio: 'ignore' }).status === 0;
}

describe('docs/notifications.md', () => {
  it('verifies as it says, in JavaScript', () => {
    const [code = ''] = blocks('js');
    const module: { exports: { verify?: Verify } } = { exports: {} };
    runInNewContext(code, { module, require: createRequire(import.meta.url), Buffer });
    const { verify } = module.exports;
    assert.ok(verify !== undefined);
    holds(verify);
  });

  // Listed only where it can run: Node is all that the tests may ask for.
  if (hasPython()) {
    it('verifies as it says, in Python', () => {
      const [code = ''] = blocks('python');
      holds((secret, headers, text, had, nowMs) => {
        const input = JSON.stringify({ secret, headers, text, had: [...had], now: nowMs / 1000 });
        const said = execFileSync('python3', ['-c', `${code}\n${callOfPython}`], { input, encoding: 'utf8' }).trim();
        if (said === 'Take') had.add(headers['webhook-id'] ?? '');
        return said;
      });
    });
  }

  it('shows the bodies as they are', () => {
    const [slack = '', webhook = ''] = blocks('json').map((text) => JSON.parse(text) as unknown);
    assert.deepEqual(slack, JSON.parse(slackBody(aMessage())));
    const { id, text, plan, ...rest } = JSON.parse(body) as { readonly plan: object; readonly [key: string]: unknown };
    const {
      id: shownId,
      text: shownText,
      plan: shownPlan,
      ...shown
    } = webhook as typeof rest & { readonly plan: object };
    assert.deepEqual(shown, rest);
    assert.deepEqual(shownPlan, { ...plan, wanted: 'us-west-2' });
    assert.match(String(id), /^msg_[0-9a-f]{32}$/);
    assert.match(String(shownId), /^msg_[0-9a-f]{32}$/);
    assert.ok(String(text).startsWith('BLOCKED: ') && String(shownText).startsWith('BLOCKED: '));
  });
});
