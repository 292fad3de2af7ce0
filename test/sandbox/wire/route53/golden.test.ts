import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readRequest } from '../../../../src/sandbox/wire/route53/request.ts';
import { createAws } from '../../../../src/system/aws.ts';
import { AwsError } from '../../../../src/ports/aws.ts';
import * as w from '../../../contract/route53-world.ts';

const RECORDS_ANEW = process.env.UPDATE_GOLDEN === '1';
const AliasTarget = { HostedZoneId: '/hostedzone/Z0LB', DNSName: 'lb-use1.elb.example.', EvaluateTargetHealth: false };

const REQUESTS: Readonly<Record<string, Record<string, unknown>>> = {
  ChangeResourceRecordSets: {
    HostedZoneId: `/hostedzone/${w.ZONE}`,
    ChangeBatch: {
      Comment: 'checkout-2 <epoch 2> & "more"',
      Changes: [
        ...w.SHIFT,
        w.create(w.weighted('shop.example.com.', 'west', 0, 'lb-usw2.example.com')),
        w.create({ Name: 'example.com.', Type: 'A', AliasTarget, HealthCheckId: 'hc-1' }),
      ],
    },
  },
  ListResourceRecordSets: {
    HostedZoneId: w.ZONE,
    StartRecordName: '*.checkout.example.com.',
    StartRecordType: 'A',
    StartRecordIdentifier: 'east & west',
    MaxItems: 100,
  },
  GetChange: { Id: '/change/C00000000000000000001' },
  GetHostedZone: { Id: `/hostedzone/${w.ZONE}` },
};

interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly authorization: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** What the SDK sends, recorded by a server that answers nothing. */
async function record(operation: string, input: Record<string, unknown>): Promise<Recorded> {
  let recorded: Recorded | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const body = Buffer.concat(chunks).toString('utf8');
      recorded = {
        method,
        url,
        authorization: headers.authorization ?? '',
        contentType: headers['content-type'],
        body,
      };
      response.socket?.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const aws = createAws({
    endpoints: { route53: `http://127.0.0.1:${port}` },
    credentials: { accessKeyId: 'AKIASANDBOX', secretAccessKey: 'sandbox' },
    requestTimeoutMs: 20_000,
  });
  try {
    const request = { service: 'route53', operation, input, region: 'us-west-2' } as const;
    await assert.rejects(aws.send(request, AbortSignal.timeout(20_000)), AwsError);
  } finally {
    aws.close();
    await new Promise((resolve) => server.close(resolve));
  }
  assert.ok(recorded !== undefined, 'nothing was sent');
  return recorded;
}

/** Date, header list and signature vary from run to run; the scope does not. */
function goldenText(request: Recorded): string {
  const scope = request.authorization
    .replace(/\/\d{8}\//, '/<date>/')
    .replace(/SignedHeaders=.*$/, 'SignedHeaders=… Signature=…');
  const body = request.body.replaceAll('><', '>\n<');
  const type = request.contentType === undefined ? [] : [`content-type: ${request.contentType}`];
  return `${[`${request.method} ${request.url}`, `authorization: ${scope}`, ...type, '', body].join('\n').trimEnd()}\n`;
}

describe('what the SDK sends to Route 53', () => {
  for (const [operation, input] of Object.entries(REQUESTS)) {
    it(`${operation} is the recorded request, and the sandbox reads out of it what went in`, async () => {
      const request = await record(operation, input);
      const file = new URL(`golden/${operation}.txt`, import.meta.url);
      const text = goldenText(request);
      if (RECORDS_ANEW) await writeFile(file, text);
      assert.equal(text, await readFile(file, 'utf8'));
      const read = readRequest(request.method, request.url, request.body);
      const withoutPrefixes: unknown = JSON.parse(JSON.stringify(input).replace(/\/(?:hostedzone|change)\//g, ''));
      assert.deepEqual(read, { kind: 'call', operation, input: withoutPrefixes });
    });
  }
});
