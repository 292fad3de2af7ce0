import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { NAMESPACE } from '../../src/sandbox/world/names.ts';
import { until } from '../../src/sandbox/world/world.ts';
import { changed, plan } from '../crds/objects.ts';
import { outcomeOf, type Outcome } from '../support/outcome-of.ts';
import { createKubectl, type Kubectl } from '../support/run-kubectl.ts';
import { startLoneCluster, type LoneCluster } from './world/lone-cluster.ts';

const root = join(import.meta.dirname, '../..');
const operatorNamespace = 'maestro-system';
const durationS = 5;

const lease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'maestro-dr', namespace: operatorNamespace },
  spec: { holderIdentity: 'maestro-dr-0', leaseDurationSeconds: durationS, renewTime: now() },
};

function now(): string {
  return `${new Date().toISOString().slice(0, -1)}000Z`;
}

/** The person's kubeconfig with another token in it. */
function withToken(kubeconfig: string, token: string): string {
  const config = parse(kubeconfig) as { readonly users: readonly { readonly name: string }[] };
  return stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

describe('kubectl drplan status and the operator’s Lease on a real API server', function () {
  this.timeout(240_000);

  let lone: LoneCluster;
  let kubectl: Kubectl;
  let folder: string;
  const status = (...more: readonly string[]): Promise<Outcome> =>
    outcomeOf(
      spawn(
        process.execPath,
        [join(root, 'src/cli/kubectl-drplan.ts'), 'status', 'checkout', '-n', NAMESPACE, ...more],
        {
          env: { KUBECONFIG: join(folder, 'config'), HOME: folder, PATH: '' },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
    );

  before(async () => {
    lone = await startLoneCluster('management');
    folder = await mkdtemp(join(tmpdir(), 'maestro-dr-lease-'));
    kubectl = await createKubectl(lone.cluster.kubeconfigs.person);
    await kubectl.ok('create', 'namespace', operatorNamespace);
    await kubectl.write('objects.yaml', changed(plan, 'metadata/namespace', NAMESPACE), lease);
    await kubectl.ok('apply', '-f', join(root, 'deploy/base/rbac-people.yaml'), '-f', 'objects.yaml');
    await kubectl.ok('create', 'serviceaccount', 'ana', '-n', NAMESPACE);
    const [ana, role] = [`--serviceaccount=${NAMESPACE}:ana`, '--clusterrole=maestro-dr-viewer'];
    await kubectl.ok('create', 'rolebinding', 'ana', '-n', NAMESPACE, role, ana);
    const token = await kubectl.ok('create', 'token', 'ana', '-n', NAMESPACE);
    await writeFile(join(folder, 'config'), withToken(lone.cluster.kubeconfigs.person, token.trim()), { mode: 0o600 });
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await kubectl.end();
    await lone.end();
  });

  it('shows the plan, and that it cannot be told, to whose role is bound in the plan’s namespace alone', async () => {
    const { code, out, err } = await status();
    assert.equal(code, 0, err);
    assert.match(
      out,
      /Whether an operator is there cannot be told: you may not list Leases .* maestro-dr-lease-viewer\./,
    );
    assert.ok(out.includes(`${NAMESPACE}/checkout`), out);
  });

  it('tells whether one lives, by the right to list that one name', async () => {
    const ana = `--serviceaccount=${NAMESPACE}:ana`;
    await kubectl.ok('create', 'clusterrolebinding', 'ana', '--clusterrole=maestro-dr-lease-viewer', ana);
    await until('nobody renews it', 60_000, async () => {
      const { out } = await status();
      return /^No operator: the Lease maestro-system\/maestro-dr, .* by maestro-dr-0\./.test(out);
    });
    await until('it is renewed', 60_000, async () => {
      const renewed = { spec: { renewTime: now() } };
      const patch = ['patch', 'lease', 'maestro-dr', '-n', operatorNamespace, '--type=merge', '-p'];
      await kubectl.ok(...patch, JSON.stringify(renewed));
      const { out } = await status();
      return /\nOperator: the Lease maestro-system\/maestro-dr was renewed .* ago by maestro-dr-0\.\n/.test(out);
    });
  });
});
