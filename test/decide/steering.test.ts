import assert from 'node:assert/strict';
import { identityHash } from '../../src/api/identity.ts';
import type { PlanSpec } from '../../src/api/plan.ts';
import type { Approval, StepStatus } from '../../src/api/run.ts';
import type { RunDecision } from '../../src/decide/decision.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { approval } from '../../src/decide/rules/approval.ts';
import { isSkippable } from '../../src/decide/steering/skip.ts';
import { wordLastsMs } from '../../src/decide/steering/words.ts';
import { ago, foreign, inEast, inWest, aPrimary, aStandby, listed, now, seen } from './support/facts.ts';
import { aDatabase, aSpec, east, minute, withFailover } from './support/plans.ts';
import {
  anApproval,
  anIntent,
  ask,
  factsOf,
  graphOf,
  inWords,
  judge,
  messageOf,
  outcome,
  type Case,
} from './support/runs.ts';

const said = { by: 'ana', reason: 'the report can wait' };
const refusalsIn = (decision: RunDecision): string[] =>
  decision.status.refusals.map(({ request, reason, message }) => `${request}: ${reason}. ${message}`);

describe('an approval', () => {
  const given = { run: { approvals: [anApproval('ApprovalRequired')] } };
  const heardAgo = (ms: number, usedAt?: number): Case => ({
    ...given,
    status: {
      words: [
        {
          gate: 'ApprovalRequired',
          evidenceHash: anApproval('ApprovalRequired').evidenceHash ?? '',
          seenAt: ago(ms).wall,
          ...(usedAt === undefined ? {} : { usedAt }),
        },
      ],
    },
  });

  it('is written down when it is first heard', () => {
    const { words } = decideRun(factsOf(given)).status;
    assert.deepEqual(
      words.map((word) => [word.gate, word.seenAt]),
      [['ApprovalRequired', now.wall]],
    );
  });

  it('counts for as long as its time lasts, and then the gate asks anew, on other evidence', () => {
    assert.equal(ask(approval, 'approve', heardAgo(wordLastsMs - 1)), undefined);
    const late = ask(approval, 'approve', heardAgo(wordLastsMs));
    assert.equal(late?.reason, 'ApprovalRequired');
    assert.notEqual(late.evidenceHash, anApproval('ApprovalRequired').evidenceHash, 'or the record could not be made');
    assert.match(late.message, /The recorded approval was given for other evidence/);
  });

  it('keeps its time whatever else is recorded for its gate: a word that never counted takes none from it', () => {
    const stray = { gate: 'ApprovalRequired', evidenceHash: 'zz', seenAt: ago(wordLastsMs).wall };
    const counted = heardAgo(minute);
    const words = [stray, ...(counted.status?.words ?? [])];
    assert.equal(ask(approval, 'approve', { ...counted, status: { words } }), undefined);
  });

  it('may be given again each time that it lapsed', () => {
    const first = anApproval('ApprovalRequired');
    const lapsed = ({ gate, evidenceHash = '' }: Approval) => ({ gate, evidenceHash, seenAt: ago(wordLastsMs).wall });
    const second = anApproval('ApprovalRequired', { status: { words: [lapsed(first)] } });
    const run = { approvals: [first, second] };
    const once = { words: [lapsed(first)] };
    assert.equal(ask(approval, 'approve', { run, status: once }), undefined);
    const twice = { words: [lapsed(first), lapsed(second)] };
    const third = ask(approval, 'approve', { run, status: twice })?.evidenceHash;
    assert.equal(new Set([first.evidenceHash, second.evidenceHash, third]).size, 3);
  });

  it('once used lasts', () => {
    assert.equal(ask(approval, 'approve', heardAgo(wordLastsMs * 2, ago(wordLastsMs).wall)), undefined);
  });

  it('is used by the step that it lets through', () => {
    const steps = Object.fromEntries(
      ['assess', 'positions'].map((id) => [id, outcome('Succeeded', { mode: 'Forced' })]),
    );
    const { status } = decideRun(factsOf({ ...given, steps }));
    assert.equal(status.steps.find((step) => step.kind === 'Approve')?.outcome?.state, 'Succeeded');
    assert.equal(status.words[0]?.usedAt, now.wall);
  });

  it('that does not count is not used, and no approval', () => {
    const steps = Object.fromEntries(
      ['assess', 'positions'].map((id) => [id, outcome('Succeeded', { mode: 'Forced' })]),
    );
    const stray = { gate: 'ApprovalRequired', by: 'bob', reason: 'typed by hand', evidenceHash: 'zz' };
    const { status } = decideRun(
      factsOf({ spec: withFailover({ approval: 'Never' }), steps, run: { approvals: [stray] } }),
    );
    assert.equal(status.words[0]?.usedAt, undefined);
    const approved = status.steps.find((step) => step.kind === 'Approve')?.outcome;
    assert.equal(approved?.state, 'Vacuous');
    assert.equal(approved.evidence[0]?.what, 'no approval needed under approval: Never');
  });

  it('is not used by a step that was let through before it', () => {
    const steps = Object.fromEntries(
      ['assess', 'positions', 'approve'].map((id) => [id, outcome('Succeeded', { mode: 'Forced' })]),
    );
    assert.equal(decideRun(factsOf({ ...given, steps })).status.words[0]?.usedAt, undefined);
  });
});

