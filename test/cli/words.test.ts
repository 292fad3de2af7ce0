import assert from 'node:assert/strict';
import type { StepStatus } from '../../src/api/run.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { ago } from '../decide/support/facts.ts';
import {
  asksForApproval,
  assertDone,
  cli,
  held,
  movingPlan,
  planObject,
  runObject,
  waiting,
  type Objects,
  type Person,
} from './fixtures.ts';

const yes = ['--yes', '--reason', 'seen on the dashboards'];

/** Of a plan without databases. */
const stopsTheWorker: StepStatus = {
  id: 'quiesce/billing-worker',
  kind: 'Quiesce',
  phase: 'Recovery',
  subject: 'billing-worker',
  region: 'us-east-1',
  after: [],
  effect: 'Reversible',
  state: 'Running',
  since: 0,
};

describe('a word to a run', () => {
  const metadata = { uid: 'checkout-7-uid', resourceVersion: '5' };
  const by = { by: 'ana', reason: 'seen on the dashboards' };
  const typed: readonly (readonly [argv: readonly string[], objects: Objects, spec: unknown])[] = [
    [
      ['approve', 'checkout', ...yes],
      waiting,
      { approvals: [{ gate: 'ApprovalRequired', ...by, evidenceHash: '2839809e70f93aa1' }] },
    ],
    [
      ['approve', 'checkout', ...yes, '--evidence', '2839809e70f93aa1', '--gate', 'ApprovalRequired', '--by', 'bo'],
      {
        plan: movingPlan(),
        run: runObject(asksForApproval, {
          spec: { approvals: [{ gate: 'Cooldown', by: 'cy', reason: 'r', evidenceHash: 'h' }] },
        }),
      },
      {
        approvals: [
          { gate: 'Cooldown', by: 'cy', reason: 'r', evidenceHash: 'h' },
          { gate: 'ApprovalRequired', by: 'bo', reason: by.reason, evidenceHash: '2839809e70f93aa1' },
        ],
      },
    ],
    [
      ['attest', 'checkout', 'orders', ...yes, '--stopped-at', '2030-01-01T00:08:30Z'],
      waiting,
      { attestations: [{ target: 'orders', kind: 'Fenced', at: '2030-01-01T00:08:30.000Z', ...by }] },
    ],
    [['accept-data-loss', 'checkout', ...yes, '--max', '7m'], losing(), { acceptDataLoss: { max: '7m', ...by } }],
    [['pause', 'checkout', '--yes'], waiting, { desiredState: 'Paused' }],
    [
      ['resume', 'checkout', '--yes'],
      { plan: movingPlan(), run: runObject({}, { spec: { desiredState: 'Paused' } }) },
      { desiredState: 'Running' },
    ],
    [['abort', 'checkout', '--yes'], waiting, { desiredState: 'Aborted' }],
    [
      ['retry', 'checkout', 'rebuild/orders', ...yes],
      waiting,
      { retries: [{ step: 'rebuild/orders', at: '2030-01-01T00:10:00.000Z', ...by }] },
    ],
    [['skip', 'checkout', 'smoke/front-door', ...yes], waiting, { skips: [{ step: 'smoke/front-door', ...by }] }],
    [
      ['skip', 'checkout', 'promote/orders', '--accept-loss', '0s', ...yes],
      waiting,
      { skips: [{ step: 'promote/orders', ...by }], acceptDataLoss: { max: '0s', ...by } },
    ],
  ];
  for (const [argv, objects, spec] of typed) {
    it(argv.join(' '), async () => {
      const said = await cli(argv, objects);
      assertDone(said);
      assert.deepEqual(said.patches, [{ metadata, spec }]);
      assert.match(said.out, /^Recorded: /);
      assert.match(
        said.err,
        /plan {2}payments\/checkout\n {2}from {2}us-east-1\n {2}to {4}us-west-2\n {2}loss {2}orders: /,
      );
    });
  }

  const refusals: readonly (readonly [
    argv: readonly string[],
    objects: Objects,
    code: number,
    says: RegExp,
    person?: Person,
  ])[] = [
    [
      ['approve', 'checkout', ...yes],
      { plan: movingPlan(), run: runObject() },
      exitCodes.refused,
      /waits for no approval/,
    ],
    [['approve', 'checkout', ...yes, '--gate', 'Cooldown'], waiting, exitCodes.refused, /does not wait for Cooldown/],
    [['approve', 'checkout', ...yes, '--evidence', 'other'], waiting, exitCodes.refused, /is 2839809e70f93aa1 now/],
    [
      ['approve', 'checkout', ...yes],
      { plan: planObject() },
      exitCodes.refused,
      /No Run of payments\/checkout is under way/,
    ],
    [['approve', 'checkout', '--yes'], waiting, exitCodes.usage, /required option '--reason/],
    [['approve', 'checkout', '--reason', 'r'], waiting, exitCodes.unconfirmed, /say --yes/],
    [['approve', 'checkout', '--reason', 'r'], waiting, exitCodes.unconfirmed, /Not confirmed/, { types: 'yes' }],
    [
      ['attest', 'checkout', 'ledger', ...yes, '--stopped-at', '2030-01-01T00:08:30Z'],
      waiting,
      exitCodes.notFound,
      /fences no ledger/,
    ],
    [['attest', 'checkout', 'orders', ...yes, '--stopped-at', 'noon'], waiting, exitCodes.usage, /is no time/],
    [
      ['attest', 'checkout', 'orders', ...yes, '--stopped-at', '2031-01-01T00:00:00Z'],
      waiting,
      exitCodes.usage,
      /still to come/,
    ],
    [['accept-data-loss', 'checkout', ...yes, '--max', '7m'], waiting, exitCodes.refused, /waits for nobody to accept/],
    [['accept-data-loss', 'checkout', ...yes, '--max', 'all'], losing(), exitCodes.usage, /is no duration/],
    [['resume', 'checkout', '--yes'], waiting, exitCodes.refused, /is not paused/],
    [['abort', 'checkout', '--yes'], promoting(), exitCodes.refused, /only forward/],
    [
      ['attest', 'checkout', 'billing-worker', ...yes, '--stopped-at', '2030-01-01T00:08:30Z'],
      waiting,
      exitCodes.notFound,
      /fences no billing-worker; it knows orders, \*/,
    ],
    [
      ['attest', 'checkout', 'orders', ...yes, '--stopped-at', '2030-01-01T00:08:30Z'],
      { plan: movingPlan(), run: runObject(asksForApproval, { status: { mode: 'Planned' } }) },
      exitCodes.refused,
      /is planned: it rests on a position that no word can give/,
    ],
    [
      ['skip', 'checkout', 'promote/orders', '--accept-loss', 'all', ...yes],
      waiting,
      exitCodes.usage,
      /--accept-loss: "all" is no duration/,
    ],
    [
      ['skip', 'checkout', 'quiesce/billing-worker', ...yes],
      { plan: movingPlan(), run: runObject({}, { status: { steps: [stopsTheWorker] } }) },
      exitCodes.refused,
      /quiesce\/billing-worker of checkout-7 is its fence, and never left out\. .* takes an attestation/,
    ],
    [['skip', 'checkout', 'nothing', ...yes], waiting, exitCodes.notFound, /has no step nothing/],
    [['retry', 'checkout', 'assess', ...yes], waiting, exitCodes.refused, /is done/],
    [
      ['pause', 'checkout', '--yes'],
      { plan: movingPlan(), run: runObject({}, { status: { phase: 'Aborted' } }) },
      exitCodes.refused,
      /is over/,
    ],
    [['pause', 'nothing', '--yes'], waiting, exitCodes.notFound, /There is no plan payments\/nothing/],
    [['dance', 'checkout'], waiting, exitCodes.usage, /unknown command/],
  ];
  for (const [argv, objects, code, says, person] of refusals) {
    it(`is refused: ${argv.join(' ')} (${String(says)})`, async () => {
      const said = await cli(argv, objects, person);
      assert.equal(said.code, code, said.err);
      assert.match(said.err, says);
      assert.deepEqual(said.patches, []);
    });
  }

  it('is confirmed by typing plan and region', async () => {
    const said = await cli(['pause', 'checkout'], waiting, { types: 'checkout us-west-2' });
    assertDone(said);
    held('confirm-pause.txt', said.err);
  });
  it('shows the loss that the run asks about, and no older guess beside it', async () => {
    const argv = ['accept-data-loss', 'checkout', '--reason', 'r', '--max', '7m'];
    const { err } = await cli(argv, losing(), { types: 'no' });
    assert.match(err, /^ {2}loss {2}orders: It would lose at most 400 s\.$/m);
    assert.doesNotMatch(err, /Unknown|Estimated/);
    assert.equal(err.match(/400 s/g)?.length, 1);
  });
  it('is written anew where the operator wrote in between', async () => {
    const said = await cli(['pause', 'checkout', '--yes'], waiting, {
      onPatch: (attempt) => (attempt < 3 ? 'Conflict' : 'Taken'),
    });
    assertDone(said);
    assert.equal(said.patches.length, 3);
  });
  it('is not given to other evidence than was shown', async () => {
    const other = runObject({
      ...asksForApproval,
      approve: {
        ...asksForApproval.approve,
        waitsFor: { reason: 'ApprovalRequired', message: 'm', evidence: [], evidenceHash: 'another' },
      },
    });
    const said = await cli(['approve', 'checkout', ...yes], waiting, { later: { run: other } });
    assert.equal(said.code, exitCodes.refused);
    assert.deepEqual(said.patches, []);
  });
});

function losing(): Objects {
  const waitsFor = {
    reason: 'DataLossUnaccepted',
    message: 'It would lose at most 400 s.',
    evidence: [],
    next: `-p '{"spec":{"acceptDataLoss":{"max":"400s"}}}'`,
  };
  return {
    plan: movingPlan(),
    run: runObject({ 'promote/orders': { state: 'Waiting', since: ago(1_000).wall, waitsFor } }),
  };
}

function promoting(): Objects {
  const at = ago(1_000).wall;
  const intent = { token: 't', action: 'Do', holder: 'h', at, notAfter: at, attempt: 1, firstAt: at } as const;
  return { plan: movingPlan(), run: runObject({ 'promote/orders': { state: 'Running', since: at, intent } }) };
}
