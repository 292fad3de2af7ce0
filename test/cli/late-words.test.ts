import assert from 'node:assert/strict';
import { identityHash } from '../../src/api/identity.ts';
import type { Hold, RunSpec, RunStatus, StepStatus } from '../../src/api/run.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { ago } from '../decide/support/facts.ts';
import { assertDone, cli, held, movingPlan, runObject, waiting, type Objects } from './fixtures.ts';

const yes = ['--yes', '--reason', 'seen on the dashboards'];
const by = { by: 'ana', reason: 'seen on the dashboards' };
const at = ago(1_000).wall;

function moving(
  steps: Readonly<Record<string, Partial<StepStatus>>>,
  spec: Partial<RunSpec> = {},
  status: Partial<RunStatus> = {},
): Objects {
  return { plan: movingPlan(), run: runObject(steps, { spec, status }) };
}

function waits(
  step: string,
  hold: Omit<Hold, 'evidence'> & Partial<Hold>,
): Readonly<Record<string, Partial<StepStatus>>> {
  return { [step]: { state: 'Waiting', since: at, waitsFor: { evidence: [], ...hold } } };
}

const mode = ['mode', 'checkout', 'Forced', '--yes'];
const undecidedSteps = waits('assess', {
  reason: 'ModeUndecided',
  message: 'Cannot tell whether us-east-1 is healthy or down; a person decides the mode.',
  next: `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"mode":"Forced"}}'`,
});
const undecided = (spec: Partial<RunSpec> = {}, status: Partial<RunStatus> = {}): Objects => {
  const { run, ...rest } = moving(undecidedSteps, spec, status);
  const { mode: _decided, ...unsettled } = run?.['status'] as Record<string, unknown>;
  return { ...rest, run: { ...run, status: unsettled } };
};

const takeover = ['takeover', 'checkout', 'public', '--from', 'shop/old', ...yes];
const owned = `Record checkout.example.com is owned by another plan (identity hash ${identityHash('shop/old')}). Let that plan give it up, or record whose it is taken over from.`;
const seen = {
  what: 'checkout.example.com: Region, owner Foreign',
  at,
  value: { identityHash: identityHash('shop/old') },
};
const offer = `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"takeovers":[{"record":"public","from":"IDENTITY-OF-THE-OTHER-PLAN","by":"YOUR-NAME","reason":"YOUR-REASON"}]}}'`;
const foreignHold = waits('preflight/public', {
  reason: 'ForeignOwner',
  message: owned,
  evidence: [seen],
  next: offer,
});
const foreign = (spec: Partial<RunSpec> = {}): Objects => moving(foreignHold, spec);
const tool = waits('preflight/public', {
  reason: 'ForeignOwner',
  message: 'Record checkout.example.com is managed by something else: external-dns.',
});

const abandon = ['abandon', 'checkout', ...yes];
const intent = { token: 't', action: 'Do', holder: 'h', at, notAfter: at, attempt: 1, firstAt: at } as const;
const fencing: Readonly<Record<string, Partial<StepStatus>>> = {
  'fence/orders': { state: 'Running', since: at, intent },
};

const discard = ['discard-diverged', 'checkout', ...yes];
const diverged = { what: 'orders@us-east-1: 3 commits that were lost, 0 since its return', at };
const unproven: Readonly<Record<string, Partial<StepStatus>>> = {
  'compare/orders': { state: 'Done', outcome: { state: 'Succeeded', at, evidence: [diverged] } },
  ...waits('rebuild/orders', {
    reason: 'PreservationUnproven',
    message: 'Job rebuild-orders does not say where it kept the 3 commits that us-west-2 never had.',
    next: `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"discardDiverged":{"by":"YOUR-NAME","reason":"YOUR-REASON"}}}'`,
  }),
};
const rebuiltAlready: Readonly<Record<string, Partial<StepStatus>>> = {
  'rebuild/orders': { state: 'Done', outcome: { state: 'Succeeded', at, evidence: [] } },
};

