import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import * as nodeCrypto from 'node:crypto';
import { randomBytes, randomUUID } from 'node:crypto';
import { lookup } from 'node:dns';
import { existsSync, readFile, readFileSync } from 'node:fs';
import { readFile as readFilePromise } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import * as timers from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { gzip } from 'node:zlib';
import { createKernel, IsolationError } from './index.ts';
import { sleep } from './toy.ts';

const startWall = Date.UTC(2030, 0, 1);
const here = import.meta.filename;
const nothing = (): void => undefined;
/** What a library keeps that took it when it was loaded. */
const earlySetTimeout = setTimeout;
const EarlyDate = Date;

async function doing(work: () => unknown, isolation = true): Promise<unknown> {
  const kernel = createKernel({ seed: 1, startWall, isolation });
  let result: unknown;
  kernel.spawn('operator', async (process) => {
    await sleep(process, 1);
    // As a reconciler does that logs what it caught, and tries again.
    try {
      result = await work();
    } catch (error) {
      process.trace('log', 'caught', '', String(error));
    }
  });
  await kernel.run();
  return result;
}

const forbidden: Readonly<Record<string, () => unknown>> = {
  setTimeout: () => setTimeout(nothing, 1),
  setInterval: () => setInterval(nothing, 1),
  setImmediate: () => setImmediate(nothing),
  'Date.now': () => Date.now(),
  'new Date()': () => new Date(),
  'Date()': () => Date(),
  'performance.now': () => performance.now(),
  'Math.random': () => Math.random(),
  fetch: () => fetch('http://127.0.0.1:1/'),
  'crypto.randomUUID': () => crypto.randomUUID(),
  'crypto.getRandomValues': () => crypto.getRandomValues(new Uint8Array(1)),
  'crypto.subtle.digest': () => crypto.subtle.digest('SHA-256', new Uint8Array(1)),
  'AbortSignal.timeout': () => AbortSignal.timeout(1),
  'process.hrtime.bigint': () => process.hrtime.bigint(),
  'process.hrtime()': () => process.hrtime(),
  'process.uptime': () => process.uptime(),
  'new MessageChannel': () => new MessageChannel(),
  'node:timers': () => timers.setTimeout(nothing, 1),
  'node:timers/promises': () => delay(1),
  'node:crypto randomUUID': () => randomUUID(),
  'node:crypto randomBytes': () => randomBytes(1),
  'node:crypto webcrypto': () => nodeCrypto.webcrypto.getRandomValues(new Uint8Array(1)),
  'node:fs readFileSync': () => readFileSync(here),
  'node:fs existsSync': () => existsSync(here),
  'node:fs readFile': () => readFile(here, nothing),
  'node:fs/promises readFile': () => readFilePromise(here),
  'node:dns lookup': () => lookup('localhost', nothing),
  'node:net connect': () => connect(1, '127.0.0.1'),
  'node:net createServer': () => createServer(),
  'node:http request': () => request('http://127.0.0.1:1/'),
  'node:child_process execFile': () => execFile(process.execPath, ['--version']),
  'node:child_process spawnSync': () => spawnSync(process.execPath, ['--version']),
  'node:zlib gzip': () => gzip('x', nothing),
  'a setTimeout taken before': () => earlySetTimeout(nothing, 1),
};

