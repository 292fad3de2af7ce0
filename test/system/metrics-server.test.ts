import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createClock } from '../../src/system/clock.ts';
import { serveMetrics, type MetricsServer, type Surface } from '../../src/system/metrics-server.ts';
import { createRecordingLog } from '../support/recording-log.ts';

describe('the metrics server', () => {
  const servers: MetricsServer[] = [];
  const log = createRecordingLog();

  async function serve(surface: Partial<Surface> = {}): Promise<string> {
    const whole: Surface = { metrics: () => Promise.resolve('a 1\n'), ready: () => true, ...surface };
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, whole, { clock: createClock(), log });
    servers.push(server);
    return server.url;
  }

  /** What comes back for these bytes, until the server ends the connection. */
  async function raw(url: string, bytes: string): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let said = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    socket.write(bytes);
    await once(socket, 'close');
    return said;
  }

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  it('shows the metrics as Prometheus reads them', async () => {
    const response = await fetch(`${await serve()}/metrics`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(await response.text(), 'a 1\n');
  });

  it('is alive from the beginning, and ready once the caches are synced', async () => {
    let synced = false;
    const url = await serve({ ready: () => synced });
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const early = await fetch(`${url}/readyz`);
    assert.equal(early.status, 503);
    assert.match(await early.text(), /not synced/);
    synced = true;
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  it('has nothing else, and takes no other method and no body', async () => {
    const url = await serve();
    assert.equal((await fetch(`${url}/debug`)).status, 404);
    const posted = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), '4');
    const sized = await raw(url, 'GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nxx');
    assert.match(sized, /^HTTP\/1\.1 413 [\s\S]*connection: close/i);
    const chunked = await raw(url, 'GET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    assert.match(chunked, /^HTTP\/1\.1 413 /);
    assert.match(
      await raw(url, `GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(9_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
  });

  it('cuts off who does not finish asking', async function () {
    this.timeout(20_000);
    const url = await serve();
    const begun = performance.now();
    assert.match(await raw(url, 'GET /metrics HTTP/1.1\r\nHost: x\r\n'), /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - begun < 15_000, 'within the deadline for headers');
  });

  it('answers 503 and says why in the log when the metrics cannot be shown', async () => {
    const url = await serve({ metrics: () => Promise.reject(new Error('a defect')) });
    assert.equal((await fetch(`${url}/metrics`)).status, 503);
    assert.ok(
      log.entries.some(
        ({ message, fields }) => message.includes('not be shown') && String(fields.error).includes('a defect'),
      ),
    );
  });

  it('answers 503 within its deadline when they never come', async function () {
    this.timeout(20_000);
    const url = await serve({ metrics: () => new Promise(() => undefined) });
    assert.equal((await fetch(`${url}/metrics`)).status, 503);
  });

  it('says by the name of the setting where it cannot listen', async () => {
    const { hostname, port } = new URL(await serve());
    const again = serveMetrics(
      { host: hostname, port: Number(port) },
      { metrics: () => Promise.resolve(''), ready: () => true },
      { clock: createClock(), log },
    );
    await assert.rejects(again, /^Error: MAESTRO_METRICS_ADDRESS: cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});
