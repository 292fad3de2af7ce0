import assert from 'node:assert/strict';
import { unknown } from '../../../src/api/fact.ts';
import type { StepStatus } from '../../../src/api/run.ts';
import type { EffectOutcome, Seen } from '../../../src/decide/facts.ts';
import { stepRules } from '../../../src/decide/kinds/index.ts';
import type { DatabaseState, FenceObstacle } from '../../../src/drivers/databases/driver.ts';
import {
  accepted,
  ago,
  aPrimary,
  aStandby,
  at,
  everyWhy,
  fenced,
  inEast,
  inFlight,
  inWest,
  lost,
  now,
  outcomeUnknown,
  promoted,
  quiet,
  refused,
  seen,
  streak,
} from '../support/facts.ts';
import { withFailover } from '../support/plans.ts';
import {
  anAttestation,
  anIntent,
  aSample,
  contextFor,
  evidenceOf,
  inWords,
  judge,
  judgeUndo,
  messageOf,
  outcome,
  stepIn,
  type Case,
} from '../support/runs.ts';

const id = 'fence/orders';
const act = 'Act FenceNotProven: Fence orders@us-east-1';
const proven = 'Done Succeeded';
const intent = anIntent({ token: 'fence-token' });

interface Look {
  readonly database?: Seen<DatabaseState>;
  readonly said?: EffectOutcome;
  readonly step?: Partial<StepStatus>;
  readonly given?: Case;
}

function caseOf({ database, said, step, given = {} }: Look, which = id): Case {
  return {
    ...given,
    observed: {
      ...given.observed,
      databases: {
        ...(database === undefined ? {} : { [inEast('orders')]: database }),
        ...given.observed?.databases,
      },
    },
    steps: { ...given.steps, [which]: { intent, ...step } },
    facts: { outcomes: said === undefined ? {} : { [intent.token]: said }, ...given.facts },
  };
}

const west = (state: DatabaseState): Case => ({ observed: { databases: { [inWest('orders')]: seen(state) } } });
const look = (state: DatabaseState, streaks = quiet) => seen(state, now, streaks);
const sealed: Look = { database: look(fenced(7)), said: accepted(ago(1)) };
const obstacle: FenceObstacle = { kind: 'UnlistedWriter', name: 'batch' };

