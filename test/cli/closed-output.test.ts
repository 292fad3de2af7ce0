import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ROOT } from '../../scripts/build.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { inTemporaryFolder } from '../build/temporary-folder.ts';
import { outcomeOf } from '../support/outcome-of.ts';
import { aLease, asksForApproval, leasesPath, movingPlan, runObject } from './fixtures.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * The program before a pipe, as a shell connects them. `:` has ended before Node has started, so whatever is written finds
 * nobody. `code`: the program's.
 */
async function piped(argv: readonly string[], into: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const program = [process.execPath, '--no-warnings', join(ROOT, 'src/cli/kubectl-drplan.ts'), ...argv];
  const child = spawn('bash', ['-c', `"$@" ${into}; exit \${PIPESTATUS[0]}`, 'bash', ...program], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const { code, out, err } = await outcomeOf(child);
  assert.notEqual(code, null, `it did not end by itself; it said ${out}${err}`);
  return { code: code ?? -1, out, err };
}

/** By this machine's clock, which the server's Date is of. */
function renewedNow(): unknown {
  const { metadata, spec } = aLease();
  return {
    metadata: { ...(metadata as object), managedFields: [] },
    spec: { ...(spec as object), renewTime: new Date().toISOString() },
  };
}

/** A management cluster whose Run says something else with each look, so that there is always more to print. */
async function withManagement(work: (kubeconfig: string, patches: unknown[]) => Promise<void>): Promise<void> {
  const patches: unknown[] = [];
  let looks = 0;
  const authority = await createAuthority('management');
  const tls = await authority.issue({ names: ['127.0.0.1'] });
  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'PATCH') patches.push(JSON.parse(body));
      looks += 1;
      const run = (): unknown => runObject(asksForApproval, { status: { message: `look ${String(looks)}` } });
      response.setHeader('Content-Type', 'application/json');
      // Node sends a Date by itself, as an API server does.
      const leases = { kind: 'LeaseList', apiVersion: 'coordination.k8s.io/v1', metadata: { resourceVersion: '1' } };
      if (request.url?.startsWith(leasesPath) === true) {
        response.end(JSON.stringify({ ...leases, items: [renewedNow()] }));
        return;
      }
      response.end(JSON.stringify(request.url?.includes('runs/') === true ? run() : movingPlan()));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    await inTemporaryFolder(async (folder) => {
      const { port } = server.address() as AddressInfo;
      const kubeconfig = join(folder, 'kubeconfig');
      const ca = Buffer.from(authority.ca).toString('base64');
      const cluster = { server: `https://127.0.0.1:${String(port)}`, 'certificate-authority-data': ca };
      const named = { name: 'it', context: { cluster: 'it', user: 'it', namespace: 'payments' } };
      const config = {
        'current-context': 'it',
        contexts: [named],
        clusters: [{ name: 'it', cluster }],
        users: [{ name: 'it', user: {} }],
      };
      writeFileSync(kubeconfig, stringify(config));
      await work(kubeconfig, patches);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a reader that has gone', function () {
  this.timeout(90_000);
  const runbook = ['runbook', 'checkout', '--to', 'us-west-2', '-f', join(ROOT, 'docs/examples/checkout.yaml')];
  const pause = ['pause', 'checkout', '--yes'];

  for (const argv of [runbook, ['--help'], ['status', '--help'], ['--version']]) {
    it(`ends ${argv.slice(0, 2).join(' ')} without a word`, async () => {
      assert.deepEqual(await piped(argv, '| :'), { code: exitCodes.outputClosed, out: '', err: '' });
    });
  }

  it('does not keep the command from having done what it was asked, with what it says first unread, too', async () => {
    await withManagement(async (kubeconfig, patches) => {
      for (const into of ['| :', '2>&1 | :']) {
        const { code } = await piped(pause, into, { KUBECONFIG: kubeconfig });
        assert.equal(code, exitCodes.outputClosed, into);
      }
      assert.equal(patches.length, 2);
    });
  });

  it('ends status -w with the next that it has to say', async () => {
    await withManagement(async (kubeconfig) => {
      const { code, out, err } = await piped(['status', 'checkout', '-w'], '| head -1', { KUBECONFIG: kubeconfig });
      assert.equal(code, exitCodes.outputClosed, err);
      assert.match(out, /^payments\/checkout .*\n$/);
      assert.equal(err, '');
    });
  });

  it('of the complaints alone changes nothing of how it ends', async () => {
    const { code, out } = await piped(['status'], '2>&1 >&- | :');
    assert.deepEqual({ code, out }, { code: exitCodes.usage, out: '' });
  });

  it('is no full disk: that is told', async () => {
    const { code, err } = await piped(runbook, '> /dev/full');
    assert.equal(code, exitCodes.failed);
    assert.match(err, /^The output cannot be written: .*ENOSPC.*\n$/);
  });
});
