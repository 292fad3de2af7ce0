import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../../src/sandbox/link.ts';
import type { PodEvents, PodRuntime, RunnablePod } from '../../../src/sandbox/models/kube-api/index.ts';
import { createBalancer } from '../../../src/sandbox/pods/balancer.ts';
import { createProcessRuntime } from '../../../src/sandbox/pods/process-runtime.ts';

interface Told extends PodEvents {
  readonly started_: string[];
  readonly ready_: boolean[];
  readonly exits: { readonly code: number; readonly message: string | undefined }[];
  readonly lines: string[];
}

function listener(): Told {
  const told: Told = {
    started_: [],
    ready_: [],
    exits: [],
    lines: [],
    started: (ip) => told.started_.push(ip ?? ''),
    ready: (ready) => told.ready_.push(ready),
    exited: (code, message) => told.exits.push({ code, message }),
    log: (line) => told.lines.push(line),
  };
  return told;
}

function pod(image: string, env: Readonly<Record<string, string>>, more: Partial<RunnablePod> = {}): RunnablePod {
  const probe = { httpGet: { path: '/healthz', port: 1 }, periodSeconds: 1 };
  return {
    cluster: 'east',
    namespace: 'shop',
    name: 'p',
    uid: 'u-1',
    labels: { app: 'shop' },
    annotations: {},
    ip: '10.0.0.1',
    job: false,
    containers: [{ name: 'main', image, command: [], args: [], ports: [], env }],
    spec: { containers: [{ name: 'main', image, readinessProbe: probe }] },
    ...more,
  };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const late = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < late, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function statusOf({ host, port }: Address): Promise<number> {
  return await new Promise((resolve, reject) => {
    get({ host, port, path: '/healthz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).once('error', reject);
  });
}

const DATABASE = { REGION: 'east', PGHOST: '127.0.0.1', PGPORT: '1', PGPASSWORD: 'none' };

describe('sandbox: pods as processes', function () {
  this.timeout(120_000);
  let folder = '';
  const endpoints: (Address | undefined)[] = [];
  const others: string[] = [];
  const otherwise: PodRuntime = {
    run: (other) => {
      others.push(other.name);
      return { stop: (done) => setTimeout(done) };
    },
  };
  const runtime = (): PodRuntime =>
    createProcessRuntime({
      folder,
      read: () => undefined,
      otherwise,
      endpoint: (_pod, address) => endpoints.push(address),
    });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pods-'));
    endpoints.length = 0;
    others.length = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs a shop: started, ready by its probe, behind the balancer, gone when stopped', async () => {
    const told = listener();
    const running = runtime().run(pod('maestro-sandbox/shop:1', DATABASE), told);
    assert.deepEqual(told.started_, [], 'nothing is reported before run has returned');
    await until('the shop is ready', () => told.ready_.length > 0);
    assert.deepEqual([told.started_, told.ready_], [['127.0.0.1'], [true]]);
    const address = endpoints.find((one) => one !== undefined);
    assert.ok(address !== undefined);
    const balancer = await createBalancer(0);
    await assert.rejects(statusOf(balancer), /ECONNRESET|socket hang up/, 'nobody is behind it yet');
    balancer.set('u-1', address);
    assert.equal(await statusOf(balancer), 200);
    await new Promise<void>((resolve) => {
      running.stop(resolve);
    });
    assert.equal(endpoints.at(-1), undefined);
    await assert.rejects(statusOf(address), /ECONNREFUSED/);
    assert.equal(existsSync(join(folder, 'shop_p_u-1')), false, 'its folder is gone');
    await balancer.close();
  });

  it('reports how a pod that cannot start ended, with its last words', async () => {
    const told = listener();
    runtime().run(pod('maestro-sandbox/shop:1', {}), told);
    await until('it has ended', () => told.exits.length > 0);
    assert.equal(told.exits[0]?.code, 1);
    assert.ok(told.lines.some((line) => line.includes('REGION is not set')));
  });

  it('gives a Job’s termination message to whoever asks how it ended', async () => {
    const told = listener();
    runtime().run(pod('maestro-sandbox/rebuild:1', {}, { job: true }), told);
    await until('it has ended', () => told.exits.length > 0);
    assert.equal(told.exits[0]?.code, 1);
    assert.match(told.exits[0].message ?? '', /MAESTRO_SANDBOX_SERVER is not set/);
  });

  it('leaves images that it does not know to the other runtime', () => {
    runtime().run(pod('nginx:1.29', {}), listener());
    assert.deepEqual(others, ['p']);
  });

  it('fails a pod whose Secret is not there, and can be told to stop it', async () => {
    const told = listener();
    const spec = {
      containers: [{ name: 'main', volumeMounts: [{ name: 'tls', mountPath: '/etc/tls' }] }],
      volumes: [{ name: 'tls', secret: { secretName: 'gone' } }],
    };
    const running = runtime().run(pod('maestro-sandbox/shop:1', DATABASE, { spec }), told);
    await until('it has ended', () => told.exits.length > 0);
    assert.match(told.exits[0]?.message ?? '', /secret "gone" not found/);
    await new Promise<void>((resolve) => {
      running.stop(resolve);
    });
  });
});
