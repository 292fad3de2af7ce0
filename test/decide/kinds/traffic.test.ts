import assert from 'node:assert/strict';
import type { StepStatus } from '../../../src/api/run.ts';
import type { RunFacts, Seen } from '../../../src/decide/facts.ts';
import type { ApplyResult } from '../../../src/drivers/outcome.ts';
import type { TrafficAnswers, TrafficState } from '../../../src/drivers/traffic/driver.ts';
import {
  ago,
  answer,
  answers,
  conflict,
  everyWhy,
  foreign,
  listed,
  lost,
  mine,
  now,
  otherAnswer,
  seen,
  silentAnswer,
} from '../support/facts.ts';
import { stepRules } from '../../../src/decide/kinds/index.ts';
import { east, west } from '../support/plans.ts';
import {
  anIntent,
  contextFor,
  evidenceOf,
  inWords,
  judge,
  messageOf,
  outcome,
  stepIn,
  type Case,
} from '../support/runs.ts';

const ok = 'Done Succeeded';
const late: Partial<StepStatus> = { deadline: now.wall };
const soon: Partial<StepStatus> = { deadline: now.wall + 1 };

interface Look {
  readonly record?: Seen<TrafficState>;
  readonly answers?: Seen<TrafficAnswers>;
  readonly step?: Partial<StepStatus>;
}

function caseOf(id: string, { record, answers: said, step }: Look, more: Case = {}): Case {
  return {
    ...more,
    observed: {
      records: record === undefined ? {} : { public: record },
      answers: said === undefined ? {} : { public: said },
    },
    steps: { ...more.steps, ...(step === undefined ? {} : { [id]: step }) },
  };
}

