import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identityHash } from '../../src/api/identity.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import { renderRunSpec } from '../../src/api/render-run.ts';
import type { Hold, Run, RunSpec } from '../../src/api/run.ts';
import { adoptCommand } from '../../src/decide/commands.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import type { Observed } from '../../src/decide/facts.ts';
import { kubeconfigFor } from '../../src/sandbox/wire/kube-api/index.ts';
import { plan } from '../crds/objects.ts';
import {
  ago,
  answer,
  answers,
  inEast,
  inWest,
  aPrimary,
  aStandby,
  listed,
  lost,
  mine,
  now,
  seen,
} from '../decide/support/facts.ts';
import { aDatabase, aSpec, east } from '../decide/support/plans.ts';
import { aSample, anIntent, factsOf, outcome, type Case } from '../decide/support/runs.ts';
import { served, TOKEN, type Served } from '../sandbox/wire/kube-api/real-time.ts';
import { kubectl } from '../support/kubectl.ts';

/*
 * Every command that a status prints, typed verbatim with the real kubectl against the sandbox's API server, with only
 * the blanks filled in; and then the same facts are decided on again with the Run as the server has it: it goes on.
 */
interface Printed {
  readonly reason: string;
  /** The step that prints it. */
  readonly step: string;
  readonly given: Case;
  /** Beside the command's own: words that another `next` of the same step asks for. */
  readonly also?: Partial<RunSpec>;
  /** What is seen afterwards, where the words lead to another thing to look at. */
  readonly then?: Partial<Observed>;
}

const begun = Object.fromEntries(
  ['assess', 'positions'].map((id) => [id, outcome('Succeeded', { mode: 'Forced', replicas: 6 })]),
);
const approved = {
  ...begun,
  ...Object.fromEntries(
    [
      'approve',
      'preflight/orders',
      'preflight/api',
      'preflight/billing-worker',
      'preflight/public',
      'quiesce/billing-worker',
    ].map((id) => [id, outcome('Succeeded', { replicas: 6 })]),
  ),
};
const fenced = { ...approved, 'fence/orders': outcome('Succeeded', { lsn: '0/5000' }) };
const dark = {
  databases: { [inEast('orders')]: lost<ReturnType<typeof aPrimary>>(), [inWest('orders')]: seen(aStandby()) },
};
const west = { databases: { [inWest('orders')]: seen(aStandby()) } };
const moved = { 'promote/orders': outcome('Succeeded', { timeline: 2, systemIdentifier: '1', switchpoint: '0/5' }) };
const returned = { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aPrimary()) } };
const throughSoak = {
  ...fenced,
  ...moved,
  'finish-fence/orders': outcome('Vacuous'),
  'open/orders': outcome('Succeeded'),
  'compare/orders': outcome('Succeeded'),
  'checkpoint/orders': outcome('Succeeded'),
  soak: outcome('Succeeded'),
};
const rebuilds = aSpec({ databases: [aDatabase('orders', { rebuild: { jobTemplate: {} } })] });
const byHand = aSpec({ databases: aSpec().databases.map(({ rebuild: _none, ...database }) => database) });
const both = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
const partly = {
  ...fenced,
  'preflight/ledger': outcome('Succeeded'),
  'fence/ledger': outcome('Succeeded', { lsn: '0/5000' }),
  ...moved,
  'promote/ledger': { readyAt: ago(400_000).wall, deadline: ago(1_000).wall, intent: anIntent({ attempt: 3 }) },
};
const ownedByAnother = { kind: 'Foreign', identityHash: identityHash('billing/checkout'), epoch: 9 } as const;
const undecided = {
  databases: {
    [inEast('orders')]: seen(aPrimary()),
    [inWest('orders')]: seen(aStandby({ receiver: { streaming: false } })),
  },
};

const printed: readonly Printed[] = [
  {
    reason: 'ModeUndecided',
    step: 'assess',
    given: { steps: { assess: { readyAt: ago(15_000).wall } }, observed: undecided },
  },
  { reason: 'ApprovalRequired', step: 'approve', given: { steps: begun } },
  { reason: 'Cooldown', step: 'approve', given: { steps: begun, facts: { lastFailoverAt: ago(60_000).wall } } },
  { reason: 'OperatorColocated', step: 'approve', given: { steps: begun, facts: { operatorRegion: east } } },
  { reason: 'Halted', step: 'approve', given: { steps: begun, facts: { halt: { by: 'bob', reason: 'game day' } } } },
  { reason: 'FenceNotProven', step: 'fence/orders', given: { steps: approved, observed: dark } },
  {
    reason: 'EpochUnproven',
    step: 'promote/orders',
    given: {
      steps: { ...fenced, 'preflight/public': outcome('Overridden') },
      observed: { ...west, records: { public: lost() }, answers: { public: seen(answers([answer(east)], true)) } },
      status: { samples: [aSample('orders', -1_000, '0/5000')] },
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    },
  },
  { reason: 'DataLossUnaccepted', step: 'promote/orders', given: { steps: fenced, observed: west } },
  {
    reason: 'Paused',
    step: 'promote/orders',
    given: {
      steps: fenced,
      observed: west,
      run: { desiredState: 'Paused', acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    },
  },
  {
    reason: 'PartiallyPromoted',
    step: 'promote/ledger',
    given: {
      spec: both,
      steps: partly,
      observed: { databases: { [inWest('orders')]: seen(aPrimary()), [inWest('ledger')]: seen(aStandby()) } },
    },
    also: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'the ledger can be rebuilt' } },
  },
  { reason: 'RebuildByHand', step: 'rebuild/orders', given: { spec: byHand, steps: throughSoak, observed: returned } },
  {
    reason: 'RebuildFailed',
    step: 'rebuild/orders',
    given: {
      spec: rebuilds,
      steps: throughSoak,
      observed: {
        ...returned,
        jobs: { [inEast('orders')]: seen({ exists: true, state: 'Failed', message: 'disk full' } as const) },
      },
    },
    then: { jobs: { [inEast('orders')]: seen({ exists: false } as const) } },
  },
  {
    reason: 'ForeignOwner',
    step: 'preflight/public',
    given: {
      steps: begun,
      observed: {
        records: { public: seen(listed(east, ownedByAnother)) },
      },
    },
  },
];

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

  for (const { reason, step, given, also, then } of printed) {
    it(`${reason}: moves ${step} on`, async () => {
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