describe('the mode, a takeover and giving up', () => {
  const metadata = { uid: 'checkout-7-uid', resourceVersion: '5' };
  const former = { record: 'public', from: 'shop/older', by: 'cy', reason: 'r' };
  const typed: readonly (readonly [argv: readonly string[], objects: Objects, spec: unknown])[] = [
    [mode, undecided(), { mode: 'Forced' }],
    [['mode', 'checkout', 'Planned', '--yes'], undecided(), { mode: 'Planned' }],
    [takeover, foreign(), { takeovers: [{ record: 'public', from: 'shop/old', ...by }] }],
    [
      [...takeover, '--by', 'bo'],
      foreign({ takeovers: [former] }),
      { takeovers: [former, { record: 'public', from: 'shop/old', by: 'bo', reason: by.reason }] },
    ],
    [discard, moving(unproven), { discardDiverged: by }],
    // Before the Job is made, too, which is told of it.
    [[...discard, '--by', 'bo'], moving({}), { discardDiverged: { ...by, by: 'bo' } }],
    [abandon, moving(fencing), { abandon: by }],
    // An abort that does not end, for the source cannot be reached.
    [
      abandon,
      moving({}, {}, { abort: { at, reason: 'Requested', message: 'A person asked for it.' } }),
      { abandon: by },
    ],
  ];
  for (const [argv, objects, spec] of typed) {
    it(argv.join(' '), async () => {
      const said = await cli(argv, objects);
      assertDone(said);
      assert.deepEqual(said.patches, [{ metadata, spec }]);
    });
  }

  const refusals: readonly (readonly [argv: readonly string[], objects: Objects, code: number, says: RegExp])[] = [
    [['mode', 'checkout', 'forced', '--yes'], undecided(), exitCodes.usage, /mode: "forced" is none; say Planned or /],
    [mode, waiting, exitCodes.refused, /checkout-7 is Forced already/],
    [['mode', 'checkout', 'Planned', '--yes'], waiting, exitCodes.refused, /checkout-7 is Forced, and .* abort it/],
    [
      ['mode', 'checkout', 'Planned', '--yes'],
      moving({ 'promote/orders': { state: 'Running', since: at, intent } }),
      exitCodes.refused,
      /can no longer be aborted/,
    ],
    [mode, undecided({ mode: 'Planned' }), exitCodes.refused, /mode of checkout-7 is set to Planned already/],
    [mode, undecided({ desiredState: 'Aborted' }), exitCodes.refused, /is being aborted/],
    [['mode', 'checkout', 'Forced'], undecided(), exitCodes.unconfirmed, /say --yes/],
    [takeover, waiting, exitCodes.refused, /waits for no takeover of public/],
    [
      ['takeover', 'checkout', 'private', '--from', 'a/b', ...yes],
      foreign(),
      exitCodes.notFound,
      /no record private; it knows public/,
    ],
    [
      ['takeover', 'checkout', 'public', '--from', 'shop/odl', ...yes],
      foreign(),
      exitCodes.refused,
      /--from: public is not owned by "shop\/odl"/,
    ],
    [['takeover', 'checkout', 'public', ...yes], foreign(), exitCodes.usage, /required option '--from/],
    [
      ['takeover', 'checkout', 'public', '--from', 'shop/old', '--yes'],
      foreign(),
      exitCodes.usage,
      /required option '--reason/,
    ],
    [takeover, moving(tool), exitCodes.refused, /is managed by something else: external-dns.* no takeover/],
    [
      takeover,
      foreign({ takeovers: [{ ...former, record: 'public', from: 'shop/old' }] }),
      exitCodes.refused,
      /from shop\/old is recorded already/,
    ],
    [
      discard,
      moving(unproven, { discardDiverged: by }),
      exitCodes.refused,
      /ana said already that checkout-7 need keep/,
    ],
    [discard, moving(rebuiltAlready), exitCodes.refused, /has rebuilt all it had to/],
    [discard, moving({}, {}, { steps: [] }), exitCodes.refused, /rebuilds no database/],
    [['discard-diverged', 'checkout', '--yes'], moving(unproven), exitCodes.usage, /required option '--reason/],
    [abandon, waiting, exitCodes.refused, /Nothing is fenced yet.*kubectl drplan abort checkout -n payments/],
    [abandon, moving(fencing, { abandon: by }), exitCodes.refused, /is being abandoned already/],
    [['abandon', 'checkout', '--yes'], moving(fencing), exitCodes.usage, /required option '--reason/],
  ];
  for (const [argv, objects, code, says] of refusals) {
    it(`is refused: ${argv.join(' ')} (${String(says)})`, async () => {
      const said = await cli(argv, objects);
      assert.equal(said.code, code, said.err);
      assert.match(said.err, says);
      assert.deepEqual(said.patches, []);
    });
  }

  const shown: Readonly<Record<string, readonly [argv: readonly string[], objects: Objects]>> = {
    'confirm-mode': [['mode', 'checkout', 'Forced'], undecided()],
    'confirm-mode-planned': [['mode', 'checkout', 'Planned'], undecided()],
    'confirm-takeover': [takeover.filter((word) => word !== '--yes'), foreign()],
    'confirm-discard-diverged': [discard.filter((word) => word !== '--yes'), moving(unproven)],
    'confirm-abandon': [abandon.filter((word) => word !== '--yes'), moving(fencing)],
  };
  for (const [name, [argv, objects]] of Object.entries(shown)) {
    it(`is confirmed by typing plan and region: ${name}`, async () => {
      const said = await cli(argv, objects, { types: 'checkout us-west-2' });
      assertDone(said);
      held(`${name}.txt`, said.err);
    });
  }

  const offered: readonly (readonly [objects: Objects, command: string])[] = [
    [undecided(), 'kubectl drplan mode checkout -n payments Forced'],
    [
      foreign(),
      'kubectl drplan takeover checkout -n payments public --from IDENTITY-OF-THE-OTHER-PLAN --reason YOUR-REASON',
    ],
    [moving(unproven), 'kubectl drplan discard-diverged checkout -n payments --reason YOUR-REASON'],
  ];
  for (const [objects, command] of offered) {
    it(`status offers beside the patch: ${command}`, async () => {
      const { out } = await cli(['status', 'checkout'], objects);
      assert.ok(out.includes(`  type  kubectl patch drrun checkout-7 `), out);
      assert.ok(out.includes(`  or    ${command}\n`), out);
    });
  }

  it('prints for programs what was recorded', async () => {
    const { out } = await cli([...abandon, '-o', 'json'], moving(fencing));
    assert.deepEqual(JSON.parse(out), { done: 'Abandon checkout-7 as it stands', spec: { abandon: by } });
  });
});