describe('fence', () => {
  const rows: readonly (readonly [string, Look, string, RegExp])[] = [
    ['all of the proof', sealed, proven, /orders@us-east-1: fenced/],
    ['a look that began when the seal was there', { ...sealed, said: accepted(now) }, proven, /fenced/],
    [
      'a replica of what people have promoted',
      { database: seen(aStandby({ timeline: 2 })), given: west(promoted()) },
      'Done Vacuous',
      /is a replica: no writer/,
    ],
    [
      'a replica of another writer than what people have promoted',
      { database: seen(aStandby()), given: west(promoted()) },
      'Wait FenceNotProven',
      /it follows another writer than the one in us-west-2/,
    ],
    [
      'a replica that follows nobody yet, beside what people have promoted',
      { database: seen(aStandby({ receiver: { streaming: false } })), given: west(promoted()) },
      'Done Vacuous',
      /is a replica: no writer/,
    ],
    [
      'a replica, and another in the target',
      { database: seen(aStandby()), given: west(aStandby()) },
      'Wait FenceNotProven',
      /A replica answers for orders in us-east-1, and its peer in us-west-2 is no primary/,
    ],
    [
      'a replica, the target dark',
      { database: seen(aStandby()), given: { observed: { databases: { [inWest('orders')]: lost() } } } },
      'Wait FenceNotProven',
      /what us-west-2 is cannot be seen/,
    ],
    ['a replica, the target not looked at', { database: seen(aStandby()) }, 'Wait Observing', /whose replica/],
    [
      'no marker',
      { ...sealed, database: look(fenced(7, { fence: { present: false } })) },
      act,
      /marker of epoch 7 is not there/,
    ],
    ['the marker of another epoch', { ...sealed, database: look(fenced(6)) }, act, /marker of epoch 7 is not there/],
    [
      'a role that can log in',
      { ...sealed, database: look(fenced(7, { enabledRoles: ['shop', 'app'] })) },
      act,
      /can still log in: shop, app/,
    ],
    [
      'sessions',
      { ...sealed, database: look(fenced(7, { applicationSessions: 3 })) },
      act,
      /3 application sessions are open/,
    ],
    [
      'no session, once',
      { ...sealed, database: look(fenced(7), { quiet: streak('quiet', 1) }) },
      act,
      /no session was seen only once/,
    ],
    [
      'no session, after an open row',
      { ...sealed, database: look(fenced(7), { quiet: streak('open', 9) }) },
      act,
      /only once/,
    ],
    ['no row at all', { ...sealed, database: seen(fenced(7)) }, act, /only once/],
    [
      'an unlisted writer',
      { ...sealed, database: look(fenced(7, { fenceObstacles: [obstacle] })) },
      act,
      /UnlistedWriter batch/,
    ],
    ['a seal in flight', { ...sealed, said: inFlight }, act, /not confirmed durable/],
    ['a seal refused', { ...sealed, said: refused(ago(1)) }, act, /not confirmed durable/],
    ['a seal whose reply was lost', { ...sealed, said: outcomeUnknown(ago(1)) }, act, /not confirmed durable/],
    [
      'a look that began before the seal',
      { ...sealed, said: accepted(at(now.monotonic + 1)) },
      act,
      /not confirmed durable/,
    ],
    ['a seal of another life', { ...sealed, said: accepted(at(1, 'second-life')) }, act, /not confirmed durable/],
    ['a seal that nobody remembers', { database: look(fenced(7)) }, act, /not confirmed durable/],
    ['nothing done', { database: seen(aPrimary()) }, act, /can still log in: shop; 2 application sessions are open/],
    ['nothing asked', {}, 'Wait Observing', /Looking at the writer/],
  ];
  for (const mode of ['Planned', 'Forced'] as const) {
    for (const [name, given, wanted, words] of rows) {
      it(`with ${name}, ${mode}: ${wanted}`, () => {
        const judged = judge(id, caseOf({ ...given, given: { ...given.given, mode } }));
        assert.equal(inWords(judged), wanted);
        assert.match(messageOf(judged), words);
      });
    }
  }

  it('holds the last position, from a look after everything was durable', () => {
    const [evidence] = evidenceOf(judge(id, caseOf(sealed)));
    assert.deepEqual(evidence?.value, { lsn: '0/5000', timeline: 1 });
    assert.equal(evidence.at, now.wall);
  });

  it('names everything that is missing', () => {
    const state = fenced(6, { enabledRoles: ['app'], applicationSessions: 1, fenceObstacles: [obstacle] });
    assert.equal(
      messageOf(judge(id, caseOf({ database: seen(state) }))),
      'The writer of orders in us-east-1 is not proven fenced: the marker of epoch 7 is not there; can still log in: app; ' +
        '1 application sessions are open; UnlistedWriter batch; the fence was not confirmed durable before this look.',
    );
  });

  it('is not proven by the answer to an undo', () => {
    const undo = { ...sealed, step: { intent: { ...intent, action: 'Undo' as const } } };
    assert.equal(inWords(judge(id, caseOf(undo))), act);
  });

  for (const why of everyWhy.filter((one) => one !== 'NotAsked')) {
    it(`of a source that is unknown for ${why} is not proven, and a forced run asks for a person's word`, () => {
      const forced = judge(id, caseOf({ database: lost(why), given: { mode: 'Forced' } }));
      assert.equal(inWords(forced), 'Wait FenceNotProven');
      assert.match(forced.kind === 'Wait' ? (forced.hold.next ?? '') : '', /"target":"orders","kind":"Fenced"/);
      const planned = judge(id, caseOf({ database: lost(why), given: { mode: 'Planned' } }));
      assert.equal(inWords(planned), 'Wait FenceNotProven');
      assert.equal(planned.kind === 'Wait' ? planned.hold.next : 'x', undefined);
    });
  }

  it('asks for nobody`s word on a writer that it can see', () => {
    const judged = judge(id, caseOf({ database: seen(aPrimary()) }));
    assert.ok(judged.kind === 'Act' && judged.hold.next === undefined);
  });

  it('asks for a word on a writer that only its replica answers for, and offers a planned run its way back', () => {
    const next = (mode: 'Planned' | 'Forced', which = id) => {
      const given = { mode, ...west(aStandby()) };
      const judged = judge(which, caseOf({ database: seen(aStandby()), step: { deadline: now.wall }, given }, which));
      return judged.kind === 'Wait' ? judged.hold.next : 'not waiting';
    };
    assert.match(next('Forced') ?? '', /"target":"orders","kind":"Fenced"/);
    assert.match(next('Planned') ?? '', /"desiredState":"Aborted"/);
  });

  it('looks at the target too, before it is known that a replica answers', () => {
    for (const which of [id, 'finish-fence/orders']) {
      const ctx = contextFor();
      const step = stepIn(ctx, which);
      const looks = stepRules[step.kind].needs(step, ctx).filter((need) => need.kind === 'Database');
      assert.deepEqual(
        looks.map(({ region }) => region),
        ['us-east-1', 'us-west-2'],
      );
    }
  });

  it('reads the plan live until it was intended', () => {
    const needs = (step: Partial<StepStatus>) => {
      const ctx = contextFor({ steps: { [id]: step } });
      return stepRules.Fence.needs(stepIn(ctx, id), ctx).map((need) => need.kind);
    };
    assert.deepEqual(needs({}), ['Database', 'Database', 'Plan']);
    assert.deepEqual(needs({ intent }), ['Database', 'Database']);
  });
});

