import assert from 'node:assert/strict';
import { exitCodes, type ExitCode } from '../../src/cli/exit-codes.ts';
import { status as statusAnswer } from '../support/scripted-http.ts';
import { west } from '../decide/support/plans.ts';
import { aWholeSpec, assertDone, cli, condition, planObject, waiting } from './fixtures.ts';

const atRest = { plan: planObject() };

describe('the command line of kubectl drplan', () => {
  it('takes the options of all commands before the command, too, as kubectl does; behind it they count', async () => {
    const elsewhere = await cli(['-n', 'billing', 'status', 'checkout'], atRest);
    assert.match(elsewhere.err, /There is no plan billing\/checkout/);
    assertDone(await cli(['--context', 'management', '--namespace', 'payments', 'status', 'checkout'], atRest));
    assertDone(await cli(['-n', 'billing', 'status', '-n', 'payments', 'checkout'], atRest));
  });

  it('takes an empty namespace for none, as kubectl does', async () => {
    assertDone(await cli(['status', 'checkout', '--namespace='], atRest));
  });

  const wrong: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [['status', 'drplan/checkout'], /"drplan\/checkout" is no name of a plan: say checkout\.$/m],
    [['status', 'disasterrecoveryplan.dr.maestro.io/checkout'], /: say checkout\.$/m],
    [['status', 'payments/checkout'], /: say checkout -n payments\.$/m],
    [['status', ''], /"" is no name of a plan: it has lower-case letters/],
    [['status', 'Checkout'], /"Checkout" is no name of a plan: it has lower-case letters/],
    [['status', 'checkout', '-n', '../kube-system'], /is no name of a namespace/],
    [['pause', 'checkout', '--run', 'drrun/checkout-7', '--yes'], /is no name of a Run: say checkout-7\.$/m],
  ];
  for (const [argv, says] of wrong) {
    it(`says what to type instead of ${argv.join(' ')}`, async () => {
      const said = await cli(argv, waiting);
      assert.match(said.err, says);
      assert.equal(said.code, exitCodes.usage);
      assert.deepEqual(said.patches, []);
    });
  }

  it('tells a cluster that has no plans at all from a plan that is not there', async () => {
    const said = await cli(['status', 'checkout'], { unknownKinds: true });
    assert.match(
      said.err,
      /This cluster knows no disasterrecoveryplans\.dr\.maestro\.io: it is not the management cluster/,
    );
    assert.equal(said.code, exitCodes.failed);
    const missing = await cli(['status', 'other'], atRest);
    assert.match(missing.err, /There is no plan payments\/other\./);
    assert.equal(missing.code, exitCodes.notFound);
  });

  it('names the namespace in the command that it shows', async () => {
    const said = await cli(['failover', 'checkout', '--to', 'us-east-1', '--yes'], atRest);
    assert.match(said.err, /`kubectl drplan status checkout -n payments` shows/);
  });

  it('says what holds a plan that is wanted elsewhere already where no Run brings it there', async () => {
    const message = 'The last Run was aborted: set activeRegion to us-east-1, then to us-west-2.';
    const conditions = [condition('Ready', 'False', 'RunAborted', message)];
    const plan = planObject({ conditions, acknowledgedActiveRegion: west }, aWholeSpec({ activeRegion: west }));
    const { code, err } = await cli(['failover', 'checkout', '--to', west, '--yes'], { plan });
    assert.equal(code, exitCodes.refused);
    assert.match(
      err,
      /wanted in us-west-2 already, and no Run is under way \(RunAborted\): The last Run was aborted: set/,
    );
  });

  it('says before the confirmation of a move that the plan is in Observe, where nothing would be moved', async () => {
    const argv = ['failover', 'checkout', '--to', west];
    const told = await cli(argv, { plan: planObject({}, aWholeSpec({ enforcement: 'Observe' })) }, { types: 'no' });
    assert.match(told.err, /^ {2}The plan is in Observe: all of it would be told, and nothing changed\.$/m);
    assert.doesNotMatch((await cli(argv, atRest, { types: 'no' })).err, /Observe/);
  });

  const refusals: readonly (readonly [http: number, reason: string, says: RegExp, code: ExitCode])[] = [
    [401, 'Unauthorized', /sign in anew, or name another kubeconfig or context/, exitCodes.failed],
    [403, 'Forbidden', /maestro-dr-viewer to look, maestro-dr-editor to move, maestro-dr-approver/, exitCodes.failed],
  ];
  for (const [http, reason, says, code] of refusals) {
    it(`says what to do about ${reason}`, async () => {
      const said = await cli(['status', 'checkout'], atRest, { onPlan: () => statusAnswer(http, reason) });
      assert.match(said.err, says);
      assert.equal(said.code, code);
    });
  }
});
