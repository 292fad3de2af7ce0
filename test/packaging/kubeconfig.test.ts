import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import { kubeconfigFor } from '../../src/sandbox/wire/kube-api/index.ts';
import { createKubeconfigs } from '../../src/system/kubeconfigs.ts';
import { served, TOKEN, type Served } from '../sandbox/wire/kube-api/real-time.ts';
import { kubectl } from '../support/kubectl.ts';
import { outcomeOf } from '../support/outcome-of.ts';

describe('deploy/target/kubeconfig.sh', function () {
  this.timeout(120_000);
  let cluster: Served;
  let folder: string;
  before(async () => {
    cluster = await served();
    folder = await mkdtemp(join(tmpdir(), 'maestro-dr-kubeconfig-'));
    await symlink(await kubectl(), join(folder, 'kubectl'));
    const { server, ca } = cluster;
    await writeFile(
      join(folder, 'config'),
      kubeconfigFor({ server: server.url, ca, token: TOKEN, namespace: 'default' }),
    );
  });
  after(async () => {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(program: string, ...args: readonly string[]) {
    const child = spawn(program, args, {
      env: { KUBECONFIG: join(folder, 'config'), HOME: folder, PATH: `${folder}:/usr/bin:/bin` },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 100_000,
    });
    return await outcomeOf(child);
  }

  const script = join(ROOT, 'deploy/target/kubeconfig.sh');
  const secret = (data: Readonly<Record<string, string>>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'maestro-dr-token', namespace: 'maestro-dr-system' },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  });

  async function apply(object: unknown): Promise<void> {
    await writeFile(join(folder, 'object.yaml'), JSON.stringify(object));
    const { code, err } = await run(join(folder, 'kubectl'), 'apply', '-f', join(folder, 'object.yaml'));
    assert.equal(code, 0, err);
  }

  it('says what is missing where nothing was applied, or the token is not there yet', async () => {
    const bare = await run(script);
    assert.notEqual(bare.code, 0);
    assert.match(bare.err, /namespaces "maestro-dr-system" not found/);
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'maestro-dr-system' } });
    await apply(secret({}));
    const early = await run(script);
    assert.equal(early.code, 1);
    assert.match(early.err, /^Secret maestro-dr-token in maestro-dr-system has no token yet: .*Try again/);
    assert.equal(bare.out + early.out, '');
  });

  it('prints a kubeconfig that the operator takes, for the address that it is given', async () => {
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'maestro-dr-system' } });
    await apply(secret({ token: 'a-token-of-the-region', 'ca.crt': cluster.ca }));
    const { code, out, err } = await run(script);
    assert.equal(code, 0, err);
    const access = createKubeconfigs().parse(out);
    assert.equal(access.server, cluster.server.url);
    assert.equal(access.token, 'a-token-of-the-region');
    assert.equal(access.tls.ca?.trim(), cluster.ca.trim());
    const named = await run(script, 'https://api.us-east-1.example.com:6443');
    assert.equal(createKubeconfigs().parse(named.out).server, 'https://api.us-east-1.example.com:6443');
  });
});
