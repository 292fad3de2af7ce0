import assert from 'node:assert/strict';
import { unknown } from '../../../src/api/fact.ts';
import type { Evidence, StepStatus } from '../../../src/api/run.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import type { EffectOutcome, Observed, Seen } from '../../../src/decide/facts.ts';
import { stepRules } from '../../../src/decide/kinds/index.ts';
import type { DatabaseState, Divergence } from '../../../src/drivers/databases/driver.ts';
import type { JobState } from '../../../src/drivers/workloads/driver.ts';
import {
  accepted,
  ago,
  aJob,
  aPrimary,
  aStandby,
  everyWhy,
  inEast,
  inFlight,
  inWest,
  lost,
  now,
  outcomeUnknown,
  promoted,
  refused,
  seen,
} from '../support/facts.ts';
import { aDatabase, aSpec, west } from '../support/plans.ts';
import {
  anIntent,
  contextFor,
  evidenceOf,
  factsOf,
  graphOf,
  inWords,
  judge,
  messageOf,
  outcome,
  stepIn,
  type Case,
} from '../support/runs.ts';

const ok = 'Done Succeeded';
const intent = anIntent({ token: 'the-token' });
const wentOver: Evidence['value'] = { timeline: 2, systemIdentifier: '7001', switchpoint: '0/5000' };

interface Look {
  readonly source?: Seen<DatabaseState>;
  readonly target?: Seen<DatabaseState>;
  readonly job?: Seen<JobState>;
  /** Of the second attempt. */
  readonly second?: Seen<JobState>;
  readonly divergence?: Seen<Divergence>;
  readonly step?: Partial<StepStatus>;
  readonly said?: EffectOutcome;
  readonly spec?: Case['spec'];
  readonly promotion?: Evidence['value'];
  /** What the comparison came to; default: nothing was there. */
  readonly compared?: Partial<StepStatus>;
  readonly run?: Case['run'];
}

const nothingDiverged = outcome('Succeeded', { lostCommits: 0, postReturnCommits: 0 });

function caseOf(id: string, look: Look): Case {
  const databases: Record<string, Seen<DatabaseState>> = {};
  if (look.source !== undefined) databases[inEast('orders')] = look.source;
  if (look.target !== undefined) databases[inWest('orders')] = look.target;
  const observed: Partial<Observed> = {
    databases,
    jobs: {
      ...(look.job === undefined ? {} : { [inEast('checkout-7-rebuild-orders')]: look.job }),
      ...(look.second === undefined ? {} : { [inEast('checkout-7-rebuild-orders-1')]: look.second }),
    },
    divergences: look.divergence === undefined ? {} : { [inEast('orders')]: look.divergence },
  };
  return {
    observed,
    steps: {
      'promote/orders': outcome('Succeeded', look.promotion ?? wentOver),
      'compare/orders': look.compared ?? nothingDiverged,
      [id]: look.step ?? {},
    },
    ...(look.run === undefined ? {} : { run: look.run }),
    facts: look.said === undefined ? {} : { outcomes: { [intent.token]: look.said } },
    ...(look.spec === undefined ? {} : { spec: look.spec }),
  };
}

function table(id: string, rows: readonly (readonly [string, Look, string])[]): void {
  for (const [name, look, wanted] of rows) {
    it(`with ${name}: ${wanted}`, () => {
      assert.equal(inWords(judge(id, caseOf(id, look))), wanted);
    });
  }
}

const follows = aStandby({ timeline: 2, position: '0/6000' });

/** What keeps a server from counting as a standby of the new primary. */
const strays: Readonly<Record<string, Seen<DatabaseState> | undefined>> = {
  'an old primary': seen(aPrimary()),
  'a standby of the old timeline': seen(aStandby()),
  'a standby of another system': seen(aStandby({ timeline: 2, systemIdentifier: '7002' })),
  'a standby that does not stream': seen(aStandby({ timeline: 2, receiver: { streaming: false } })),
  'a server that cannot be seen': lost(),
  'a server that was not asked': undefined,
};

