import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseExposition } from './monitoring/exposition.ts';
import { inTemporaryFolder } from './build/temporary-folder.ts';

const program = join(import.meta.dirname, '..', 'src', 'main.ts');

/** The program in a process of its own, its plans in a cluster that does not answer. */
function start(folder: string, env: Readonly<Record<string, string>>): ChildProcess {
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'x', user: { token: 'x' } }],
    }),
  );
  return spawn(process.execPath, ['--no-warnings', program], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig, ...env },
  });
}

/** The first log line with that message; rejects when it ends without one. Goes on reading, or it could not end. */
async function logged(child: ChildProcess, message: string): Promise<Readonly<Record<string, unknown>>> {
  assert.ok(child.stderr !== null);
  const lines = createInterface({ input: child.stderr });
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
      if (entry.msg === message) resolve(entry);
    });
    lines.once('close', () => {
      reject(new Error(`it ended before it logged "${message}"`));
    });
  });
}

describe('the program', function () {
  this.timeout(300_000);

  it('serves metrics and health while its cluster does not answer, and ends when told', async () => {
    await inTemporaryFolder(async (folder) => {
      const child = start(folder, { MAESTRO_METRICS_ADDRESS: '127.0.0.1:0' });
      try {
        const url = String((await logged(child, 'metrics are served')).url);
        assert.equal((await fetch(`${url}/healthz`)).status, 200);
        assert.equal((await fetch(`${url}/readyz`)).status, 503);
        const series = parseExposition(await (await fetch(`${url}/metrics`)).text());
        assert.equal(series.find(({ name }) => name === 'maestro_dr_leader')?.value, 0);
        assert.equal(series.find(({ name }) => name === 'maestro_dr_caches_synced')?.value, 0);
        assert.equal(series.find(({ name }) => name === 'maestro_dr_build_info')?.value, 1);
      } finally {
        child.kill('SIGTERM');
      }
      const [code] = (await once(child, 'close')) as readonly unknown[];
      assert.equal(code, 0);
    });
  });

  it('ends at once, and says why, where it cannot listen', async () => {
    await inTemporaryFolder(async (folder) => {
      const child = start(folder, { MAESTRO_METRICS_ADDRESS: '203.0.113.1:1' });
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
      const [code] = (await once(child, 'close')) as readonly unknown[];
      assert.equal(code, 1);
      assert.match(said, /MAESTRO_METRICS_ADDRESS: cannot listen on 203\.0\.113\.1:1/);
    });
  });
});
