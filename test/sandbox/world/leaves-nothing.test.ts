import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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

  it('nothing: the demo is killed with SIGKILL in the middle of its outage', async () => {
    const temporary = await realpath(await mkdtemp(join(tmpdir(), 'killed-demo-')));
    try {
      const child = spawn(process.execPath, [DEMO], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: temporary },
      });
      const exited = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      await new Promise<void>((resolve, reject) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line.includes('SIGKILL: the API server')) resolve();
        });
        child.once('exit', (code) => {
          reject(new Error(`the demo ended with ${String(code)} before its outage`));
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
      child.kill('SIGKILL');
      await exited;
      await assertNothingLeft(world, ports);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});
