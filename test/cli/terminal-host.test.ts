import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stringify } from 'yaml';
import { CliError } from '../../src/cli/exit-codes.ts';
import { planResource } from '../../src/cli/plans.ts';
import { askOn, createTerminalHost } from '../../src/cli/terminal-host.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/kube-error.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { inTemporaryFolder } from '../build/temporary-folder.ts';
import { planObject } from './fixtures.ts';

interface World {
  readonly kubeconfig: string;
  /** Written anew, with another current context. */
  readonly write: (currentContext: string) => void;
  /** The one token that the API server takes from now on. */
  readonly accept: (token: string) => void;
  /** Whether the program that gives out tokens fails, from now on. */
  readonly breakProgram: () => void;
  /** How often the program was run. */
  readonly runs: () => number;
}

/** An API server, and a kubeconfig whose program gives out token-1, token-2 and so on. */
async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  let accepted = 'token-1';
  const authority = await createAuthority('management');
  const tls = await authority.issue({ names: ['127.0.0.1'] });
  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    const known = request.headers.authorization === `Bearer ${accepted}`;
    response.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(known ? planObject() : { kind: 'Status', reason: 'Unauthorized', message: 'expired' }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  try {
    await inTemporaryFolder(async (folder) => {
      const [kubeconfig, program, count] = ['kubeconfig', 'program.sh', 'count'].map((name) => join(folder, name));
      assert.ok(kubeconfig !== undefined && program !== undefined && count !== undefined);
      const write = (current: string): void =>
        writeFileSync(kubeconfig, kubeconfigText(port, authority.ca, program, current));
      write('management');
      writeFileSync(count, '');
      writeFileSync(program, givesOutTokens(count));
      await work({
        kubeconfig,
        write,
        accept: (token) => (accepted = token),
        breakProgram: () => writeFileSync(program, `printf . >> ${count}; echo the session has ended >&2; exit 1`),
        runs: () => readFileSync(count, 'utf8').length,
      });
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function givesOutTokens(count: string): string {
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
  const text = JSON.stringify({ ...credential, status: { token: 'token-N' } });
  return `printf . >> ${count}; echo '${text}' | sed "s/-N/-$(wc -c < ${count} | tr -d ' ')/"`;
}

function kubeconfigText(port: number, ca: string, program: string, current: string): string {
  const data = { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: [program] };
  return stringify({
    'current-context': current,
    contexts: ['management', 'other'].map((name) => ({ name, context: { cluster: name, user: 'it' } })),
    clusters: [
      { name: 'management', cluster: { server: `https://127.0.0.1:${String(port)}`, ...data } },
      { name: 'other', cluster: { server: 'https://other.invalid', ...data } },
    ],
    users: [{ name: 'it', user: { exec } }],
  });
}

async function look(client: KubeClient): Promise<string> {
  const plan = { ...planResource, namespace: 'payments', name: 'checkout' };
  return (await client.get(plan, { deadlineMs: 10_000 })).metadata.name;
}

describe('a terminal’s connection to the management cluster', () => {
  it('asks the kubeconfig’s program for another token where the API server refuses the one it has', async () => {
    await inWorld(async ({ kubeconfig, accept, runs }) => {
      const { client } = await createTerminalHost().connect({ kubeconfig });
      assert.equal(await look(client), 'checkout');
      assert.equal(await look(client), 'checkout');
      assert.equal(runs(), 1);
      accept('token-2');
      assert.equal(await look(client), 'checkout');
      assert.equal(await look(client), 'checkout');
      assert.equal(runs(), 2);
    });
  });

  it('stays with its cluster though another context has become the current one', async () => {
    await inWorld(async ({ kubeconfig, write, accept }) => {
      const { client } = await createTerminalHost().connect({ kubeconfig });
      write('other');
      accept('token-2');
      assert.equal(await look(client), 'checkout');
    });
  });

  it('says what the program says where it gives no other', async () => {
    await inWorld(async ({ kubeconfig, accept, breakProgram }) => {
      const { client } = await createTerminalHost().connect({ kubeconfig });
      accept('token-2');
      breakProgram();
      await assert.rejects(look(client), (error) => {
        assert.ok(error instanceof CliError, String(error));
        assert.match(error.message, /^The kubeconfig cannot be used: its credentials cannot be had: the session has/);
        return true;
      });
    });
  });

  it('gives up on a request whose new token is refused, too', async () => {
    await inWorld(async ({ kubeconfig, accept, runs }) => {
      const { client } = await createTerminalHost().connect({ kubeconfig });
      accept('nobody’s');
      await assert.rejects(look(client), (error) => isKubeError(error, 'Unauthorized'));
      await assert.rejects(look(client), (error) => isKubeError(error, 'Unauthorized'));
      assert.equal(runs(), 2, 'the program is not run for each look');
    });
  });
});

describe('a question at a terminal', () => {
  const ends: Readonly<Record<string, (input: PassThrough) => void>> = {
    'Ctrl-D': (input) => void input.write('\u0004'),
    'Ctrl-C': (input) => void input.write('\u0003'),
    'a terminal that is gone': (input) => void input.end(),
  };
  for (const [name, end] of Object.entries(ends)) {
    it(`takes ${name} for no answer`, async () => {
      const input = Object.assign(new PassThrough(), { isTTY: true });
      const output = Object.assign(new PassThrough(), { isTTY: true });
      const asked = askOn(input, output, 'Type "checkout us-west-2" to go on: ');
      end(input);
      assert.equal(await asked, '');
    });
  }
  it('gives what was typed', async () => {
    const input = new PassThrough();
    const asked = askOn(input, new PassThrough(), 'Type it: ');
    input.write('checkout us-west-2\n');
    assert.equal(await asked, 'checkout us-west-2');
  });
});