describe('fence, overridden', () => {
  const late: Partial<StepStatus> = { deadline: now.wall };
  const soon: Partial<StepStatus> = { deadline: now.wall + 1 };
  /** Dark since long before the attested instant, and now full: that is a server. */
  const refusing: Seen<DatabaseState> = {
    fact: { ...unknown('Throttled', '53300 at connect: too many clients', ago(60_000)), answered: true },
    streaks: {},
  };
  /** It listens, and its certificate is not trusted: it may run well. */
  const untrusted: Seen<DatabaseState> = {
    fact: {
      ...unknown('Unreachable', 'orders.use1:5432: connect: certificate has expired', ago(60_000)),
      answered: true,
    },
    streaks: {},
  };
  const attested = (target: string): Case => ({ run: { attestations: [anAttestation(target)] } });
  const policy = (fencing: 'BestEffort' | 'None'): Case => ({ spec: withFailover({ fencing }) });
  const answered = { status: { samples: [{ ...aSample('orders', 0, '0/1'), at: ago(19_999).wall }] } };
  const before = { status: { samples: [{ ...aSample('orders', 0, '0/1'), at: ago(20_000).wall }] } };
  const dark = lost<DatabaseState>();
  const over = 'Done Overridden';
  const waits = 'Wait FenceNotProven';

  /** Named, seen, how late, forced; then planned. */
  const rows: readonly (readonly [string, Look, string, string])[] = [
    ['dark', { database: dark, step: late }, waits, waits],
    ['dark, attested', { database: dark, given: attested('orders') }, over, waits],
    ['dark, everything attested', { database: dark, given: attested('*') }, over, waits],
    ['refusing the session, attested', { database: refusing, given: attested('orders') }, waits, waits],
    [
      'with a certificate that is not trusted, attested',
      { database: untrusted, given: attested('orders') },
      waits,
      waits,
    ],
    ['dark, another attested', { database: dark, given: attested('ledger') }, waits, waits],
    [
      'dark, attested for before it last answered',
      { database: dark, given: { ...attested('*'), ...answered } },
      waits,
      waits,
    ],
    [
      'dark, attested for when it last answered',
      { database: dark, given: { ...attested('*'), ...before } },
      over,
      waits,
    ],
    ['seen open, attested', { database: seen(aPrimary()), given: attested('orders') }, act, act],
    [
      'seen as a replica beside a replica, attested',
      { database: seen(aStandby()), given: { ...attested('*'), ...west(aStandby()) } },
      over,
      waits,
    ],
    [
      'seen as a replica beside a replica, attested for before the writer last answered',
      { database: seen(aStandby()), given: { ...attested('*'), ...answered, ...west(aStandby()) } },
      waits,
      waits,
    ],
    ['dark, BestEffort, in time', { database: dark, step: soon, given: policy('BestEffort') }, waits, waits],
    ['dark, BestEffort, late', { database: dark, step: late, given: policy('BestEffort') }, over, waits],
    ['seen open, BestEffort, late', { database: seen(aPrimary()), step: late, given: policy('BestEffort') }, over, act],
    ['dark, BestEffort, without a deadline', { database: dark, given: policy('BestEffort') }, waits, waits],
    ['dark, None', { database: dark, given: policy('None') }, over, waits],
    ['proven, None', { ...sealed, given: policy('None') }, proven, proven],
  ];
  for (const [name, given, forced, planned] of rows) {
    it(`${name}: ${forced}, and ${planned} in a planned run`, () => {
      assert.equal(inWords(judge(id, caseOf({ ...given, given: { ...given.given, mode: 'Forced' } }))), forced);
      assert.equal(inWords(judge(id, caseOf({ ...given, given: { ...given.given, mode: 'Planned' } }))), planned);
    });
  }

  it('prefers a word on this very database, and dates the outcome by it', () => {
    const attestations = [anAttestation('*', ago(1).wall), anAttestation('orders', ago(9_000).wall)];
    const [evidence] = evidenceOf(judge(id, caseOf({ database: dark, given: { run: { attestations } } })));
    assert.deepEqual(evidence, {
      what: 'ana attests (claimed, unverified): pulled the plug',
      at: ago(9_000).wall,
      value: { attested: true },
    });
  });

  it('records which policy it was', () => {
    const value = (given: Case, step = late) =>
      evidenceOf(judge(id, caseOf({ database: dark, step, given })))[0]?.value;
    assert.deepEqual(value(policy('None')), { policy: 'None' });
    assert.deepEqual(value(policy('BestEffort')), { policy: 'BestEffort' });
  });

  it('names what answers in place of the writer, and asks for no word while it does', () => {
    const said = 'answers there and refuses the session: Throttled, 53300 at connect: too many clients.';
    const pooler =
      ' No word stands against that. If it is a pooler or a proxy before a server that is gone: end it there; or abort, let the plan name the server itself, and start again.';
    const held = (given: Case = {}, fact = refusing) => {
      const judged = judge(id, caseOf({ database: fact, given: { mode: 'Forced', ...given } }));
      assert.equal(inWords(judged), waits);
      const next = judged.kind === 'Wait' ? (judged.hold.next ?? '') : '';
      return { message: messageOf(judged), next: /attestations|Aborted/.exec(next)?.[0] };
    };
    const cannot = 'The writer of orders in us-east-1 cannot be seen, so it is not proven fenced.';
    assert.deepEqual(held(), { message: `${cannot} Something ${said}${pooler}`, next: 'Aborted' });
    assert.deepEqual(held(attested('*')), {
      message: `${cannot} It is attested to have stopped, but something ${said}${pooler}`,
      next: 'Aborted',
    });
    assert.equal(
      held({ ...attested('*'), mode: 'Planned' }).message,
      `${cannot} It is attested to have stopped, but something ${said}`,
      'there no word is taken anyway',
    );
    assert.deepEqual(held({ mode: 'Planned' }), { message: cannot, next: undefined });
    assert.equal(held({}, dark).next, 'attestations');
  });

  it('says why a word counts for nothing', () => {
    const judged = judge(id, caseOf({ database: dark, given: { ...attested('*'), ...answered } }));
    assert.match(messageOf(judged), /The attested time lies before 2030-01-01T00:09:40.*, when it still answered\.$/);
    const heard = judge(id, caseOf({ database: dark, given: { mode: 'Planned', ...attested('*') } }));
    assert.match(messageOf(heard), /so it is not proven fenced\.$/, 'nothing speaks against it; it is only not enough');
    assert.match(messageOf(judge(id, caseOf({ database: dark }))), /so it is not proven fenced\.$/);
  });

  it('is contradicted only by positions of this very writer', () => {
    const elsewhere = [
      { ...aSample('ledger', 0, '0/1'), at: now.wall },
      { ...aSample('orders', 0, '0/1', 'us-west-2'), at: now.wall },
    ];
    const given = { ...attested('*'), status: { samples: elsewhere } };
    assert.equal(inWords(judge(id, caseOf({ database: dark, given }))), over);
  });

  it('late and unproven, a planned run is offered its way back; nothing else is', () => {
    const next = (mode: 'Planned' | 'Forced', step: Partial<StepStatus>, which = id) => {
      const judged = judge(which, caseOf({ database: seen(aPrimary()), step, given: { mode } }, which));
      return judged.kind === 'Act' ? judged.hold.next : 'not acting';
    };
    assert.match(next('Planned', late) ?? '', /"desiredState":"Aborted"/);
    assert.equal(next('Planned', soon), undefined);
    assert.equal(next('Planned', {}), undefined);
    assert.equal(next('Forced', late), undefined);
    assert.equal(next('Planned', late, 'finish-fence/orders'), undefined);
  });
});

