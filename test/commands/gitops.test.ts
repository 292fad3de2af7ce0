import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseRun } from '../../src/api/parse-run.ts';
import { kubeconfigFor } from '../../src/sandbox/wire/kube-api/index.ts';
import { plan } from '../crds/objects.ts';
import { served, TOKEN, type Served } from '../sandbox/wire/kube-api/real-time.ts';
import { kubectl } from '../support/kubectl.ts';
import { openShell, type PersonShell } from '../support/person-shell.ts';

const root = new URL('../../', import.meta.url).pathname;

/** The commands with which docs/gitops.md makes a Run; a reader pastes them without the indent of their list. */
function documented(): string {
  const text = readFileSync(join(root, 'docs/gitops.md'), 'utf8');
  const blocks = [...text.matchAll(/^ {2}```sh\n([^]*?)^ {2}```$/gm)].map(([, block = '']) => block);
  return blocks.find((block) => block.includes('kind: DisasterRecoveryRun'))?.replaceAll(/^ {2}/gm, '') ?? '';
}

describe('the Run that docs/gitops.md makes where Git owns the field', function () {
  this.timeout(200_000);
  let made: Served;
  let folder = '';
  let shell: PersonShell;

  before(async () => {
    made = await served();
    folder = await mkdtemp(join(tmpdir(), 'maestro-dr-gitops-'));
    const binary = await kubectl();
    await symlink(binary, join(folder, 'kubectl'));
    const { server, ca } = made;
    await writeFile(
      join(folder, 'config'),
      kubeconfigFor({ server: server.url, ca, token: TOKEN, namespace: 'default' }),
    );
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } };
    await writeFile(join(folder, 'namespace.json'), JSON.stringify(namespace));
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan));
    shell = await openShell({
      KUBECONFIG: join(folder, 'config'),
      HOME: folder,
      PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`,
    });
    await typed(`kubectl apply -f '${root}crds'`);
    await typed(`kubectl apply -f ${folder}/namespace.json`);
    await typed(`kubectl apply -f ${folder}/plan.json`);
    await typed(
      `kubectl patch drplan checkout -n payments --subresource=status --type=merge -p '{"status":{"epoch":7}}'`,
    );
  });
  after(async () => {
    await shell.close();
    await made.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function typed(command: string): Promise<string> {
    const { code, out, err } = await shell.paste(command);
    assert.equal(code, 0, `${command}: ${err}`);
    return out;
  }

  it('is of the next epoch and of this plan, as its plan binds it', async () => {
    await typed(documented());
    const parsed = parseRun(JSON.parse(await typed('kubectl get drrun checkout-8 -n payments -o json')));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const uid = await typed("kubectl get drplan checkout -n payments -o jsonpath='{.metadata.uid}'");
    const { planRef, epoch, targetRegion, type, origin } = parsed.value.spec;
    assert.deepEqual(
      { planRef, epoch, targetRegion, type, origin },
      { planRef: { name: 'checkout', uid }, epoch: 8, targetRegion: 'us-west-2', type: 'Failover', origin: 'Person' },
    );
  });
});
