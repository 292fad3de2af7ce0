import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../../../src/ports/aws.ts';
import { createAws } from '../../../src/system/aws.ts';
import type { AwsOptions, SystemAws } from '../../../src/system/aws.ts';

const credentials = { accessKeyId: 'AKIASANDBOX', secretAccessKey: 'top-secret' };
const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

/** What the contract suite cannot reach: answers that no Route 53, real or modelled, would give on purpose. */
describe('the Aws port over the SDK', () => {
  const open: { server: Server; aws: SystemAws }[] = [];
  afterEach(async () => {
    for (const { server, aws } of open.splice(0)) {
      aws.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  const against = async (
    answer: (response: ServerResponse) => void,
    options: Partial<AwsOptions> = {},
  ): Promise<{
    ask: (signal?: AbortSignal) => Promise<Record<string, unknown>>;
    requests: () => number;
    server: Server;
  }> => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const aws = createAws({
      endpoints: { route53: `http://127.0.0.1:${port}` },
      credentials,
      requestTimeoutMs: 20_000,
      ...options,
    });
    open.push({ server, aws });
    const request = { service: 'route53', operation: 'GetChange', input: { Id: 'C1' }, region: 'eu-west-1' } as const;
    return {
      ask: async (signal = AbortSignal.timeout(25_000)) => aws.send(request, signal),
      requests: () => requests,
      server,
    };
  };
  const fails = async (work: Promise<unknown>, code: string, status: number, ambiguous: boolean): Promise<AwsError> => {
    const error = await work.then(
      () => assert.fail('it was answered'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof AwsError, String(error));
    const { message } = error;
    assert.deepEqual([error.code, error.status, error.ambiguous], [code, status, ambiguous], message);
    assert.ok(!message.includes('top-secret') && !message.includes('$response'), message);
    return error;
  };
  const xml = (status: number, body: string) => (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'text/xml' }).end(`<?xml version="1.0"?>\n${body}`);
  };

  it('gives times as ms since the epoch and no metadata', async () => {
    const body = `<GetChangeResponse xmlns="${NAMESPACE}"><ChangeInfo><Id>/change/C1</Id><Status>INSYNC</Status><SubmittedAt>2026-11-24T00:00:00.5Z</SubmittedAt></ChangeInfo></GetChangeResponse>`;
    const { ask } = await against(xml(200, body));
    const SubmittedAt = Date.UTC(2026, 10, 24) + 500;
    assert.deepEqual(await ask(), { ChangeInfo: { Id: '/change/C1', Status: 'INSYNC', SubmittedAt } });
  });

  it('bounds a request that is never answered by its own timeout', async () => {
    const { ask, requests } = await against(() => undefined, { requestTimeoutMs: 200 });
    await fails(ask(), 'Timeout', 0, true);
    assert.ok(requests() <= 1);
  });

  it('bounds a body that stalls after its headers, which the SDK does not', async () => {
    const stall = (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': 1000 });
      response.write('<GetChangeResponse>');
    };
    const late = await fails((await against(stall, { requestTimeoutMs: 300 })).ask(), 'Timeout', 0, true);
    assert.equal(late.message, 'no answer within 300 ms');
    const given = await fails((await against(stall)).ask(AbortSignal.timeout(300)), 'Timeout', 0, true);
    assert.equal(given.message, 'cancelled before an answer came');
  });

  it('sends nothing once cancelled, and says so', async () => {
    const { ask, requests } = await against(xml(200, '<x/>'));
    await fails(ask(AbortSignal.abort()), 'Timeout', 0, false);
    assert.equal(requests(), 0);
  });

  it('knows that a refused connection did nothing', async () => {
    const { ask, server } = await against(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    await fails(ask(), 'Unreachable', 0, false);
  });

  it('knows that a host without an address did nothing', async () => {
    const { ask } = await against(() => undefined, { endpoints: { route53: 'http://nothing.invalid:1' } });
    await fails(ask(), 'Unreachable', 0, false);
  });

  it('knows that without credentials nothing was sent', async () => {
    const missing = async (): Promise<never> => {
      // As the SDK's chain names it.
      throw Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      });
    };
    const { ask, requests } = await against(() => undefined, { credentials: missing });
    await fails(ask(), 'CredentialsProviderError', 0, false);
    assert.equal(requests(), 0);
  });

  it('reads a 503 that is a page, well-formed or not', async () => {
    for (const body of ['<html><body>busy</body></html>', '<html><br>busy &nbsp;</body>', 'busy', '']) {
      const page = (response: ServerResponse): void => {
        response.writeHead(503, { 'content-type': 'text/html' }).end(body);
      };
      const { ask, requests } = await against(page);
      const { message } = await fails(ask(), 'Unknown', 503, true);
      assert.match(message, /503/);
      assert.equal(requests(), 1, 'it must not be sent again by itself');
    }
  });

  it('sends a throttled or dropped request once only', async () => {
    const throttled = await against(
      xml(
        400,
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`,
      ),
    );
    await fails(throttled.ask(), 'Throttling', 400, false);
    assert.equal(throttled.requests(), 1);
    const dropped = await against((response) => response.socket?.destroy());
    await fails(dropped.ask(), 'Unreachable', 0, true);
    assert.equal(dropped.requests(), 1);
  });

  it('takes no success without its answer', async () => {
    for (const body of [
      '<GetChangeResponse/>',
      '<GetChangeResponse><Other>x</Other></GetChangeResponse>',
      '<html><body>captive portal</body></html>',
    ]) {
      await fails((await against(xml(200, body))).ask(), 'CutBody', 200, true);
    }
  });

  it('names what a request lacks before it is sent', async () => {
    const { requests } = await against(() => undefined);
    const aws = open[0]?.aws;
    assert.ok(aws !== undefined);
    const request = {
      service: 'route53',
      operation: 'ListResourceRecordSets',
      input: {},
      region: 'us-east-1',
    } as const;
    const { message } = await fails(aws.send(request, AbortSignal.timeout(20_000)), 'InvalidRequest', 0, false);
    assert.match(message, /HostedZoneId/);
    assert.equal(requests(), 0);
  });
});
