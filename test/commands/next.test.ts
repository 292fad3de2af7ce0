import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasons } from '../../src/api/reasons/index.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import { renderRunSpec } from '../../src/api/render-run.ts';
import type { Hold, Run, RunSpec } from '../../src/api/run.ts';
import { adoptCommand } from '../../src/decide/commands.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { kubeconfigFor } from '../../src/sandbox/wire/kube-api/index.ts';
import { plan } from '../crds/objects.ts';
import { listed, mine, now, seen } from '../decide/support/facts.ts';
import { east } from '../decide/support/plans.ts';
import { factsOf } from '../decide/support/runs.ts';
import { served, TOKEN, type Served } from '../sandbox/wire/kube-api/real-time.ts';
import { kubectl } from '../support/kubectl.ts';
import { fenced, printed, west } from './printed.ts';
import { reasonsWithCommand } from './printing.ts';

/*
 * Every command that a status prints, typed verbatim with the real kubectl against the sandbox's API server, with only
 * the blanks filled in; and then the same facts are decided on again with the Run as the server has it: it goes on.
 */
describe('what `next` prints, typed with kubectl', function () {
  this.timeout(300_000);
  let made: Served;
  let folder = '';

  before(async () => {
    made = await served();
    folder = await mkdtemp(join(tmpdir(), 'maestro-dr-next-'));
    await symlink(await kubectl(), join(folder, 'kubectl'));
    const { server, ca } = made;
    await writeFile(
      join(folder, 'config'),
      kubeconfigFor({ server: server.url, ca, token: TOKEN, namespace: 'default' }),
    );
    await typed(`kubectl apply -f '${dirname(dirname(dirname(fileURLToPath(import.meta.url))))}/crds'`);
    await writeFile(
      join(folder, 'namespace.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } }),
    );
    await typed('kubectl apply -f namespace.json');
  });
  after(async () => {
    await made.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** As a person at a shell would. */
  async function typed(command: string): Promise<string> {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: folder,
      env: { KUBECONFIG: join(folder, 'config'), HOME: folder, PATH: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 200_000,
      killSignal: 'SIGKILL',
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    assert.equal(code, 0, `${command}: ${err}`);
    return out;
  }

  async function store(run: Run): Promise<void> {
    const body = {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRun',
      metadata: { name: run.name, namespace: run.namespace },
      spec: renderRunSpec(run.spec),
    };
    await writeFile(join(folder, 'run.json'), JSON.stringify(body));
    await typed('kubectl create -f run.json');
  }

  async function read(): Promise<RunSpec> {
    const parsed = parseRun(JSON.parse(await typed('kubectl get drrun checkout-7 -n payments -o json')));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.value.spec;
  }

  for (const { reason, when, step, given, also, then } of printed) {
    it(`${reason}${when === undefined ? '' : ` (${when})`}: moves ${step} on`, async () => {
      const facts = factsOf(given);
      const held = holdOf(facts, step);
      assert.equal(held?.reason, reason, JSON.stringify(held));
      assert.ok(held.next !== undefined, 'it says what to type');
      await store({ ...facts.run, spec: { ...facts.run.spec, ...also } });
      try {
        await typed(filled(held.next));
        const spec = await read();
        const after = holdOf({ ...facts, run: { ...facts.run, spec }, observed: { ...facts.observed, ...then } }, step);
        assert.notEqual(after?.reason, reason, after?.message);
      } finally {
        await typed('kubectl delete drrun checkout-7 -n payments');
      }
    });
  }

  it('StaleEpoch: the Run that is out of date is gone', async () => {
    const observed = { ...west, records: { public: seen(listed(east, mine(9, east))) } };
    const facts = factsOf({
      steps: fenced,
      observed,
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    });
    const held = holdOf(facts, 'promote/orders');
    assert.equal(held?.reason, 'StaleEpoch');
    await store(facts.run);
    await typed(held.next ?? '');
    assert.equal(await typed('kubectl get drrun -n payments -o name'), '');
  });

  it('OutOfBandChange: the plan says where it is', async () => {
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan));
    await typed('kubectl create -f plan.json');
    await typed(adoptCommand({ namespace: 'payments', name: 'checkout' }, 'us-west-2'));
    assert.equal(
      await typed(`kubectl get drplan checkout -n payments -o jsonpath='{.spec.activeRegion}'`),
      'us-west-2',
    );
  });
});

describe('the reasons whose command is typed', () => {
  // TrafficUnavailable: a command of the AWS CLI, in by-hand.test.ts.
  const elsewhere = ['StaleEpoch', 'OutOfBandChange', 'TrafficUnavailable'];
  const typed = new Set([...printed.map(({ reason }) => reason), ...elsewhere]);

  it('are all that a step prints a command with', () => {
    const found = reasonsWithCommand();
    assert.ok(found.size > 12, `the search finds what it is meant to find, and found ${[...found].join(', ')}`);
    assert.deepEqual(
      [...found].filter((reason) => !typed.has(reason)),
      [],
      'add them to the table above',
    );
  });

  it('are all that docs/reasons.md promises a command for, and nothing is promised that is not printed', () => {
    // It is about whichever step waits.
    const promised = Object.entries(reasons).filter(
      ([word, text]) => text.do.includes('`next`') && word !== 'PersonAwaited',
    );
    assert.deepEqual(
      promised.map(([word]) => word).filter((word) => !typed.has(word)),
      [],
    );
  });
});

function holdOf(facts: ReturnType<typeof factsOf>, id: string): Hold | undefined {
  const step = decideRun(facts).status.steps.find((one) => one.id === id);
  return step?.outcome === undefined ? step?.waitsFor : undefined;
}

function filled(command: string): string {
  return command
    .replaceAll('YOUR-NAME', 'ana')
    .replaceAll(/YOUR-REASON|HOW-YOU-KNOW|WHAT-YOU-MENDED/g, 'seen by a person')
    .replaceAll(/UTC-TIME-IT-STOPPED|UTC-TIME-NOW/g, new Date(now.wall).toISOString())
    .replaceAll('IDENTITY-OF-THE-OTHER-PLAN', 'billing/checkout');
}