describe('compare', () => {
  const id = 'compare/orders';
  const divergence: Divergence = { lostCommits: 3, postReturnCommits: 1, firstLostAt: 10, lastLostAt: 20 };
  table(id, [
    ['what diverged', { source: seen(aPrimary()), divergence: seen(divergence) }, ok],
    ['the WAL gone', { source: seen(aPrimary()), divergence: lost('Malformed') }, 'Done Overridden'],
    ['a replica', { source: seen(follows) }, 'Done Vacuous'],
    ['nothing read yet', { source: seen(aPrimary()) }, 'Wait Comparing'],
    ['the source dark', { source: lost() }, 'Wait Comparing'],
    ['no switchpoint', { source: seen(aPrimary()), promotion: { timeline: 2 } }, 'Done Overridden'],
    ['no switchpoint, of a replica', { source: seen(follows), promotion: { timeline: 2 } }, 'Done Vacuous'],
    ...everyWhy
      .filter((why) => why !== 'Malformed')
      .map((why) => [`it unknown for ${why}`, { divergence: lost<Divergence>(why) }, 'Wait Comparing'] as const),
  ]);

  describe('past its deadline', () => {
    const step = { deadline: ago(1).wall };
    const tooMuch: Seen<Divergence> = {
      fact: { ...unknown<Divergence>('Timeout', 'canceling statement', now), answered: true },
      streaks: {},
    };
    const source = seen(aPrimary());
    table(id, [
      ['more WAL than is read in that time', { source, divergence: tooMuch, step }, 'Done Overridden'],
      ['as much before it', { source, divergence: tooMuch, step: { deadline: now.wall + 1 } }, 'Wait Comparing'],
      ['a source that has gone dark', { source: lost(), divergence: tooMuch, step }, 'Wait Comparing'],
      ['a source that did not answer', { source, divergence: lost('Timeout'), step }, 'Wait Comparing'],
      ['no right to read it', { source, divergence: lost('Forbidden'), step }, 'Wait Comparing'],
      ['an answer after all', { source, divergence: seen(divergence), step }, ok],
    ]);
    it('says why it goes on without', () => {
      const judged = judge(id, caseOf(id, { source, divergence: tooMuch, step }));
      assert.match(messageOf(judged), /^orders@us-east-1 cannot be compared in time/);
    });
  });

  it('does not stand Running without end where reading always takes too long', () => {
    const steps = Object.fromEntries(
      graphOf(aSpec(), 'Forced')
        .filter(({ id: one }) => !['compare', 'rebuild', 'protect', 'report'].includes(one.split('/')[0] ?? ''))
        .map((one) => [one.id, outcome('Succeeded', wentOver)]),
    );
    const divergences = { [inEast('orders')]: lost<Divergence>('Timeout') };
    const observed = { databases: { [inEast('orders')]: seen(aPrimary()) }, divergences };
    const facts = factsOf({ observed, steps });
    const journal = decideRun(facts).status;
    const begun = journal.steps.find((one) => one.id === id);
    assert.equal(begun?.state, 'Running');
    assert.ok(begun.deadline !== undefined, 'it has no deadline');
    const later = { ...facts, now: { ...now, wall: begun.deadline, monotonic: now.monotonic + 1 } };
    const after = decideRun({ ...later, run: { ...later.run, status: journal } }).status;
    assert.equal(after.steps.find((one) => one.id === id)?.state, 'Blocked');
  });

  it('records what was lost, and what came after the return', () => {
    const value = (one: Divergence) => evidenceOf(judge(id, caseOf(id, { divergence: seen(one) })))[0]?.value;
    assert.deepEqual(value(divergence), divergence);
    assert.deepEqual(value({ lostCommits: 0, postReturnCommits: 0 }), { lostCommits: 0, postReturnCommits: 0 });
    const judged = judge(id, caseOf(id, { divergence: seen(divergence) }));
    assert.equal(messageOf(judged), 'orders@us-east-1: 3 commits lost, 1 after the return');
  });

  it('asks what lies beyond the switchpoint, once there is one', () => {
    const needs = (promotion: NonNullable<Evidence['value']>) => {
      const ctx = contextFor(caseOf(id, { promotion }));
      return stepRules.Compare.needs(stepIn(ctx, id), ctx);
    };
    assert.deepEqual(needs({ switchpoint: '0/5000' })[1], {
      kind: 'Divergence',
      name: 'orders',
      region: 'us-east-1',
      switchpoint: '0/5000',
    });
    assert.equal(needs({}).length, 1);
  });
});

