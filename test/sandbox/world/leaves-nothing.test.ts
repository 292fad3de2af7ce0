import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const START = join(ROOT, 'src', 'sandbox', 'start.ts');
const DEMO = join(ROOT, 'src', 'sandbox', 'demo', 'main.ts');
const GONE_MS = 60_000;

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

/** Processes, zombies aside, whose command line names the folder. */
async function processesOf(folder: string): Promise<readonly string[]> {
  if (!existsSync('/proc/self/cmdline')) {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'command=']);
    return stdout.split('\n').filter((line) => line.includes(folder) && !line.includes('<defunct>'));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      try {
        const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
        return words.includes(folder) ? `${pid} ${words}` : '';
      } catch {
        return '';
      }
    }),
  );
  return lines.filter((line) => line !== '');
}

async function portsOf(folder: string): Promise<readonly number[]> {
  const text = await readFile(join(folder, 'world.json'), 'utf8');
  return [...text.matchAll(/[pP]ort": (\d+)/g)].map(([, port]) => Number(port));
}

async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + GONE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < late, what);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function assertNothingLeft(folder: string, ports: readonly number[]): Promise<void> {
  await until(`${folder} still exists`, async () => !existsSync(folder));
  await until(`processes of ${folder} still run`, async () => (await processesOf(folder)).length === 0);
  for (const port of ports) {
    assert.equal(await isListening(port), false, `somebody still listens on port ${String(port)}`);
  }
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
