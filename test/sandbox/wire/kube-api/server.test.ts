import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { request as secureRequest, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import type { ApiRequest } from '../../../../src/sandbox/models/kube-api/index.ts';
import { serveKubeApi, type RequestFault } from '../../../../src/sandbox/wire/kube-api/index.ts';
import { served, TOKEN, type Served } from './real-time.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface Reply {
  readonly status: number;
  readonly text: string;
}

function options({ server, ca }: Served, method: string, path: string): RequestOptions {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return { host: '127.0.0.1', port: server.port, method, path, ca, headers, agent: false, timeout: 20_000 };
}

async function open(made: Served, method: string, path: string, body?: object): Promise<IncomingMessage> {
  const sent = secureRequest(options(made, method, path));
  sent.on('timeout', () => sent.destroy(new Error('timeout')));
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function call(made: Served, method: string, path: string, body?: object): Promise<Reply> {
  const response = await open(made, method, path, body);
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
  return { status: response.statusCode ?? 0, text };
}

function configMap(name: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
}

describe('kube-api: the wire', () => {
  let made: Served;
  let fault: (request: ApiRequest) => RequestFault = () => undefined;

  before(async () => {
    made = await served((seen) => fault(seen));
  });
  beforeEach(() => {
    fault = () => undefined;
  });
  after(async () => {
    await made.close();
  });

  it('carries requests, bodies and failures', async () => {
    const created = await call(made, 'POST', CONFIG_MAPS, configMap('größe'.replace(/[^a-z]/g, 'x')));
    assert.equal(created.status, 201);
    const missing = await call(made, 'GET', `${CONFIG_MAPS}/nothing`);
    assert.equal(missing.status, 404);
    assert.match(missing.text, /"reason":"NotFound"/);
  });

  it('streams a watch event by event, and forgets it when the client leaves', async () => {
    const response = await open(made, 'GET', `${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dw`);
    assert.equal(response.statusCode, 200);
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    for (const expected of ['ADDED', 'DELETED']) {
      if (expected === 'ADDED') await call(made, 'POST', CONFIG_MAPS, configMap('w'));
      else await call(made, 'DELETE', `${CONFIG_MAPS}/w`);
      const next = await lines.next();
      assert.match(String(next.value), new RegExp(`^{"type":"${expected}"`));
    }
    assert.equal(made.api.hooks.watches(), 1);
    response.destroy();
    while (made.api.hooks.watches() > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('ends a watch when the model does', async () => {
    const response = await open(made, 'GET', `${CONFIG_MAPS}?watch=true`);
    while (made.api.hooks.watches() === 0) await new Promise((resolve) => setImmediate(resolve));
    response.resume();
    made.api.hooks.endWatches();
    await once(response, 'end');
  });

  it('answers with what a fault says', async () => {
    fault = () => ({ status: 429, headers: { 'retry-after': '1' }, body: '{}' });
    const response = await open(made, 'GET', CONFIG_MAPS);
    assert.equal(response.statusCode, 429);
    assert.equal(response.headers['retry-after'], '1');
    response.resume();
  });

  it('cuts the connection, before the model or after it', async () => {
    fault = () => 'reset';
    await assert.rejects(call(made, 'POST', CONFIG_MAPS, configMap('never')), /socket hang up|ECONNRESET/);
    fault = () => 'drop-reply';
    await assert.rejects(call(made, 'POST', CONFIG_MAPS, configMap('done')), /socket hang up|ECONNRESET/);
    fault = () => undefined;
    assert.equal((await call(made, 'GET', `${CONFIG_MAPS}/never`)).status, 404);
    assert.equal((await call(made, 'GET', `${CONFIG_MAPS}/done`)).status, 200);
    assert.equal(made.audit.filter((entry) => entry.verb === 'create' && entry.name === 'done').length, 1);
  });

  it('lets a request hang until the client gives up', async () => {
    const arrived = new Promise<void>((resolve) => {
      fault = () => {
        resolve();
        return 'hang';
      };
    });
    const sent = secureRequest(options(made, 'GET', CONFIG_MAPS));
    sent.end();
    const failed = once(sent, 'error');
    await arrived;
    sent.destroy(new Error('gave up'));
    await failed;
  });

  it('closes with watches open, and leaves its port', async () => {
    const other = await served();
    const response = await open(other, 'GET', `${CONFIG_MAPS}?watch=true`);
    response.on('error', () => undefined);
    response.resume();
    await other.close();
    await assert.rejects(call(other, 'GET', '/version'), /ECONNREFUSED/);
  });

  it('answers 500 where the model has a defect', async () => {
    const broken = await serveKubeApi({
      handle: () => {
        throw new Error('defect');
      },
    });
    try {
      const sent = request({ host: '127.0.0.1', port: broken.port, path: '/x', agent: false });
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      assert.equal(response.statusCode, 500);
      response.resume();
    } finally {
      await broken.close();
    }
  });
});
