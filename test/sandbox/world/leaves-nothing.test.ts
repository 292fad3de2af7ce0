import assert from 'node:assert/strict';
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { assertNothingLeft, isListening, processesOf } from '../../support/left-behind.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const START = join(ROOT, 'src', 'sandbox', 'start.ts');
const DEMO = join(ROOT, 'src', 'sandbox', 'demo', 'main.ts');

interface Started {
  readonly child: ChildProcess;
  readonly folder: string;
}

/** The world with its servers, pods and databases, as `npm run sandbox` starts it. */
async function start(): Promise<Started> {
  const child = spawn(process.execPath, [START, '--no-operator'], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const folder = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the sandbox ended with ${String(code)} before it was up`));
    });
    lines.on('line', (line) => {
      const found = /everything lies in (\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, folder };
}

async function portsOf(folder: string): Promise<readonly number[]> {
  const text = await readFile(join(folder, 'world.json'), 'utf8');
  return [...text.matchAll(/[pP]ort": (\d+)/g)].map(([, port]) => Number(port));
}

describe('what the sandbox leaves behind', function () {
  this.timeout(240_000);
  const endings: readonly (readonly [string, (child: ChildProcess) => void, number | null])[] = [
    ['its owner is killed with SIGKILL', (child) => child.kill('SIGKILL'), null],
    ['Ctrl-C', (child) => child.kill('SIGINT'), 0],
    ['quit', (child) => child.stdin?.write('quit\n'), 0],
  ];
  for (const [how, end, code] of endings) {
    it(`nothing: ${how}`, async () => {
      const { child, folder } = await start();
      const ports = await portsOf(folder);
      assert.ok((await processesOf(folder)).length >= 8, 'servers, pods and databases run');
      assert.ok(ports.length >= 10);
      for (const port of ports) assert.ok(await isListening(port), `port ${String(port)} is served`);
      const ended = new Promise<number | null>((resolve) => {
        child.once('exit', resolve);
      });
      end(child);
      assert.equal(await ended, code);
      await assertNothingLeft(folder, ports);
    });
  }

  for (const [signal, code] of [
    ['SIGKILL', null],
    ['SIGINT', 130],
  ] as const) {
    it(`nothing: the demo gets a ${signal} in the middle of its outage`, async () => {
      const { child, exited, temporary } = await startDemo();
      try {
        await new Promise<void>((resolve, reject) => {
          const lines: string[] = [];
          createInterface({ input: child.stdout }).on('line', (line) => {
            lines.push(line);
            if (line.includes('SIGKILL: the API server')) resolve();
          });
          child.once('exit', (ended) => {
            reject(new Error(`the demo ended with ${String(ended)} before its outage:\n${lines.join('\n')}`));
          });
        });
        const [folder = ''] = (await readdir(temporary)).filter((name) => name.startsWith('maestro-sandbox-'));
        const world = join(temporary, folder);
        const ports = await portsOf(world);
        const running = await processesOf(world);
        assert.ok(
          running.some((line) => line.includes('maestro-dr.cjs')),
          'the operator runs',
        );
        assert.ok(
          running.some((line) => line.includes('client-main.ts')),
          'clients run',
        );
        child.kill(signal);
        assert.equal(await exited, code);
        await assertNothingLeft(world, ports);
        assert.deepEqual(await leftOfDemo(temporary), []);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    });
  }

  it('nothing: the demo fails before its story begins', async () => {
    const { child, exited, temporary } = await startDemo('--bundle', join(tmpdir(), 'no-such-operator.cjs'));
    try {
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      assert.equal(await exited, 1);
      assert.match(said, /The demo could not begin: .*no-such-operator/);
      assert.deepEqual(await processesOf(temporary), []);
      assert.deepEqual(await leftOfDemo(temporary), []);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});

interface Demo {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  /** With its exit code. */
  readonly exited: Promise<number | null>;
  /** Its own folder for temporary files. */
  readonly temporary: string;
}

async function startDemo(...args: readonly string[]): Promise<Demo> {
  const temporary = await realpath(await mkdtemp(join(tmpdir(), 'ended-demo-')));
  const child = spawn(process.execPath, [DEMO, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  return { child, exited, temporary };
}

/** The world, or reports that nobody was told of. */
async function leftOfDemo(temporary: string): Promise<readonly string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('maestro-'));
}