describe('a skip', () => {
  /** One workload, quiesced; and all before that is done. */
  const quiescing = (mode: 'Planned' | 'Forced', databases: PlanSpec['databases']): Case => {
    const [api] = aSpec().workloads;
    assert.ok(api !== undefined);
    const spec = aSpec({ databases, workloads: [{ ...api, uses: [], quiesce: true, active: { replicas: 2 } }] });
    const steps = Object.fromEntries(
      graphOf(spec, mode)
        .filter(({ phase }) => phase === 'Activation')
        .map(({ id }) => [id, outcome('Succeeded', { mode })]),
    );
    return { spec, mode, steps, run: { skips: [{ step: 'quiesce/api', ...said }] } };
  };
  it('leaves out what nothing rests on, and says on whose word', () => {
    const steps = { assess: outcome('Succeeded', { mode: 'Forced' }) };
    const { status } = decideRun(factsOf({ steps, run: { skips: [{ step: 'dependency/idp', ...said }] } }));
    const step = status.steps.find(({ id }) => id === 'dependency/idp');
    assert.equal(step?.outcome?.state, 'Skipped');
    assert.match(step.outcome.evidence[0]?.what ?? '', /skipped by ana \(claimed, unverified\): the report can wait/);
    assert.deepEqual(status.refusals, []);
  });

  it('is refused for whatever proves something', () => {
    const kinds = ['Assess', 'Approve', 'Fence', 'Position', 'Open', 'Probe', 'Shift', 'Soak', 'FinishFence'] as const;
    assert.deepEqual(
      kinds.filter((kind) => isSkippable(kind)),
      [],
    );
    for (const mode of ['Planned', 'Forced'] as const) {
      for (const step of graphOf(aSpec(), mode).filter(({ kind }) => !isSkippable(kind))) {
        const decision = decideRun(factsOf({ mode, run: { skips: [{ step: step.id, ...said }] } }));
        assert.notEqual(
          decision.status.steps.find(({ id }) => id === step.id)?.outcome?.state,
          'Skipped',
          `${step.id} was skipped`,
        );
        assert.match(refusalsIn(decision).join(), new RegExp(`^Skip ${step.id}: NotSkippable\\.`));
      }
    }
  });

  it('does not stand for the fence where that is the quiesce', () => {
    const messages = (mode: 'Planned' | 'Forced') => {
      const decision = decideRun(factsOf(quiescing(mode, [])));
      const quiesce = decision.status.steps.find(({ id }) => id === 'quiesce/api');
      assert.equal(quiesce?.outcome, undefined, 'it proves nothing');
      return refusalsIn(decision).join();
    };
    const why =
      'Skip quiesce/api: NotSkippable. Without a database it is the fence: what moves afterwards rests on api in us-east-1 being stopped.';
    assert.equal(messages('Forced'), `${why} Where nobody can see that, attest it: attestations, target api.`);
    assert.equal(messages('Planned'), `${why} A planned Run waits until it is seen; abort it if that cannot be.`);
  });

  it('may leave out a quiesce that a fence comes after', () => {
    const { status } = decideRun(factsOf(quiescing('Forced', [aDatabase()])));
    assert.equal(status.steps.find(({ id }) => id === 'quiesce/api')?.outcome?.state, 'Skipped');
    assert.deepEqual(status.refusals, []);
  });

  it('of what is done, or is no step, is answered', () => {
    const steps = { 'dependency/idp': outcome('Succeeded') };
    const skips = ['dependency/idp', 'dependency/idb'].map((step) => ({ step, ...said }));
    assert.deepEqual(
      decideRun(factsOf({ steps, run: { skips } })).status.refusals.map(({ reason }) => reason),
      ['AlreadyDone', 'UnknownStep'],
    );
  });

  it('keeps the time of its refusal', () => {
    const run = { skips: [{ step: 'fence/orders', ...said }] };
    const first = decideRun(factsOf({ run })).status.refusals;
    const before = first.map((refusal) => ({ ...refusal, at: ago(60_000).wall }));
    assert.deepEqual(decideRun(factsOf({ run, status: { refusals: before } })).status.refusals, before);
  });
});