for (const undoing of [id, 'finish-fence/orders']) {
  describe(`${undoing}, undone`, () => {
    const undo = (database: Seen<DatabaseState> | undefined) =>
      inWords(judgeUndo(undoing, caseOf(database === undefined ? {} : { database }, undoing)));
    it('where it is', () => {
      assert.equal(undo(seen(fenced(7))), 'Act Undoing: Unfence orders@us-east-1');
    });
    it('is done where there is none', () => {
      assert.equal(undo(seen(aPrimary())), 'Done Succeeded');
    });
    for (const why of everyWhy) {
      it(`waits for a source that is unknown for ${why}`, () => {
        assert.equal(undo(lost(why)), 'Wait UndoPending');
      });
    }
  });
}

describe('the standing duty to fence', () => {
  const duty = 'finish-fence/orders';
  const first = (state: 'Succeeded' | 'Vacuous' | 'Overridden'): Case => ({ steps: { [id]: outcome(state) } });

  it('is none where the fence was proven, or there was no writer', () => {
    assert.equal(inWords(judge(duty, caseOf({ given: first('Succeeded') }, duty))), 'Done Vacuous');
    assert.equal(inWords(judge(duty, caseOf({ given: first('Vacuous') }, duty))), 'Done Vacuous');
    assert.equal(evidenceOf(judge(duty, caseOf({ given: first('Succeeded') }, duty)))[0]?.at, ago(30_000).wall);
  });

  const rows: readonly (readonly [string, Look, string])[] = [
    ['the source seen open', { database: seen(aPrimary()) }, act],
    ['all of the proof', sealed, proven],
    ['the source dark', { database: lost() }, 'Wait FenceNotProven'],
    ['the source a replica by now', { database: seen(aStandby({ timeline: 2 })) }, 'Done Vacuous'],
    ['a replica of a third writer', { database: seen(aStandby()) }, 'Wait FenceNotProven'],
  ];
  for (const [name, given, wanted] of rows) {
    it(`with ${name}: ${wanted}`, () => {
      assert.equal(
        inWords(judge(duty, caseOf({ ...given, given: { ...first('Overridden'), ...west(promoted()) } }, duty))),
        wanted,
      );
    });
  }

  it('is ended by nobody`s word, and by no policy', () => {
    const given: Case = {
      ...first('Overridden'),
      run: { attestations: [anAttestation('*')] },
      spec: withFailover({ fencing: 'None' }),
    };
    const judged = judge(duty, caseOf({ database: lost(), given }, duty));
    assert.equal(inWords(judged), 'Wait FenceNotProven');
    assert.equal(judged.kind === 'Wait' ? judged.hold.next : 'x', undefined);
  });
});