describe('simulation kernel: isolation', () => {
  for (const [name, work] of Object.entries(forbidden)) {
    it(`refuses ${name}, even where the error is caught`, async () => {
      await assert.rejects(doing(work), (error: unknown) => {
        assert.ok(error instanceof IsolationError, String(error));
        assert.equal(error.context, 'operator#1');
        return true;
      });
    });
  }

  it('leaves what computes', async () => {
    const seen = await doing(async () => {
      const results: unknown[] = [
        new Date(startWall).toISOString(),
        Date.parse('2030-01-01T00:00:00Z'),
        Date.UTC(2030, 0),
      ];
      results.push(new Date(0) instanceof Date, nodeCrypto.createHash('sha256').update('x').digest('hex').slice(0, 6));
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      await new Promise<void>((resolve) => process.nextTick(resolve));
      results.push(structuredClone({ a: 1 }), new TextDecoder().decode(new TextEncoder().encode('ä')));
      return results;
    });
    const iso = '2030-01-01T00:00:00.000Z';
    assert.deepEqual(seen, [iso, startWall, startWall, true, '2d7116', { a: 1 }, 'ä']);
  });

  it('lets somebody look for an error with the console', () => {
    const kernel = new URL('./index.ts', import.meta.url).href;
    const program = `
      import { createKernel } from ${JSON.stringify(kernel)};
      const kernel = createKernel({ seed: 1, startWall: 0 });
      kernel.spawn('operator', () => { console.log('seen'); console.error('seen, too'); });
      console.log((await kernel.run()).why);`;
    const args = ['--input-type=module', '--eval', program];
    const written = execFileSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.equal(written, 'seen\nstuck\n');
  });

  it('watches the models and the scenario, too', async () => {
    const kernel = createKernel({ seed: 1, startWall });
    kernel.at(5, 'a person looks at the clock', () => Date.now());
    await assert.rejects(kernel.run(), /world reached for the real world: Date\.now/);
  });

  it('sees through callbacks and promises that began before, and names who did it', async () => {
    const kernel = createKernel({ seed: 1, startWall });
    const signal = new AbortController();
    kernel.spawn('quiet', (process) => {
      signal.signal.addEventListener('abort', () => {
        Promise.resolve()
          .then(() => Date.now())
          .catch(nothing);
      });
      return sleep(process, 100);
    });
    kernel.spawn('aborting', async (process) => {
      await sleep(process, 1);
      signal.abort();
    });
    await assert.rejects(kernel.run(), /aborting#1 reached for the real world: Date\.now/);
  });

  it('leaves everybody else alone while it stands, and restores everything after it', async () => {
    const owners = { globalThis, Math, performance, process, crypto };
    const names = ['Date', 'setTimeout', 'random', 'now', 'hrtime', 'randomUUID', 'fetch'];
    const globals = (): unknown[] =>
      Object.values(owners).flatMap((owner) => [
        ...names.map((name): unknown => Reflect.get(owner, name)),
        readFileSync,
      ]);
    const before = globals();
    let ticks = 0;
    let error: unknown;
    const foreign = setInterval(() => {
      try {
        ticks += Math.floor(Math.random()) + (Date.now() > 0 ? 1 : 0) + (readFileSync(here).length > 0 ? 0 : 1);
      } catch (caught) {
        error = caught;
      }
    }, 1);
    try {
      const kernel = createKernel({ seed: 1, startWall });
      const beat = (): void => void kernel.time.after(1, beat);
      beat();
      const stopped = await kernel.run({ until: () => ticks >= 3, maxVirtualMs: Infinity, maxEvents: Infinity });
      assert.equal(stopped.why, 'until');
      assert.equal(error, undefined);
    } finally {
      clearInterval(foreign);
    }
    assert.deepEqual(globals(), before);
    assert.equal(Date, EarlyDate);
  });

  it('stands as long as one of several kernels runs', async () => {
    const kernels = [10, 200].map((beats) => {
      const kernel = createKernel({ seed: 1, startWall });
      kernel.spawn('operator', async (process) => {
        for (let beat = 0; beat < beats; beat += 1) await sleep(process, 1);
        if (beats === 200) Date.now();
      });
      return kernel;
    });
    const [short, long] = await Promise.allSettled(kernels.map((kernel) => kernel.run()));
    assert.equal(short?.status, 'fulfilled');
    assert.equal(long?.status, 'rejected');
  });

  it('off: the real world comes in unseen, and no two histories are the same', async () => {
    for (const name of ['Date.now', 'Math.random', 'node:crypto randomUUID', 'performance.now']) {
      const work = forbidden[name] ?? nothing;
      assert.notEqual(await doing(work, false), undefined, name);
    }
    const [one, other] = [await doing(() => Math.random(), false), await doing(() => Math.random(), false)];
    assert.notEqual(one, other);
    await doing(async () => {
      await delay(1);
      return 'nobody waits for it: the history is over before';
    }, false).then((result) => assert.equal(result, undefined));
  });
});
