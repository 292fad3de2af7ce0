import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { StepStatus } from '../../src/api/run.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { ago } from '../decide/support/facts.ts';
import { east, west } from '../decide/support/plans.ts';
import {
  aWholeSpec,
  asksForApproval,
  assertDone,
  cli,
  condition,
  held,
  movingPlan,
  planObject,
  runObject,
  waiting,
  type Objects,
  type Said,
} from './fixtures.ts';

const saved = JSON.stringify([
  { database: 'orders', region: east, at: ago(20_000).wall, lsn: '0/3000148' },
  { database: 'orders', region: east, at: ago(5_000).wall, lsn: '0/3000548' },
]);
const samples = [{ 'checkout-uid': saved }];
const former = runObject(
  {
    'fence/orders': did(40_000, 38_000),
    'promote/orders': did(38_000, 30_000),
    'shift/public': did(20_000, 18_500),
  },
  { status: { phase: 'Succeeded', finishedAt: ago(1_000).wall } },
);

function did(from: number, to: number): Partial<StepStatus> {
  return {
    state: 'Done',
    readyAt: ago(from).wall,
    since: ago(to).wall,
    outcome: { state: 'Succeeded', at: ago(to).wall, evidence: [] },
  };
}

describe('kubectl drplan', () => {
  describe('preview', () => {
    const cases: Readonly<Record<string, Objects>> = {
      'preview-planned': { plan: planObject(), reachable: { [east]: true, [west]: true }, samples, runs: [former] },
      'preview-forced': {
        plan: planObject({
          lastFailoverAt: ago(60_000).wall,
          workloads: [],
          conditions: [
            condition('Ready', 'True', 'Active', 'Active in us-east-1.'),
            condition(
              'Protected',
              'False',
              'NotStreaming',
              'Database orders in us-west-2 does not stream from us-east-1.',
            ),
          ],
        }),
        reachable: { [east]: false, [west]: true },
        samples,
        runs: [former],
      },
      'preview-observe': { plan: planObject({}, aWholeSpec({ enforcement: 'Observe' })), reachable: { [east]: true } },
    };
    for (const [name, objects] of Object.entries(cases)) {
      it(`prints ${name}`, async () => {
        const said = await cli(['preview', 'checkout', '--to', west], objects);
        assertDone(said);
        held(`${name}.txt`, said.out);
        assert.deepEqual(said.patches, []);
      });
    }
    it('finds the samples of a plan in whichever map they are', async () => {
      const forced = { plan: planObject(), reachable: { [east]: false, [west]: true } };
      const argv = ['preview', 'checkout', '--to', west, '--mode', 'Forced', '-o', 'json'];
      const first = await cli(argv, { ...forced, samples });
      const third = await cli(argv, { ...forced, samples: [{ 'billing-uid': '[]' }, {}, { 'checkout-uid': saved }] });
      assertDone(first);
      assert.equal(third.out, first.out);
      assert.notEqual((await cli(argv, forced)).out, first.out);
    });
    it('predicts from Runs that people made, which carry no label, and from those of no other plan', async () => {
      const { spec } = former as { readonly spec: Readonly<Record<string, unknown>> };
      const other = { ...former, spec: { ...spec, planRef: { name: 'billing', uid: 'billing-uid' } } };
      const takes = async (runs: NonNullable<Objects['runs']>): Promise<string> => {
        const said = await cli(['preview', 'checkout', '--to', west], { ...cases['preview-forced'], runs });
        return /promote\/orders +Irrev.*/.exec(said.out)?.[0] ?? '';
      };
      assert.match(await takes([former]), /8s \(1 run\)/);
      assert.match(await takes([other]), /<= 5m/);
      assert.match(await takes([former, other]), /8s \(1 run\)/);
    });
    it('says of the region that is active only that nothing is moved, and nothing of a standby that it did not see', async () => {
      const { out } = await cli(['preview', 'checkout', '--to', east], cases['preview-planned'] ?? {});
      assert.match(
        out,
        /us-west-2 -> us-east-1, Planned: nothing is moved, for checkout is active in us-east-1 already\n/,
      );
      assert.doesNotMatch(out, /streams to us-east-1|us-west-2 answers/);
    });
    it('claims no more of a loss than is known of it', async () => {
      const forced = ['preview', 'checkout', '--to', west, '--mode', 'Forced'];
      const unknown = await cli(forced, { plan: planObject() });
      assert.match(
        unknown.out,
        /\(a person\): How much of orders would be lost cannot be told: a person accepts it then\./,
      );
      const behind = [
        { database: 'orders', region: east, at: ago(900_000).wall, lsn: '0/3000148' },
        { database: 'orders', region: east, at: ago(5_000).wall, lsn: '0/3000548' },
      ];
      const above = await cli(forced, { plan: planObject(), samples: [{ 'checkout-uid': JSON.stringify(behind) }] });
      assert.match(
        above.out,
        /The loss of orders \(.*, and open\) is more than the RPO of 5m: a person accepts it then\./,
      );
    });
    it('prints the same as JSON', async () => {
      const said = await cli(['preview', 'checkout', '--to', west, '-o', 'json'], cases['preview-planned'] ?? {});
      const view = JSON.parse(said.out) as { readonly steps: readonly { readonly id: string }[]; readonly to: string };
      assert.equal(view.to, west);
      assert.ok(view.steps.some(({ id }) => id === 'promote/orders'));
    });
    it('foresees that it waits for other Runs only where it waits for them already: the cap is the operator`s', async () => {
      const message = '1 Run is under way, and the operator carries out 1 at once.';
      const plan = planObject({ conditions: [condition('Ready', 'False', 'RunsCapped', message)] });
      const said = await cli(['preview', 'checkout', '--to', west], { ...cases['preview-planned'], plan });
      assert.match(said.out, /RunsCapped.*: 1 Run is under way/);
    });
    it('says with its exit code whether something would stop it, when it is asked', async () => {
      const planned = cases['preview-planned'] ?? {};
      const forced = cases['preview-forced'] ?? {};
      assert.equal((await cli(['preview', 'checkout', '--to', west, '--exit-code'], planned)).code, exitCodes.ok);
      assert.equal((await cli(['preview', 'checkout', '--to', west, '--exit-code'], forced)).code, exitCodes.person);
      assert.equal((await cli(['preview', 'checkout', '--to', west], forced)).code, exitCodes.ok);
    });
  });

  describe('status', () => {
    const cases: Readonly<Record<string, Objects>> = {
      'status-at-rest': { plan: planObject() },
      'status-waits': waiting,
      'status-refused': {
        plan: movingPlan(),
        run: runObject(asksForApproval, {
          wire: {
            refusals: [
              {
                request: 'skip fence/orders',
                reason: 'NotSkippable',
                message: 'A fence is never skipped.',
                at: '2030-01-01T00:09:00.000Z',
              },
            ],
          },
        }),
      },
      'status-lost': {
        plan: movingPlan(),
        run: runObject(
          {
            'promote/orders': {
              state: 'Blocked',
              since: ago(60_000).wall,
              deadline: ago(10_000).wall,
              waitsFor: {
                reason: 'DataLossUnaccepted',
                message: 'Promoting orders in us-west-2 would lose at most 400 s; the RPO is 300 s.',
                evidence: [],
                next: `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"acceptDataLoss":{"max":"400s","by":"YOUR-NAME","reason":"YOUR-REASON"}}}'`,
              },
            },
          },
          {
            status: {
              phase: 'Recovery',
              recovery: [
                {
                  database: 'orders',
                  grade: 'Bounded',
                  lossMs: 400_000,
                  basis: 'Attested',
                  point: { earliest: ago(500_000).wall, latest: ago(100_000).wall },
                },
              ],
            },
          },
        ),
      },
    };
    for (const [name, objects] of Object.entries(cases)) {
      it(`prints ${name}`, async () => {
        const said = await cli(['status', 'checkout'], objects);
        assertDone(said);
        held(`${name}.txt`, said.out);
      });
    }
    it('colours it on a terminal only', async () => {
      assert.ok(!(await cli(['status', 'checkout'], waiting)).out.includes('\u001b'));
      assert.ok((await cli(['status', 'checkout'], waiting, { colour: true })).out.includes('\u001b[33m'));
    });
    it('is watched until the run is over', async () => {
      const over = runObject({}, { status: { phase: 'Aborted', finishedAt: ago(1).wall } });
      const said = await cli(['status', 'checkout', '-w'], waiting, { later: { run: over } });
      assertDone(said);
      assert.match(said.out, /Activation, for[\s\S]*Aborted, took/);
    });
    it('says with its exit code that a person is waited for, when it is asked', async () => {
      assert.equal((await cli(['status', 'checkout', '--exit-code'], waiting)).code, exitCodes.person);
      assert.equal((await cli(['status', 'checkout', '--exit-code'], { plan: planObject() })).code, exitCodes.ok);
      const sick = planObject({ conditions: [condition('Ready', 'False', 'OutOfBandChange', 'It writes elsewhere.')] });
      assert.equal((await cli(['status', 'checkout', '--exit-code'], { plan: sick })).code, exitCodes.notWell);
    });
  });

  describe('failover', () => {
    const ready: Objects = { plan: planObject(), reachable: { [east]: true }, samples, runs: [former] };
    it('shows what it would do, and sets the field', async () => {
      const said = await cli(['failover', 'checkout', '--to', west], ready, { types: 'checkout us-west-2' });
      assertDone(said);
      assert.deepEqual(said.patches, [{ metadata: { uid: 'checkout-uid' }, spec: { activeRegion: west } }]);
      held('confirm-failover.txt', said.err);
    });
    it('is refused where the plan is wanted there already, and for a region that is not its own', async () => {
      assert.equal((await cli(['failover', 'checkout', '--to', east, '--yes'], ready)).code, exitCodes.refused);
      assert.equal((await cli(['failover', 'checkout', '--to', 'mars', '--yes'], ready)).code, exitCodes.usage);
    });
  });

  describe('runbook', () => {
    const file = readFileSync(new URL('../../docs/examples/checkout.yaml', import.meta.url), 'utf8');
    it('works from the plan’s YAML alone', async () => {
      const said = await cli(
        ['runbook', 'checkout', '--to', west, '-f', 'plan.yaml'],
        {},
        { files: { 'plan.yaml': file } },
      );
      assertDone(said);
      assert.deepEqual(said.lines, [], 'nothing is asked of a cluster');
      assert.match(said.out, /^# Disaster Recovery \(DR\) Runbook: payments\/checkout to us-west-2\n/);
    });
    it('names contexts as the person does', async () => {
      const argv = ['runbook', 'checkout', '--to', west, '-f', 'p', '--cluster-context', 'us-west-2=prod-west'];
      const { out } = await cli(argv, {}, { files: { p: file } });
      assert.match(out, /kubectl --context prod-west /);
      assert.doesNotMatch(out, /--context us-west-2/);
    });
    it('has the counts that were last seen healthy, from the cluster', async () => {
      const { out } = await cli(['runbook', 'checkout', '--to', west], { plan: planObject() });
      assert.match(out, /REPLICAS_API:=4/);
    });
    it('says what is wrong with a file', async () => {
      const of = async (text: string): Promise<Said> =>
        await cli(['runbook', 'checkout', '--to', west, '-f', 'p'], {}, { files: { p: text } });
      assert.equal((await of('kind: Pod')).code, exitCodes.notFound);
      assert.equal((await of('a: [')).code, exitCodes.malformed);
      const broken = await of('kind: DisasterRecoveryPlan\nmetadata: { name: checkout }\nspec: { regions: [a, b] }');
      assert.equal(broken.code, exitCodes.malformed);
      assert.match(broken.err, /spec\.activeRegion is missing: set it/);
    });
  });

  it('documents its exit codes', () => {
    const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    for (const [name, code] of Object.entries(exitCodes)) {
      assert.match(text, new RegExp(`\\| ${String(code)} \\|`), name);
    }
  });
});
