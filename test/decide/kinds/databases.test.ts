import assert from 'node:assert/strict';
import type { StepStatus } from '../../../src/api/run.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import type { EffectOutcome, Seen } from '../../../src/decide/facts.ts';
import { stepRules } from '../../../src/decide/kinds/index.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import {
  accepted,
  ago,
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
import { aDatabase, aSpec } from '../support/plans.ts';
import {
  anIntent,
  aSample,
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

const intent = anIntent({ token: 'the-token' });
const ok = 'Done Succeeded';

interface Look {
  readonly database?: Seen<DatabaseState>;
  readonly step?: Partial<StepStatus>;
  readonly said?: EffectOutcome;
  readonly steps?: Case['steps'];
}

function caseOf(id: string, { database, step, said, steps }: Look): Case {
  return {
    mode: 'Planned',
    observed: database === undefined ? {} : { databases: { [inWest('orders')]: database } },
    steps: { ...steps, ...(step === undefined ? {} : { [id]: step }) },
    facts: said === undefined ? {} : { outcomes: { [intent.token]: said } },
  };
}

function table(id: string, rows: readonly (readonly [string, Look, string])[]): void {
  for (const [name, look, wanted] of rows) {
    it(`with ${name}: ${wanted}`, () => {
      assert.equal(inWords(judge(id, caseOf(id, look))), wanted);
    });
  }
}

describe('position', () => {
  const id = 'position/orders';
  const steps = { 'fence/orders': outcome('Succeeded', { lsn: '0/5000' }) };
  const waits = 'Wait PositionNotReached';
  // The fence's marker came over with the WAL, before the position that is waited for.
  const at = (position: string, highestEpoch = 7) => ({ database: seen(aStandby({ position, highestEpoch })), steps });
  const primary = (switchpoint?: string, highestEpoch = 7) => {
    const left = switchpoint === undefined ? {} : { switchpoint };
    return seen(aPrimary({ position: '0/9000', timeline: 2, highestEpoch, ...left }));
  };
  table(id, [
    ['exactly the last position', at('0/5000'), ok],
    ['more than it', at('0/5001'), ok],
    ['one byte less', at('0/4FFF'), waits],
    ['a whole segment more', at('1/0'), ok],
    ['fewer digits, though more of them in a text', at('0/F00'), waits],
    [
      'a primary of a timeline that left before it',
      { ...at('0/5000'), database: primary('0/4FFF') },
      'Wait MovedByHand',
    ],
    ['a primary of a timeline that nobody can place', { ...at('0/5000'), database: primary() }, 'Wait MovedByHand'],
    ['a primary of a timeline that left after it', { ...at('0/5000'), database: primary('0/5000') }, ok],
    ['more than it, and no marker of this fence', at('0/5001', 6), waits],
    [
      'a primary of a timeline that left after it, and no marker of this fence',
      { ...at('0/5000'), database: primary('0/5000', 0) },
      'Wait MovedByHand',
    ],
    ['the fence overridden', { ...at('0/5000'), steps: { 'fence/orders': outcome('Overridden') } }, waits],
    ['the fence not done', { database: seen(aStandby()) }, waits],
    [
      'a position that is no text',
      { ...at('0/5000'), steps: { 'fence/orders': outcome('Succeeded', { lsn: 5 }) } },
      waits,
    ],
    ...everyWhy.map(
      (why) => [`the target unknown for ${why}`, { database: lost<DatabaseState>(why), steps }, waits] as const,
    ),
  ]);

  it('says what it waits for, and what is in the way', () => {
    const database = seen(aStandby({ position: '0/4000', replayObstacles: ['a reader holds it up', 'delayed'] }));
    const judged = judge(id, caseOf(id, { database, steps }));
    assert.match(
      messageOf(judged),
      /has not replayed all that us-east-1 committed \(a reader holds it up; delayed\)\.$/,
    );
    assert.equal(evidenceOf(judged)[0]?.what, 'orders@us-west-2 replayed 0/4000, wanted 0/5000');
  });

  it('says that it follows another server, where it is far enough by number alone', () => {
    const judged = judge(id, caseOf(id, at('0/5001', 6)));
    assert.match(messageOf(judged), /far enough by its position, but has not the marker of epoch 7/);
    assert.equal(
      evidenceOf(judged)[0]?.what,
      'orders@us-west-2 replayed 0/5001, wanted 0/5000; without the marker of epoch 7',
    );
  });
});

describe('promote', () => {
  const id = 'promote/orders';
  const act = 'Act Promoting: Promote orders@us-west-2';
  const { switchpoint: _none, ...unread } = promoted();
  table(id, [
    ['a standby', { database: seen(aStandby()) }, act],
    ['a standby whose request was taken', { database: seen(aStandby()), step: { intent }, said: accepted() }, act],
    ['a primary with its switchpoint', { database: seen(promoted()), step: { intent } }, ok],
    ['a primary that nobody asked for', { database: seen(promoted()) }, 'Done Vacuous'],
    ['a primary whose switchpoint cannot be read yet', { database: seen(unread), step: { intent } }, 'Wait Promoting'],
    ['nothing asked', {}, 'Wait TargetNotReady'],
    ...everyWhy.map(
      (why) => [`unknown for ${why}`, { database: lost<DatabaseState>(why) }, 'Wait TargetNotReady'] as const,
    ),
  ]);

  describe('past its deadline, where nobody can read its switchpoint', () => {
    const late = { deadline: ago(1).wall, intent: anIntent({ token: 'the-token', found: 1 }) };
    const on = (step: Partial<StepStatus>, state = unread): Look => ({ database: seen(state), step });
    table(id, [
      ['a primary above the timeline that it was promoted from', on(late), ok],
      ['one in time', on({ ...late, deadline: now.wall + 1 }), 'Wait Promoting'],
      ['one of the timeline that it was promoted from', on(late, { ...unread, timeline: 1 }), 'Wait Promoting'],
      ['one that nobody asked for', on({ deadline: ago(1).wall }), 'Wait Promoting'],
      ['a timeline before that nobody wrote down', on({ ...late, intent }), 'Wait Promoting'],
      ['a standby', on(late, aStandby()), act],
    ]);
    it('says so, and names no switchpoint', () => {
      const [evidence] = evidenceOf(judge(id, caseOf(id, on(late))));
      assert.equal(
        evidence?.what,
        'orders@us-west-2: Primary, timeline 2; where it left the timeline of us-east-1 cannot be read',
      );
      assert.deepEqual(evidence.value, { timeline: 2, systemIdentifier: '7001' });
    });
  });

  it('writes down which timeline it is promoted from', () => {
    const judged = judge(id, caseOf(id, { database: seen(aStandby({ timeline: 3 })) }));
    assert.equal(judged.kind === 'Act' && judged.found, 3);
  });

  it('records where the timelines part', () => {
    const value = (database: Seen<DatabaseState>) => evidenceOf(judge(id, caseOf(id, { database })))[0]?.value;
    assert.deepEqual(value(seen(promoted())), { timeline: 2, systemIdentifier: '7001', switchpoint: '0/5000' });
    assert.deepEqual(value(seen(unread)), { timeline: 2, systemIdentifier: '7001' });
  });

  it('says what keeps it', () => {
    const database = seen(aStandby({ replayObstacles: ['a reader'] }));
    assert.equal(
      messageOf(judge(id, caseOf(id, { database }))),
      'Database orders in us-west-2 is not yet promoted: a reader.',
    );
  });
});

describe('promote, beside another database', () => {
  const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
  const begun = Object.fromEntries(
    graphOf(spec, 'Forced')
      .filter(
        ({ id, kind }) =>
          kind === 'Fence' || ['assess', 'approve', 'positions'].includes(id) || id.startsWith('preflight/'),
      )
      .map(({ id }) => [id, outcome('Succeeded', { replicas: 3 })]),
  );
  const lateOne: Partial<StepStatus> = {
    intent: anIntent({ at: ago(60_000).wall, notAfter: ago(50_000).wall }),
    state: 'Running',
    readyAt: ago(60_000).wall,
  };
  const samples = ['orders', 'ledger'].map((name) => aSample(name, 560_000, '0/4000'));
  const given = (orders: Partial<StepStatus>): Case => ({
    spec,
    status: { samples },
    steps: { ...begun, 'promote/orders': orders, 'promote/ledger': lateOne },
  });
  const needed = (orders: Partial<StepStatus>) =>
    decideRun(factsOf(given(orders))).needs.flatMap((need) =>
      need.kind === 'Database' ? [`${need.name}@${need.region}`] : [],
    );

  it('is tried again when the other one is promoted and not looked at any more', () => {
    const needs = needed(outcome('Succeeded'));
    assert.ok(needs.includes(inWest('ledger')));
    const databases = Object.fromEntries(
      needs.map((key) => [key, key === inWest('ledger') ? seen(aStandby()) : lost<DatabaseState>()]),
    );
    const { effects } = decideRun(factsOf({ ...given(outcome('Succeeded')), observed: { databases } }));
    assert.deepEqual(
      effects.map(({ stepId }) => stepId).filter((id) => id.startsWith('promote/')),
      ['promote/ledger'],
    );
  });
  it('looks at the other one as long as that is not promoted', () => {
    const needs = (orders: Partial<StepStatus>) => {
      const ctx = contextFor(given(orders));
      return stepRules.Promote.needs(stepIn(ctx, 'promote/ledger'), ctx).map((need) =>
        'region' in need && 'name' in need ? `${need.name}@${need.region}` : '',
      );
    };
    assert.deepEqual(needs({}), [inWest('ledger'), inEast('ledger'), inWest('orders')]);
    assert.deepEqual(
      needs({ intent: anIntent() }),
      [inWest('ledger'), inEast('ledger')],
      'its loss was weighed before',
    );
    assert.deepEqual(needs(outcome('Succeeded')), [inWest('ledger'), inEast('ledger')]);
  });
});

describe('checkpoint', () => {
  const act = 'Act Checkpointing: Checkpoint orders@us-west-2';
  table('checkpoint/orders', [
    ['one of the new timeline', { database: seen(promoted({ checkpointTimeline: 2 })) }, ok],
    ['one of the old timeline', { database: seen(promoted()) }, act],
    ['a server back in recovery', { database: seen(aStandby()) }, act],
    ...everyWhy.map(
      (why) => [`unknown for ${why}`, { database: lost<DatabaseState>(why) }, 'Wait TargetNotReady'] as const,
    ),
  ]);
});

describe('open', () => {
  const act = 'Act Opening: Open orders@us-west-2';
  const open = promoted();
  const step = { intent };
  const database = seen(open);
  table('open/orders', [
    ['no fence, taken', { database, step, said: accepted() }, ok],
    ['no fence, after a restart', { database, step }, ok],
    ['no fence, still in flight', { database, step, said: inFlight }, act],
    ['no fence, refused', { database, step, said: refused() }, act],
    ['no fence, the reply lost', { database, step, said: outcomeUnknown() }, act],
    ['no fence, never intended', { database }, act],
    ['no fence, seen before it was intended', { database: seen(open, ago(5_001)), step }, act],
    ['no fence, seen when it was intended', { database: seen(open, ago(5_000)), step }, ok],
    ['no fence, and nobody who can log in', { database: seen(promoted({ enabledRoles: [] })), step }, act],
    [
      'the fence',
      { database: seen(promoted({ fence: { present: true, epoch: 7, restores: [], sealed: true } })), step },
      act,
    ],
    ['a replica', { database: seen(aStandby()), step }, act],
    ...everyWhy.map(
      (why) => [`unknown for ${why}`, { database: lost<DatabaseState>(why), step }, 'Wait TargetNotReady'] as const,
    ),
  ]);

  it('waits where no commit would return, and says what to do, trying nothing', () => {
    const stuck = seen(promoted({ commitObstacles: ['commits wait for nobody: run this'] }));
    const judged = judge('open/orders', caseOf('open/orders', { database: stuck, step }));
    assert.equal(inWords(judged), 'Wait Opening');
    assert.match(messageOf(judged), /us-west-2 is open, and no commit returns: commits wait for nobody: run this\.$/);
  });

  it('says who can log in', () => {
    const judged = judge('open/orders', caseOf('open/orders', { database, step }));
    assert.equal(messageOf(judged), 'orders@us-west-2: open to shop');
  });
});

describe('probe', () => {
  const act = 'Act DatabaseNotOpen: Probe orders@us-west-2';
  const step = { intent };
  table('probe/orders', [
    ['the insert taken', { step, said: accepted(ago(10)) }, ok],
    ['the insert refused', { step, said: refused() }, act],
    ['the insert in flight', { step, said: inFlight }, act],
    ['the reply lost', { step, said: outcomeUnknown() }, act],
    ['a look that finds it open', { database: seen(promoted()), step }, act],
    ['nothing tried', {}, act],
  ]);

  it('quotes the refusal, and dates the yes', () => {
    const said = (one: EffectOutcome) => judge('probe/orders', caseOf('probe/orders', { step, said: one }));
    assert.equal(
      messageOf(said(refused(now, '28000', 'role is not permitted to log in'))),
      'The application cannot write to orders in us-west-2: role is not permitted to log in.',
    );
    assert.equal(evidenceOf(said(accepted(ago(10))))[0]?.at, ago(10).wall);
    assert.equal(messageOf(said(inFlight)), 'The application cannot write to orders in us-west-2.');
  });
});