describe('shift', () => {
  const id = 'shift/public';
  const drifted = { points: { kind: 'Drifted', detail: 'lb-other' } } as const;
  const gone = { points: { kind: 'Absent' } } as const;
  const shift = 'Act Shifting: Shift public to us-west-2';
  const claim = 'Act Shifting: Claim public to us-west-2';

  /** Who owns it, by where it points: the source, the target, neither, nowhere. */
  const owners = {
    nobody: undefined,
    'an older epoch': mine(6, east),
    'this run': mine(7, west),
    'another run of this epoch': mine(7, west, 'other-uid'),
    'a newer epoch': mine(8, east),
    'another plan': foreign,
    'another tool': conflict,
  } as const;
  const verdicts: Readonly<Record<keyof typeof owners, readonly [string, string, string, string]>> = {
    nobody: [shift, claim, 'Wait RecordDrifted', 'Wait RecordDrifted'],
    'an older epoch': [shift, claim, 'Wait RecordDrifted', 'Wait RecordDrifted'],
    'this run': ['Wait RecordDrifted', ok, 'Wait RecordDrifted', 'Wait RecordDrifted'],
    'another run of this epoch': ['Wait StaleEpoch', 'Wait StaleEpoch', 'Wait StaleEpoch', 'Wait StaleEpoch'],
    'a newer epoch': ['Wait StaleEpoch', 'Wait StaleEpoch', 'Wait StaleEpoch', 'Wait StaleEpoch'],
    'another plan': ['Wait ForeignOwner', 'Wait ForeignOwner', 'Wait ForeignOwner', 'Wait ForeignOwner'],
    'another tool': ['Wait ForeignOwner', 'Wait ForeignOwner', 'Wait ForeignOwner', 'Wait ForeignOwner'],
  };
  for (const name of Object.keys(owners) as (keyof typeof owners)[]) {
    const owner = owners[name];
    const states = [listed(east, owner), listed(west, owner), listed(east, owner, drifted), listed(east, owner, gone)];
    states.forEach((state, index) => {
      const wanted = verdicts[name][index] ?? '';
      const where = ['the source', 'the target', 'neither', 'nowhere'][index] ?? '';
      it(`of a record of ${name} that points to ${where}: ${wanted}`, () => {
        assert.equal(inWords(judge(id, caseOf(id, { record: seen(state) }))), wanted);
      });
    });
  }

  it('writes down with its intent for how long caches keep what it replaces', () => {
    const found = (state: TrafficState) => {
      const judged = judge(id, caseOf(id, { record: seen(state) }));
      return judged.kind === 'Act' ? judged.found : assert.fail(inWords(judged));
    };
    assert.equal(found(listed(east, undefined, { liveTtl: 300 })), 300);
    const { liveTtl: _none, ...without } = listed(east);
    assert.equal(found(without), undefined);
  });

  it('swaps exactly what was listed', () => {
    const judged = judge(id, caseOf(id, { record: seen(listed(east)) }));
    assert.deepEqual(judged.kind === 'Act' && judged.effect.kind === 'Traffic' ? judged.effect.action : undefined, {
      kind: 'Shift',
      to: west,
      listed: 'listed at us-east-1',
    });
  });

  it('is sent again only when the record was read after the last answer', () => {
    const intent = anIntent();
    const ended = (ms: number): Partial<RunFacts> => ({
      outcomes: {
        [intent.token]: { state: 'Ended', result: { kind: 'Accepted', detail: 'C1' }, endedAt: ago(ms) },
      },
    });
    const sent = (ms: number) =>
      inWords(judge(id, caseOf(id, { record: seen(listed(east), ago(500)), step: { intent } }, { facts: ended(ms) })));
    assert.equal(sent(499), 'Wait Shifting');
    assert.equal(sent(500), shift);
    const setBack = { ...ago(600), wall: now.wall + 3_600_000 };
    const facts = {
      outcomes: { [intent.token]: { state: 'Ended', result: { kind: 'Accepted', detail: 'C1' }, endedAt: setBack } },
    } as const;
    const record = seen(listed(east), ago(500));
    assert.equal(inWords(judge(id, caseOf(id, { record, step: { intent } }, { facts }))), shift, 'a clock set back');
  });

  it('keeps the servers and the TTL for what comes after', () => {
    const value = (state: TrafficState) => evidenceOf(judge(id, caseOf(id, { record: seen(state) })))[0]?.value;
    assert.deepEqual(value(listed(west, mine(7, west))), { nameServers: ['ns1', 'ns2'], ttl: 20 });
    const { liveTtl: _none, ...without } = listed(west, mine(7, west));
    assert.deepEqual(value(without), { nameServers: ['ns1', 'ns2'] });
  });

  it('keeps what its change is called, so that a successor can ask whether it is everywhere', () => {
    const intent = anIntent();
    const change = (result: ApplyResult) => {
      const facts = { outcomes: { [intent.token]: { state: 'Ended', result, endedAt: ago(500) } } } as const;
      const look = { record: seen(listed(west, mine(7, west)), ago(100)), step: { intent } };
      return evidenceOf(judge(id, caseOf(id, look, { facts })))[0]?.value?.change;
    };
    assert.equal(change({ kind: 'Accepted', detail: 'C1', change: 'C1' }), 'C1');
    assert.equal(change({ kind: 'Accepted', detail: 'it was there already' }), undefined);
    assert.equal(change({ kind: 'OutcomeUnknown', detail: 'a reset' }), undefined);
  });

  it('says who moved it, whose it is, and what is wrong', () => {
    const words = (state: TrafficState) => messageOf(judge(id, caseOf(id, { record: seen(state) })));
    assert.match(
      words(listed(east, mine(7, west))),
      /moved away after this Run had shifted it. Put back the values of us-west-2/,
    );
    assert.match(words(listed(east, mine(8, east))), /carries epoch 8, above this Run's 7/);
    assert.match(words(listed(east, foreign)), /owned by another plan \(identity hash abc\)/);
    assert.match(words(listed(east, conflict)), /managed by something else: external-dns owns it\./);
    assert.match(
      words(listed(east, undefined, drifted)),
      /values of neither region: lb-other. Put back the values of us-east-1/,
    );
    assert.match(words(listed(east, undefined, gone)), /does not exist; create it with the values of us-east-1/);
  });
});

describe('traffic observed', () => {
  const id = 'observed/public';
  const all = [answer(west), answer(west)];
  const unseen = everyWhy.filter((why) => why !== 'NotAsked');
  const rows: readonly (readonly [string, Look, string])[] = [
    ['every server at the target', { answers: seen(answers(all)) }, ok],
    ['the same, in sync', { answers: seen(answers(all, true)) }, ok],
    [
      'the same, and the control plane says that it is not everywhere',
      { answers: seen(answers(all, false)) },
      'Wait TrafficUnobserved',
    ],
    ['one at the source', { answers: seen(answers([answer(west), answer(east)])) }, 'Wait TrafficUnobserved'],
    ['one of neither', { answers: seen(answers([answer(west), otherAnswer])) }, 'Wait TrafficUnobserved'],
    ['one silent', { answers: seen(answers([answer(west), silentAnswer])) }, 'Wait TrafficUnobserved'],
    [
      'one silent, late',
      { answers: seen(answers([answer(west), silentAnswer])), step: late },
      'Wait TrafficUnobserved',
    ],
    [
      'one silent, late, and the control plane says that it is everywhere',
      { answers: seen(answers([answer(west), silentAnswer], true)), step: late },
      'Done Overridden',
    ],
    [
      'the same, in time',
      { answers: seen(answers([answer(west), silentAnswer], true)), step: soon },
      'Wait TrafficUnobserved',
    ],
    [
      'one silent and one at the source, late and everywhere',
      { answers: seen(answers([answer(west), silentAnswer, answer(east)], true)), step: late },
      'Wait TrafficUnobserved',
    ],
    ['all silent, in time', { answers: seen(answers([silentAnswer])), step: soon }, 'Wait TrafficUnobserved'],
    ['all silent, late', { answers: seen(answers([silentAnswer])), step: late }, 'Done Overridden'],
    ['no server at all', { answers: seen(answers([])) }, 'Wait TrafficUnobserved'],
    ['one at the source, late', { answers: seen(answers([answer(east)])), step: late }, 'Wait TrafficUnobserved'],
    ['no server, as in a private zone, and in sync', { answers: seen(answers([], true)) }, ok],
    ['no server, and not in sync', { answers: seen(answers([], false)) }, 'Wait TrafficUnobserved'],
    ['no server, late', { answers: seen(answers([], false)), step: late }, 'Done Overridden'],
    ['nothing asked', {}, 'Wait Observing'],
    ['nothing asked, late', { step: late }, 'Wait Observing'],
    ...unseen.map(
      (why) =>
        [`unknown for ${why}`, { answers: lost<TrafficAnswers>(why), step: soon }, 'Wait TrafficUnobserved'] as const,
    ),
    ...unseen.map(
      (why) =>
        [`unknown for ${why}, late`, { answers: lost<TrafficAnswers>(why), step: late }, 'Done Overridden'] as const,
    ),
  ];
  for (const [name, look, wanted] of rows) {
    it(`with ${name}: ${wanted}`, () => {
      assert.equal(inWords(judge(id, caseOf(id, look))), wanted);
    });
  }

  it('asks for the change by which the record was moved, where the journal has it', () => {
    const needs = (steps: Case['steps'] & object) => {
      const ctx = contextFor({ steps });
      return stepRules.ObserveTraffic.needs(stepIn(ctx, id), ctx);
    };
    assert.deepEqual(needs({ 'shift/public': outcome('Succeeded', { ttl: 20, change: 'C1' }) }), [
      { kind: 'Answers', name: 'public', change: { id: 'C1', to: west } },
    ]);
    assert.deepEqual(needs({ 'shift/public': outcome('Succeeded', { ttl: 20 }) }), [
      { kind: 'Answers', name: 'public' },
    ]);
  });

  it('is graded, with the TTL that caches may hold on to: the listed one, else the plan`s', () => {
    const value = (look: Look, more: Case = {}) => evidenceOf(judge(id, caseOf(id, look, more)))[0]?.value;
    const shifted: Case = { steps: { 'shift/public': outcome('Succeeded', { ttl: 20 }) } };
    assert.deepEqual(value({ answers: seen(answers(all)) }, shifted), { grade: 'Exact', ttl: 20 });
    assert.deepEqual(value({ answers: seen(answers(all)) }), { grade: 'Exact', ttl: 30 });
    assert.deepEqual(value({ answers: lost<TrafficAnswers>('Timeout'), step: late }, shifted), {
      grade: 'Unobservable',
      ttl: 20,
    });
    assert.deepEqual(value({ answers: seen(answers([silentAnswer])), step: late }), { grade: 'Unobservable', ttl: 30 });
    assert.deepEqual(value({ answers: seen(answers([], true)) }), { grade: 'NotObservable', ttl: 30 });
    assert.deepEqual(value({ answers: seen(answers([])), step: late }), { grade: 'NotObservable', ttl: 30 });
    const some = seen(answers([answer(west), silentAnswer], true));
    assert.deepEqual(value({ answers: some, step: late }), { grade: 'Partial', ttl: 30 });
  });

  it('is given up at its deadline, whenever it became unknown: caches may have been filled until then', () => {
    const look: Look = { answers: lost('Unreachable', ago(500_000)), step: late };
    const [given, why] = evidenceOf(judge(id, caseOf(id, look)));
    assert.equal(given?.at, now.wall, 'what the milestones and the stand-down count from');
    assert.equal(why?.at, ago(500_000).wall);
  });

  it('counts with the TTL from before the move: what caches hold came with that one', () => {
    const ttl = (steps: Case['steps'] & object) => {
      const judged = judge(id, caseOf(id, { answers: seen(answers(all)) }, { steps }));
      return evidenceOf(judged)[0]?.value?.ttl;
    };
    const moved = (found?: number) => ({
      ...outcome('Succeeded', { ttl: 30 }),
      intent: anIntent(found === undefined ? {} : { found }),
    });
    const preflight = (value: number) => outcome('Succeeded', { ttl: value });
    assert.equal(ttl({ 'shift/public': moved(300) }), 300, 'the shift gave it the plan`s 30');
    assert.equal(ttl({ 'shift/public': moved(20) }), 20);
    assert.equal(ttl({ 'preflight/public': preflight(300), 'shift/public': moved(30) }), 300, 'lowered in between');
    assert.equal(ttl({ 'preflight/public': preflight(120), 'shift/public': outcome('Overridden') }), 120);
  });

  it('says of a private zone that nobody can ask it', () => {
    const words = (said?: boolean) => messageOf(judge(id, caseOf(id, { answers: seen(answers([], said)) })));
    assert.match(words(true), /^wanted us-west-2; a private zone, whose servers nobody outside can ask; INSYNC$/);
    assert.match(
      words(),
      /^public.example.com is in a private zone, and its control plane has not said that the change/,
    );
  });

  it('says why the control plane does not say whether the change is everywhere', () => {
    const unsaid = 'route53:GetChange is refused (AccessDenied: no); grant it on arn:aws:route53:::change/*';
    const judged = (given: Parameters<typeof answers>[0]) =>
      judge(id, caseOf(id, { answers: seen({ ...answers(given), unsaid }) }));
    for (const given of [[], [answer(west), silentAnswer]]) {
      const waiting = judged(given);
      assert.equal(inWords(waiting), 'Wait TrafficUnobserved');
      assert.match(messageOf(waiting), / The control plane does not say whether the change is everywhere\.$/);
      assert.equal(evidenceOf(waiting)[1]?.what, `public.example.com: ${unsaid}`);
    }
    const arrived = judged(all);
    assert.equal(inWords(arrived), ok, 'every server answers: what is not said is not needed');
    assert.equal(evidenceOf(arrived)[1]?.what, `public.example.com: ${unsaid}`);
  });

  it('names each server, and from where it was asked', () => {
    const judged = judge(id, caseOf(id, { answers: seen(answers([answer(west), silentAnswer, otherAnswer], true)) }));
    assert.equal(
      evidenceOf(judged)[0]?.what,
      'wanted us-west-2, from this vantage point: ns1 us-west-2, ns2 Silent, ns3 Other; INSYNC',
    );
  });
});
