import assert from 'node:assert/strict';
import { serveRoute53 } from '../../../../src/sandbox/wire/route53/index.ts';
import type { Route53Server } from '../../../../src/sandbox/wire/route53/index.ts';
import * as w from '../../../contract/route53-world.ts';

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=AKIAEAST/20261124/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
const RRSET = `/2013-04-01/hostedzone/${w.ZONE}/rrset`;
const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

describe("the sandbox's Route 53 on the wire", () => {
  let world: w.World;
  let server: Route53Server;
  beforeEach(async () => {
    world = w.shopWorld();
    server = await serveRoute53(world.model, { host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => server.close());

  const ask = async (
    path: string,
    {
      method = 'GET',
      body,
      authorization = AUTHORIZATION,
    }: { method?: string; body?: string; authorization?: string } = {},
  ): Promise<{ status: number; type: string | null; text: string }> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: authorization === '' ? {} : { authorization },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };
  const batch = (changes: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="${NAMESPACE}"><ChangeBatch><Changes>${changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
  const one = (extra: string): string =>
    batch(
      `<Change><Action>CREATE</Action><ResourceRecordSet><Name>x.example.com</Name><Type>A</Type>${extra}<TTL>30</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>`,
    );

  it('witnesses the access key and the scope’s region', async () => {
    assert.equal((await ask(RRSET)).status, 200);
    assert.deepEqual(
      world.audit.map(({ caller }) => caller),
      [{ region: 'us-east-1', accessKeyId: 'AKIAEAST' }],
    );
  });

  it('refuses who did not sign, or signed for something else', async () => {
    const scoped = (scope: string): string => AUTHORIZATION.replace('us-east-1/route53', scope);
    for (const [authorization, code] of [
      ['', 'MissingAuthenticationToken'],
      ['Bearer token', 'IncompleteSignature'],
      [scoped('us-west-2/route53'), 'SignatureDoesNotMatch'],
      [scoped('us-east-1/rds'), 'SignatureDoesNotMatch'],
    ] as const) {
      const { status, text } = await ask(RRSET, { authorization });
      assert.equal(status, 403);
      assert.match(
        text,
        new RegExp(`<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code>`),
      );
    }
    assert.equal(world.audit.length, 0);
  });

  it('refuses what it does not know loudly, and keeps a record of it', async () => {
    const unknown = [
      ['DELETE', `/2013-04-01/hostedzone/${w.ZONE}`],
      ['GET', '/2013-04-01/healthcheck/abc'],
      ['GET', `/2014-01-01/hostedzone/${w.ZONE}`],
      ['POST', '/'],
    ] as const;
    for (const [method, path] of unknown) {
      const { status, text } = await ask(path, { method });
      assert.equal(status, 501);
      assert.match(text, /<Message>the sandbox&#39;s Route 53 does not model (GET|POST|DELETE) /);
    }
    assert.equal((await ask(`${RRSET}?prefix=x`)).status, 501);
    assert.equal((await ask(RRSET, { method: 'POST', body: one('<GeoLocation/>') })).status, 501);
    assert.deepEqual(server.unknownRequests, [
      ...unknown.map(([method, path]) => `${method} ${path}`),
      'the query parameter prefix of ListResourceRecordSets',
      '<GeoLocation> in <ResourceRecordSet>',
    ]);
  });

  it('refuses documents that are not well-formed, or in no namespace', async () => {
    const good = one('');
    for (const body of [
      '',
      good.slice(0, -10),
      good.replace(NAMESPACE, 'urn:other'),
      good.replace('<TTL>30</TTL>', '<TTL>thirty</TTL>'),
      good.replace('<TTL>30</TTL>', '<TTL>30</TTL><TTL>31</TTL>'),
      good.replace('</Changes>', '</Change>'),
      `${good}<more/>`,
      good.replace('192.0.2.1', '&unknown;'),
    ]) {
      const { status, text } = await ask(RRSET, { method: 'POST', body });
      assert.equal(status, 400, body);
      assert.match(text, /<Code>MalformedInput<\/Code>/);
    }
    assert.equal((await ask(RRSET, { method: 'POST', body: good })).status, 200);
  });

  it('writes both shapes of an InvalidChangeBatch', async () => {
    const again = async (): Promise<string> => {
      const { status, text } = await ask(RRSET, { method: 'POST', body: one('') });
      assert.equal(status, 400);
      return text;
    };
    assert.equal((await ask(RRSET, { method: 'POST', body: one('') })).status, 200);
    const said =
      'Tried to create resource record set [name=&#39;x.example.com.&#39;, type=&#39;A&#39;] but it already exists';
    const typed = await again();
    assert.ok(typed.includes(`<Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>[${said}]</Message>`), typed);
    world.model.setBatchErrorShape('messages');
    const messages = await again();
    assert.ok(
      messages.includes(`<InvalidChangeBatch xmlns="${NAMESPACE}"><Messages><Message>${said}</Message></Messages>`),
      messages,
    );
  });

  it('closes with requests that never get their answer', async () => {
    world.model.faults.add({ kind: 'silent-before' });
    const hung = ask(RRSET).then(
      () => 'answered',
      () => 'broken',
    );
    while (world.model.faults.left() > 0) await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    assert.equal(await hung, 'broken');
    server = await serveRoute53(world.model, { host: '127.0.0.1', port: 0 });
  });
});