describe('rebuild', () => {
  const id = 'rebuild/orders';
  const start = 'Act Rebuilding: checkout-7-rebuild-orders@us-east-1';
  const { rebuild: _none, ...withoutJob } = aDatabase();
  const byHand = aSpec({ databases: [withoutJob] });
  const rebuilt = { source: seen(follows), step: { intent } };
  table(id, [
    ['a standby that follows, by itself', { source: seen(follows) }, 'Done Vacuous'],
    ['a standby that follows, its Job done', { ...rebuilt, job: seen(aJob('Succeeded')) }, ok],
    ['a standby that follows, its Job swept away', { ...rebuilt, job: seen({ exists: false }) }, ok],
    ['a standby that follows, its Job running', { ...rebuilt, job: seen(aJob('Running')) }, 'Wait Rebuilding'],
    ['a standby that follows, its Job failed', { ...rebuilt, job: seen(aJob('Failed')) }, 'Wait RebuildFailed'],
    ['a standby that follows, its Job dark', { ...rebuilt, job: lost() }, 'Wait Rebuilding'],
    ['a standby of a timeline still newer', { source: seen(aStandby({ timeline: 3 })) }, 'Done Vacuous'],
    ['no Job yet', { source: seen(aPrimary()), job: seen({ exists: false }) }, start],
    ['the Job running', { job: seen(aJob('Running')) }, 'Wait Rebuilding'],
    ['the Job done, and no standby yet', { job: seen(aJob('Succeeded')) }, 'Wait Rebuilding'],
    ['the Job failed', { job: seen(aJob('Failed')) }, 'Wait RebuildFailed'],
    ['the Job not asked', { source: seen(aPrimary()) }, 'Wait Rebuilding'],
    ['no Job in the plan', { source: seen(aPrimary()), spec: byHand }, 'Wait RebuildByHand'],
    ['no Job in the plan, done by hand', { source: seen(follows), spec: byHand }, 'Done Vacuous'],
    ...everyWhy.map((why) => [`the Job unknown for ${why}`, { job: lost<JobState>(why) }, 'Wait Rebuilding'] as const),
  ]);
  for (const [name, source] of Object.entries(strays)) {
    it(`is not done with ${name}`, () => {
      const look = source === undefined ? {} : { source };
      assert.equal(inWords(judge(id, caseOf(id, { ...look, job: seen(aJob('Succeeded')) }))), 'Wait Rebuilding');
    });
  }

  it('tells the Job whom to follow, and what it must find there', () => {
    const judged = judge(id, caseOf(id, { job: seen({ exists: false }) }));
    assert.deepEqual(judged.kind === 'Act' && judged.effect.kind === 'Job' ? judged.effect.env : undefined, {
      MAESTRO_EPOCH: '7',
      MAESTRO_RUN: 'checkout-7',
      MAESTRO_DATABASE: 'orders',
      MAESTRO_PRIMARY_HOST: 'orders.usw2',
      MAESTRO_PRIMARY_PORT: '5432',
      MAESTRO_PRIMARY_SSLMODE: 'verify-full',
      MAESTRO_SLOT: 'to_east',
      MAESTRO_SYSTEM_IDENTIFIER: '7001',
      MAESTRO_TIMELINE: '2',
      MAESTRO_SWITCHPOINT: '0/5000',
    });
  });

  it('quotes the Job, and records where it kept what diverged', () => {
    assert.match(messageOf(judge(id, caseOf(id, { job: seen(aJob('Failed', 'no space')) }))), /failed: no space$/);
    const kept: JobState = { exists: true, state: 'Succeeded', message: '', preservedAt: '/kept' };
    const done = (job: JobState) => evidenceOf(judge(id, caseOf(id, { ...rebuilt, job: seen(job) })))[0]?.value;
    assert.deepEqual(done(kept), { preservedAt: '/kept' });
    assert.equal(done(aJob('Succeeded')), undefined);
  });

  describe('of what nobody else has', () => {
    const kept: JobState = { exists: true, state: 'Succeeded', message: '', preservedAt: '/kept' };
    const discard = { discardDiverged: { by: 'bob', reason: 'only test orders' } };
    const swept: JobState = { exists: false };
    const unproven = 'Wait PreservationUnproven';
    const read = (lostCommits: number, postReturnCommits: number) =>
      outcome('Succeeded', { lostCommits, postReturnCommits });
    const cases: Readonly<Record<string, Partial<StepStatus>>> = {
      'commits that were lost': read(3, 0),
      'commits from after the return': read(0, 1),
      'a comparison that could not be made': outcome('Overridden'),
      'no comparison, for it was a replica of something else': outcome('Vacuous'),
      'no comparison': { state: 'Pending' },
    };
    for (const [name, compared] of Object.entries(cases)) {
      const after = (job: JobState, run: Case['run'] = {}): string =>
        inWords(judge(id, caseOf(id, { ...rebuilt, compared, run, job: seen(job) })));
      it(`${name}: is done only where the copy is named, or a person has said that none need be kept`, () => {
        assert.equal(after(aJob('Succeeded')), unproven);
        assert.equal(after({ ...kept, preservedAt: ' ' }), unproven, 'that names no place');
        assert.equal(after(swept), unproven, 'nobody is left to say where');
        assert.equal(after(kept), ok);
        assert.equal(after(aJob('Succeeded'), discard), ok);
        assert.equal(after(swept, discard), ok);
      });
    }
    it('nothing: asks for no copy', () => {
      assert.equal(inWords(judge(id, caseOf(id, { ...rebuilt, job: seen(aJob('Succeeded')) }))), ok);
      assert.equal(inWords(judge(id, caseOf(id, { ...rebuilt, job: seen(swept) }))), ok);
    });

    const said = (look: Look) => judge(id, caseOf(id, { ...rebuilt, compared: read(3, 1), ...look }));
    it('names how much it is, where to write down the copy, and what to type where there is none', () => {
      const judged = said({ job: seen(aJob('Succeeded')) });
      assert.equal(
        messageOf(judged),
        'Database orders in us-east-1 was rebuilt, and Job checkout-7-rebuild-orders does not say where it kept the 4 commits that us-west-2 never had. ' +
          'Annotate the Job with dr.maestro.io/preserved-at where there is a copy; or record that none need be kept.',
      );
      assert.match(judged.kind === 'Wait' ? (judged.hold.next ?? '') : '', /"discardDiverged":\{"by":"YOUR-NAME"/);
      assert.match(
        messageOf(said({ job: seen(aJob('Succeeded')), compared: outcome('Overridden') })),
        /kept what orders held beyond the switchpoint, which could not be read\. /,
      );
      assert.match(
        messageOf(said({ job: seen(swept) })),
        /Job checkout-7-rebuild-orders is not there, which would say where it kept .*Skip this step with the place as your reason where there is a copy; or record/,
      );
    });
    it('says on whose word nothing is kept, and tells the Job', () => {
      assert.equal(
        messageOf(said({ job: seen(aJob('Succeeded')), run: discard })),
        'orders@us-east-1 streams from us-west-2; bob said (claimed, unverified) that what diverged need not be kept: only test orders',
      );
      const begun = said({ source: seen(aPrimary()), job: seen(swept), run: discard, step: {} });
      const env = begun.kind === 'Act' && begun.effect.kind === 'Job' ? begun.effect.env : {};
      assert.equal(env.MAESTRO_DISCARD_DIVERGED, 'true');
    });
    it('records the copy all the same where a person had said that none need be kept', () => {
      assert.deepEqual(evidenceOf(said({ job: seen(kept), run: discard }))[0], {
        what: 'orders@us-east-1 streams from us-west-2',
        at: now.wall,
        value: { preservedAt: '/kept' },
      });
    });
  });

  describe('asked for once more', () => {
    const word = { step: id, by: 'ana', reason: 'made room' };
    const twice = { retries: [{ ...word, at: ago(60_000).wall }] };
    const thrice = { retries: [...twice.retries, { ...word, at: ago(50_000).wall }] };
    const absent = seen<JobState>({ exists: false });
    const ended = (state: 'Succeeded' | 'Failed', over: { endedAt?: number; preservedAt?: string } = {}) =>
      seen<JobState>({ exists: true, state, message: 'told so', ...over });
    const before = ended('Succeeded', { endedAt: ago(70_000).wall });
    const since = ended('Succeeded', { endedAt: ago(40_000).wall });
    const other = (number: number) => `Act Rebuilding: checkout-7-rebuild-orders-${String(number)}@us-east-1`;
    const primary = { source: seen(aPrimary()), run: twice };
    const diverged = {
      ...rebuilt,
      run: twice,
      compared: outcome('Succeeded', { lostCommits: 3, postReturnCommits: 0 }),
    };
    table(id, [
      ['the former failed', { ...primary, job: ended('Failed'), second: absent }, other(1)],
      ['the former swept away', { ...primary, job: absent, second: absent }, other(1)],
      ['the former at work', { ...primary, job: seen(aJob('Running')), second: absent }, 'Wait Rebuilding'],
      ['the former not seen', { ...primary, job: lost(), second: absent }, 'Wait Rebuilding'],
      ['the former not asked', { ...primary, second: absent }, 'Wait Rebuilding'],
      ['the former done well since', { ...primary, job: since, second: absent }, 'Wait Rebuilding'],
      [
        'the former done well, nobody knows when',
        { ...primary, job: ended('Succeeded'), second: absent },
        'Wait Rebuilding',
      ],
      ['the former done well before, to no effect', { ...primary, job: before, second: absent }, other(1)],
      ['the second failed, too', { ...primary, job: ended('Failed'), second: ended('Failed') }, 'Wait RebuildFailed'],
      ['the second at work', { ...primary, job: ended('Failed'), second: seen(aJob('Running')) }, 'Wait Rebuilding'],
      ['a standby that follows, the former done well', { ...rebuilt, run: twice, job: since, second: absent }, ok],
      [
        'a standby that follows, the former at work',
        { ...rebuilt, run: twice, job: seen(aJob('Running')), second: absent },
        'Wait Rebuilding',
      ],
      [
        'a standby that follows, the former failed',
        { ...rebuilt, run: twice, job: ended('Failed'), second: absent },
        ok,
      ],
      [
        'what diverged kept by the former, done well since',
        { ...diverged, job: ended('Succeeded', { preservedAt: '/kept' }), second: absent },
        ok,
      ],
      [
        'what diverged kept by the former, and the second done well without a word',
        { ...diverged, job: ended('Succeeded', { preservedAt: '/kept' }), second: ended('Succeeded') },
        ok,
      ],
      [
        'what diverged named by a failed Job alone, which may have kept half of it',
        { ...diverged, job: ended('Failed', { preservedAt: '/half' }), second: ended('Succeeded') },
        'Wait PreservationUnproven',
      ],
      [
        'what diverged named by the second alone',
        { ...diverged, job: ended('Failed'), second: ended('Succeeded', { preservedAt: '/kept' }) },
        ok,
      ],
    ]);

    it('is not begun beside the Job of an attempt that two words came after', () => {
      const words = (job: Seen<JobState>) =>
        inWords(
          judge(id, {
            ...caseOf(id, { source: seen(aPrimary()), run: thrice }),
            observed: {
              databases: { [inEast('orders')]: seen(aPrimary()) },
              jobs: {
                [inEast('checkout-7-rebuild-orders')]: job,
                [inEast('checkout-7-rebuild-orders-1')]: absent,
                [inEast('checkout-7-rebuild-orders-2')]: absent,
              },
            },
          }),
        );
      assert.equal(words(seen(aJob('Running'))), 'Wait Rebuilding');
      assert.equal(words(ended('Failed')), other(2));
    });

    it('waits for the end of every Job before it', () => {
      const judged = judge(id, caseOf(id, { ...primary, job: ended('Failed'), second: absent }));
      const effect = judged.kind === 'Act' && judged.effect.kind === 'Job' ? judged.effect : undefined;
      assert.deepEqual(effect?.after, ['checkout-7-rebuild-orders']);
    });

    it('names the copy that was made first: a later one is of what was rebuilt already', () => {
      const second = ended('Succeeded', { preservedAt: '/kept.1' });
      const judged = judge(id, caseOf(id, { ...diverged, job: ended('Succeeded', { preservedAt: '/kept' }), second }));
      assert.deepEqual(evidenceOf(judged)[0]?.value, { preservedAt: '/kept' });
    });

    it('says which Job answers it, and how to have another one all the same', () => {
      const words = (job: Seen<JobState>) => messageOf(judge(id, caseOf(id, { ...primary, job, second: absent })));
      assert.equal(
        words(since),
        'Job checkout-7-rebuild-orders did its work after the retry was asked for, so no other is begun: orders in us-east-1 is waited for. ' +
          'Should it not come to stream, ask again.',
      );
      assert.match(
        words(seen(aJob('Running'))),
        /^Database orders in us-east-1 is being rebuilt; the retry begins if Job checkout-7-rebuild-orders fails\.$/,
      );
    });
  });

  it('looks at the Job of each attempt by its name', () => {
    const retries = [{ step: id, at: now.wall, by: 'ana', reason: 'made room' }];
    const ctx = contextFor(caseOf(id, { run: { retries } }));
    const needs = stepRules.Rebuild.needs(stepIn(ctx, id), ctx);
    assert.deepEqual(
      needs.flatMap((need) => (need.kind === 'Job' ? [need] : [])),
      ['checkout-7-rebuild-orders', 'checkout-7-rebuild-orders-1'].map((name) => ({
        kind: 'Job',
        name,
        region: 'us-east-1',
      })),
    );
  });

  it('is a fault of the snapshot where it has no server in the target', () => {
    const spec = aSpec({ databases: [aDatabase('orders', { servers: {} })] });
    const given = caseOf(id, { job: seen({ exists: false }), spec });
    assert.throws(() => judge(id, given), /the pinned plan has no server of orders in us-west-2/);
  });
});

describe('protect', () => {
  const id = 'protect/orders';
  const act = 'Act Unprotected: Announce orders@us-west-2';
  const slot = (walStatus: string, active = true) =>
    seen(promoted({ slots: [{ name: 'to_east', active, walStatus }] }));
  const signed = (announced = intent.token) => seen({ ...follows, announced });
  const both = { source: signed(), target: slot('reserved') };
  const said = (detail?: string) => ({ ...both, step: { intent }, said: accepted(now, detail) });
  const naming = (name: string) => {
    const { servers, ...database } = aDatabase('orders');
    const there = servers[west];
    assert.ok(there !== undefined);
    return aSpec({ databases: [{ ...database, servers: { ...servers, [west]: { ...there, slot: name } } }] });
  };
  table(id, [
    ['nothing announced', both, act],
    ['a message replayed', said('0/6000'), ok],
    ['a message not yet replayed', said('0/6001'), act],
    ['its position replayed, but not the message', { ...said('0/6000'), source: seen(follows) }, act],
    [
      'its position replayed, and the message of another attempt',
      { ...said('0/6000'), source: signed('another') },
      act,
    ],
    ['a message whose position is not told', said(), act],
    ['a message in flight', { ...both, step: { intent }, said: inFlight }, act],
    ['a message refused', { ...both, step: { intent }, said: refused() }, act],
    ['a message whose reply was lost', { ...both, step: { intent }, said: outcomeUnknown() }, act],
    ['a message of a life before', { ...both, step: { intent } }, act],
    ['a slot that extends', { ...said('0/6000'), target: slot('extended') }, ok],
    ['a slot whose WAL is going', { ...said('0/6000'), target: slot('unreserved') }, 'Wait Unprotected'],
    ['a slot whose WAL is lost', { ...said('0/6000'), target: slot('lost') }, 'Wait Unprotected'],
    ['a slot that nobody uses', { ...said('0/6000'), target: slot('reserved', false) }, 'Wait Unprotected'],
    ['no slot', { ...said('0/6000'), target: seen(promoted({ slots: [] })) }, 'Wait Unprotected'],
    ['the primary dark', { source: seen(follows), target: lost() }, 'Wait Unprotected'],
    ['the slot that the plan names', { ...said('0/6000'), spec: naming('to_east') }, ok],
    ['a slot of some other standby', { ...said('0/6000'), spec: naming('to_source') }, 'Wait Unprotected'],
  ]);
  for (const [name, source] of Object.entries(strays)) {
    it(`waits with ${name}`, () => {
      const look = source === undefined ? {} : { source };
      assert.equal(inWords(judge(id, caseOf(id, { ...look, target: slot('reserved') }))), 'Wait Unprotected');
    });
  }

  it('says that it follows another server, where it is far enough by number alone', () => {
    const judged = judge(id, caseOf(id, { ...said('0/6000'), source: seen(follows) }));
    assert.match(messageOf(judged), /far enough by its position, but has not the message of us-west-2/);
  });
  it('names the slot that nobody holds', () => {
    assert.equal(
      messageOf(judge(id, caseOf(id, { ...said('0/6000'), spec: naming('to_source') }))),
      'Slot to_source, which the plan names on orders in us-west-2, is not active with its WAL kept.',
    );
  });
  it('says what was announced and what is held', () => {
    const judged = judge(id, caseOf(id, said('0/5F00')));
    assert.equal(messageOf(judged), 'orders@us-east-1 replayed 0/6000, announced 0/5F00; slot to_east reserved');
  });
});