describe('a retry', () => {
  const retries = [{ step: 'rebuild/orders', at: ago(1_000).wall, ...said }];
  const spec = aSpec({ databases: [aDatabase('orders', { rebuild: { jobTemplate: {} } })] });
  const failed = seen({ exists: true, state: 'Failed', message: 'disk full' } as const);
  const steps = { 'promote/orders': outcome('Succeeded', { timeline: 2, systemIdentifier: '1', switchpoint: '0/5' }) };
  const observed = { databases: { [inEast('orders')]: seen(aPrimary()) } };

  it('is what a failed rebuild asks for, and makes another Job', () => {
    const held = judge('rebuild/orders', {
      spec,
      steps,
      observed: { ...observed, jobs: { [inEast('checkout-7-rebuild-orders')]: failed } },
    });
    assert.equal(inWords(held), 'Wait RebuildFailed');
    assert.match(held.kind === 'Wait' ? (held.hold.next ?? '') : '', /"retries":\[\{"step":"rebuild\/orders"/);
    const absent = seen({ exists: false } as const);
    const again = judge('rebuild/orders', {
      spec,
      steps,
      observed: {
        ...observed,
        jobs: { [inEast('checkout-7-rebuild-orders')]: failed, [inEast('checkout-7-rebuild-orders-1')]: absent },
      },
      run: { retries },
    });
    assert.equal(inWords(again), 'Act Rebuilding: checkout-7-rebuild-orders-1@us-east-1');
  });

  it('of anything else is answered: it is tried again by itself', () => {
    const decision = decideRun(factsOf({ run: { retries: [{ step: 'fence/orders', at: now.wall, ...said }] } }));
    assert.match(refusalsIn(decision).join(), /^Retry fence\/orders: RetriedByItself\./);
  });

  it('from after the rebuild was done is answered; the one that it was done on has its answer', () => {
    const rebuiltAt = (at: number): Case => ({
      spec,
      run: { retries },
      steps: { ...steps, 'rebuild/orders': { outcome: { state: 'Succeeded', at, evidence: [] } } },
    });
    assert.match(
      refusalsIn(decideRun(factsOf(rebuiltAt(ago(2_000).wall)))).join(),
      /^Retry rebuild\/orders: AlreadyDone\./,
    );
    assert.deepEqual(refusalsIn(decideRun(factsOf(rebuiltAt(ago(500).wall)))), []);
  });
});

describe('a takeover', () => {
  const other = { ...foreign, identityHash: identityHash('shop/old') } as const;
  const record = { records: { public: seen(listed(east, other)) } };
  const open = { databases: { [inWest('orders')]: seen(aPrimary()) } };
  const takeover = { record: 'public', from: 'shop/old', ...said };

  it('of the very plan that owns the record lets it be moved; of another one it does not', () => {
    const at = (from: string) =>
      judge('shift/public', {
        observed: { ...open, ...record },
        run: { takeovers: [{ ...takeover, from }] },
      });
    assert.equal(inWords(at('shop/old')), 'Act Shifting: Shift public to us-west-2');
    assert.equal(inWords(at('shop/new')), 'Wait ForeignOwner');
    assert.match(messageOf(at('shop/new')), /What was recorded as a takeover names another identity/);
    const judged = judge('shift/public', { observed: { ...open, ...record } });
    assert.match(judged.kind === 'Wait' ? (judged.hold.next ?? '') : '', /"takeovers":\[\{"record":"public"/);
  });

  it('with a wrong name is put right by another one beside it, for what was recorded stays', () => {
    const wrong = { ...takeover, from: 'shop/odl' };
    const held = judge('shift/public', { observed: { ...open, ...record }, run: { takeovers: [wrong] } });
    const next = held.kind === 'Wait' ? (held.hold.next ?? '') : '';
    assert.ok(next.includes(JSON.stringify(wrong)), next);
    const run = { takeovers: [wrong, takeover] };
    assert.equal(
      inWords(judge('shift/public', { observed: { ...open, ...record }, run })),
      'Act Shifting: Shift public to us-west-2',
    );
  });

  it('of a record that the plan has not is answered', () => {
    const decision = decideRun(factsOf({ run: { takeovers: [{ ...takeover, record: 'private' }] } }));
    assert.match(refusalsIn(decision).join(), /^Takeover private: UnknownRecord\. .*it has public\./);
  });
});

describe('abandoning', () => {
  const run = { abandon: said };
  it('ends a run past its fence where it stands, without an effect, and names what was begun', () => {
    const steps = {
      'fence/orders': { ...outcome('Succeeded'), intent: anIntent() },
      'promote/orders': { intent: anIntent() },
    };
    const decision = decideRun(factsOf({ run, steps }));
    assert.equal(decision.status.phase, 'Abandoned');
    assert.equal(decision.status.finishedAt, now.wall);
    assert.deepEqual([decision.effects, decision.needs], [[], []]);
    assert.match(decision.status.message, /Abandoned by ana .*Begun and not seen done: promote\/orders\./);
  });
  it('is refused while everything can still be taken back', () => {
    const decision = decideRun(factsOf({ run }));
    assert.notEqual(decision.status.phase, 'Abandoned');
    assert.match(refusalsIn(decision).join(), /^Abandon: NothingFenced\./);
  });
  it('once refused fences nothing: the same word would end it behind the fence, with nothing promoted', () => {
    const fence = (given: Case): StepStatus | undefined => {
      const approved = { 'preflight/orders': outcome('Succeeded'), approve: outcome('Succeeded') };
      const begun = Object.fromEntries(
        graphOf(aSpec(), 'Forced')
          .filter(({ id }) => /^(assess|positions|preflight|dependency|pre-scale|quiesce)/.test(id))
          .map(({ id }) => [id, outcome('Succeeded', { mode: 'Forced', replicas: 6 })]),
      );
      const observed = { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) } };
      const { status } = decideRun(factsOf({ ...given, steps: { ...begun, ...approved }, observed }));
      return status.steps.find(({ id }) => id === 'fence/orders');
    };
    assert.notEqual(fence({})?.intent, undefined, 'where nobody says so, it fences');
    const held = fence({ run });
    assert.equal(held?.intent, undefined);
    assert.equal(held?.waitsFor?.reason, 'NothingFenced');
    assert.match(held.waitsFor.next ?? '', /"desiredState":"Aborted"/);
  });
  it('ends an abort that cannot be finished', () => {
    const abort = { at: ago(1_000).wall, reason: 'Requested', message: 'A person asked for it.' };
    assert.equal(decideRun(factsOf({ run, status: { abort } })).status.phase, 'Abandoned');
  });
});

describe('an abort after a promotion was intended', () => {
  it('is refused, with the reason', () => {
    const steps = { 'promote/orders': { intent: anIntent() } };
    const decision = decideRun(factsOf({ steps, run: { desiredState: 'Aborted' } }));
    assert.match(refusalsIn(decision).join(), /^Abort: PastNoReturn\./);
    assert.equal(decision.status.abort, undefined);
  });
});

describe('one database promoted, and the other late', () => {
  const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
  const past = ['assess', 'positions', 'approve', 'preflight/orders', 'preflight/ledger', 'preflight/api'];
  const more = [
    'preflight/billing-worker',
    'preflight/public',
    'quiesce/billing-worker',
    'fence/orders',
    'fence/ledger',
  ];
  const done = Object.fromEntries(
    [...past, ...more].map((id) => [id, outcome('Succeeded', { mode: 'Forced', replicas: 6 })]),
  );
  const late = { readyAt: ago(400_000).wall, deadline: ago(1_000).wall, intent: anIntent({ attempt: 3 }) };
  const steps = { ...done, 'promote/orders': outcome('Succeeded', { timeline: 2 }), 'promote/ledger': late };
  const observed = {
    databases: { [inWest('orders')]: seen(aPrimary()), [inWest('ledger')]: seen(aStandby()) },
  };
  const acceptDataLoss = { maxMs: 600_000, ...said };

  it('is said with where each writes, and what can be chosen', () => {
    const step = decideRun(factsOf({ spec, steps, observed, run: { acceptDataLoss } })).status.steps.find(
      ({ id }) => id === 'promote/ledger',
    );
    assert.equal(step?.state, 'Blocked');
    assert.equal(step.waitsFor?.reason, 'PartiallyPromoted');
    assert.match(step.waitsFor.message, /orders writes in us-west-2; ledger writes nowhere\. Traffic holds/);
    assert.match(step.waitsFor.next ?? '', /"skips":\[\{"step":"promote\/ledger"/);
  });

  it('the same words keep their evidence, so that the status stands still', () => {
    const first = decideRun(factsOf({ spec, steps, observed, run: { acceptDataLoss } })).status;
    const again = {
      ...factsOf({ spec, steps, observed, run: { acceptDataLoss } }),
      now: { ...now, wall: now.wall + 5_000 },
    };
    const second = decideRun({ ...again, run: { ...again.run, status: first } }).status;
    const hold = (status: typeof first) => status.steps.find(({ id }) => id === 'promote/ledger')?.waitsFor;
    assert.deepEqual(hold(second), hold(first));
  });

  it('may be left behind with a recorded acceptance, and then goes on without it', () => {
    const skips = [{ step: 'promote/ledger', ...said }];
    const refused = decideRun(factsOf({ spec, steps, observed, run: { skips } }));
    assert.match(refusalsIn(refused).join(), /^Skip promote\/ledger: NotSkippable\. .*acceptDataLoss/);
    const { status } = decideRun(factsOf({ spec, steps, observed, run: { skips, acceptDataLoss } }));
    const skipped = status.steps.filter((step) => step.outcome?.state === 'Skipped').map(({ id }) => id);
    assert.deepEqual(skipped, ['promote/ledger', 'checkpoint/ledger', 'open/ledger', 'probe/ledger', 'compare/ledger']);
    assert.equal(status.steps.find(({ id }) => id === 'fence/ledger')?.outcome?.state, 'Succeeded', 'it stays fenced');
  });
});
