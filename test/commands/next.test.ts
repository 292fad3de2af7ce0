import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasons } from '../../src/api/reasons/index.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import { renderRunSpec } from '../../src/api/render-run.ts';
import type { Hold, Run, RunSpec } from '../../src/api/run.ts';
import {
  adoptCommand,
  approveCommand,
  attestCommand,
  leaveBehindCommand,
  skipCommand,
  takeoverCommand,
} from '../../src/decide/commands.ts';
import { contextOf, type Context } from '../../src/decide/context.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { mayPassReasons } from '../../src/decide/person-reasons.ts';
import { plan } from '../crds/objects.ts';
import { listed, mine, now, seen } from '../decide/support/facts.ts';
import { aSpec, east } from '../decide/support/plans.ts';
import { factsOf } from '../decide/support/runs.ts';
import { served, TOKEN, type Served } from '../sandbox/wire/kube-api/real-time.ts';
import { causes } from './causes.ts';
import { fenced, printed, west } from './printed.ts';
import { reasonsWithCommand } from './printing.ts';
import { createTypist, filled, type Typist } from './typist.ts';

type Command = (ctx: Context) => string;

/** Two commands that one status has printed, typed one after the other by two people: the second knows nothing of the first. */
const outdated: readonly (readonly [what: string, first: Command, second: Command])[] = [
  ['approval', (ctx) => approveCommand(ctx, 'Cooldown', 'abc'), (ctx) => approveCommand(ctx, 'Halted', 'def')],
  ['attestation', (ctx) => attestCommand(ctx, 'orders'), (ctx) => attestCommand(ctx, 'ledger')],
  ['skip', (ctx) => skipCommand(ctx, 'soak'), (ctx) => leaveBehindCommand(ctx, 'promote/orders', 0)],
  ['takeover', (ctx) => takeoverCommand(ctx, 'public'), (ctx) => takeoverCommand(ctx, 'private')],
];

/*
 * Every command that a status prints, typed verbatim with the real kubectl against the sandbox's API server, with only
 * the blanks filled in; and then the same facts are decided on again with the Run as the server has it: it goes on. A whole
 * run, typed from its live status, is in typed-run.test.ts.
 */
describe('what `next` prints, typed with kubectl', function () {
  this.timeout(300_000);
  let made: Served;
  let typist: Typist;
  const typed = (command: string): Promise<string> => typist.typed(command);

  before(async () => {
    made = await served();
    const { server, ca } = made;
    typist = await createTypist({ server: server.url, ca, token: TOKEN, namespace: 'default', name: 'us-west-2' });
    await typed(`kubectl apply -f '${dirname(dirname(dirname(fileURLToPath(import.meta.url))))}/crds'`);
    await typist.write('namespace.json', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } });
    await typed('kubectl apply -f namespace.json');
  });
  after(async () => {
    await made.close();
    await typist.end();
  });

  async function store(run: Run): Promise<void> {
    const body = {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRun',
      metadata: { name: run.name, namespace: run.namespace },
      spec: renderRunSpec(run.spec),
    };
    await typist.write('run.json', body);
    await typed('kubectl create -f run.json');
  }

  async function read(): Promise<RunSpec> {
    const parsed = parseRun(JSON.parse(await typed('kubectl get drrun checkout-7 -n payments -o json')));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.value.spec;
  }

  for (const { reason, when, step, given, then } of printed) {
    it(`${reason}${when === undefined ? '' : ` (${when})`}: moves ${step} on`, async () => {
      const facts = factsOf(given);
      const held = holdOf(facts, step);
      assert.equal(held?.reason, reason, JSON.stringify(held));
      assert.ok(held.next !== undefined, 'it says what to type');
      showsEvidence(held);
      await store(facts.run);
      try {
        await typed(filled(held.next, now.wall));
        const spec = await read();
        const after = holdOf({ ...facts, run: { ...facts.run, spec }, observed: { ...facts.observed, ...then } }, step);
        assert.notEqual(after?.reason, reason, after?.message);
        assert.deepEqual(decideRun({ ...facts, run: { ...facts.run, spec } }).status.refusals, []);
      } finally {
        await typed('kubectl delete drrun checkout-7 -n payments');
      }
    });
  }

  it('what only shows a cause shows what is there, and changes nothing', async () => {
    const labels = { app: 'another' };
    const container = { name: 'shop', image: 'example/shop:1' };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const meta = (name: string): object => ({ name, namespace: 'payments' });
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('another') };
    await typist.write('deployment.json', {
      ...deployment,
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    });
    await typist.write('pod.json', { apiVersion: 'v1', kind: 'Pod', metadata: meta('broken'), spec: template.spec });
    await typed('kubectl create -f deployment.json -f pod.json');
    for (const program of ['pg_isready', 'dig', 'aws']) await typist.stub(program);
    for (const { reason, when, step, given, shows } of causes) {
      const held = holdOf(factsOf(given), step);
      assert.equal(held?.reason, reason, `${when ?? ''}: ${JSON.stringify(held)}`);
      showsEvidence(held);
      const said = await typed(held.next ?? '');
      assert.ok(said.includes(shows), `${held.next ?? ''}: ${said}`);
    }
  });

  for (const [what, first, second] of outdated) {
    it(`printed before another ${what} was on record, is refused and takes nothing away`, async () => {
      const facts = factsOf();
      const ctx = contextOf(facts, facts.run.status, aSpec());
      await store(facts.run);
      try {
        await typed(filled(first(ctx), now.wall));
        const said = await typist.refused(filled(second(ctx), now.wall));
        assert.match(said, new RegExp(`${what}s are a record`));
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
    showsEvidence(held);
    await store(facts.run);
    await typed(held.next ?? '');
    assert.equal(await typed('kubectl get drrun -n payments -o name'), '');
  });

  it('OutOfBandChange: the plan says where it is', async () => {
    await typist.write('plan.json', plan);
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
  const typed = new Set([...[...printed, ...causes].map(({ reason }) => reason), ...elsewhere]);

  it('are all that a step prints a command with', () => {
    const found = reasonsWithCommand();
    assert.ok(found.size > 12, `the search finds what it is meant to find, and found ${[...found].join(', ')}`);
    assert.deepEqual(
      [...found].filter((reason) => !typed.has(reason)),
      [],
      'add them to the table above',
    );
  });

  it('are all that say what to type once they are late', () => {
    assert.deepEqual(
      mayPassReasons.filter((reason) => !typed.has(reason)),
      [],
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

/** What it rests on, and as of when: a person weighs it by its age. */
function showsEvidence({ evidence, reason }: Hold): void {
  assert.ok(evidence.length > 0, reason);
  for (const { what, at } of evidence) assert.ok(what !== '' && at > 0, `${reason}: ${what}`);
}

function holdOf(facts: ReturnType<typeof factsOf>, id: string): Hold | undefined {
  const step = decideRun(facts).status.steps.find((one) => one.id === id);
  return step?.outcome === undefined ? step?.waitsFor : undefined;
}
