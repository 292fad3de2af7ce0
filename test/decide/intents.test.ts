import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Intent, StepStatus } from '../../src/api/run.ts';
import type { EffectOutcome, RunFacts } from '../../src/decide/facts.ts';
import { decideIntent, type IntentDecision } from '../../src/decide/intents.ts';
import { accepted, ago, at, inFlight, now, outcomeUnknown, refused, start } from './support/facts.ts';
import { anIntent, factsOf, limits } from './support/runs.ts';

const promote: StepStatus = {
  id: 'promote/orders',
  kind: 'Promote',
  phase: 'Recovery',
  subject: 'orders',
  after: [],
  effect: 'Irreversible',
  state: 'Running',
  since: start,
};
const again = 5_000;

function decide(
  intent: Intent | undefined,
  facts: Partial<RunFacts> = {},
  action: Intent['action'] = 'Do',
  found?: number,
): IntentDecision {
  const step = intent === undefined ? promote : { ...promote, intent };
  return decideIntent(step, action, { again, ...(found === undefined ? {} : { found }) }, factsOf({ facts }));
}

function sent(decision: IntentDecision): Intent {
  return decision.kind === 'Send' ? decision.intent : assert.fail(`held: ${decision.why}`);
}

function held(decision: IntentDecision): { readonly why: string; readonly waitMs: number } {
  return decision.kind === 'Hold' ? decision : assert.fail('sent');
}

describe('intent', () => {
  it('is recorded with its holder and its end, at the first time', () => {
    assert.deepEqual(sent(decide(undefined)), {
      token: 'checkout-7/promote/orders/Do/1',
      action: 'Do',
      holder: 'operator-1',
      at: now.wall,
      notAfter: now.wall + limits.effectMs,
      attempt: 1,
      firstAt: now.wall,
    });
  });

  it('keeps what was there before the first attempt, over attempts and when it is taken back', () => {
    const first = sent(decide(undefined, {}, 'Do', 3));
    assert.equal(first.found, 3);
    const facts = { outcomes: { [first.token]: refused(ago(60_000)) } };
    const second = sent(decide(first, facts, 'Do', 0));
    assert.deepEqual([second.attempt, second.found], [2, 3]);
    const undo = sent(decide(second, facts, 'Undo', 0));
    assert.deepEqual([undo.action, undo.found], ['Undo', 3]);
    const unknown = sent(decide(anIntent(), {}, 'Undo', 0));
    assert.equal(unknown.found, undefined, 'what an older operator did not record is not made up');
  });

  it('ends with the lease, where that is shorter than an effect may take', () => {
    const intent = sent(decide(undefined, { limits: { ...limits, leaseRemainingMs: 4_000 } }));
    assert.equal(intent.notAfter, now.wall + 4_000);
  });

  for (const [leaseRemainingMs, allowed] of [
    [0, false],
    [2_499, false],
    [2_500, true],
  ] as const) {
    it(`is ${allowed ? 'sent' : 'not sent'} with ${String(leaseRemainingMs)} ms of the lease left`, () => {
      const decision = decide(undefined, { limits: { ...limits, leaseRemainingMs } });
      assert.equal(decision.kind, allowed ? 'Send' : 'Hold');
      if (!allowed) assert.deepEqual(held(decision), { kind: 'Hold', why: 'the lease is about to end', waitMs: 500 });
    });
  }

  describe('that is in flight', () => {
    it('is never sent again, however long it takes', () => {
      for (const ms of [0, limits.effectMs, 3_600_000]) {
        const intent = anIntent({ at: now.wall - ms, notAfter: now.wall - ms + limits.effectMs });
        const decision = held(decide(intent, { outcomes: { [intent.token]: inFlight } }));
        assert.deepEqual(decision, { kind: 'Hold', why: 'the request is on its way', waitMs: limits.effectMs });
      }
    });
  });

  describe('that was accepted', () => {
    const intent = anIntent();
    const answered = (ms: number) => ({ outcomes: { [intent.token]: accepted(ago(ms)) } });

    it('is given time to be seen', () => {
      assert.deepEqual(held(decide(intent, answered(again - 1))), {
        kind: 'Hold',
        why: 'Accepted: waiting to see it',
        waitMs: 1,
      });
    });

    it('is asked for again when it is not seen, with the next attempt of the same beginning', () => {
      const next = sent(decide(intent, answered(again)));
      assert.equal(next.token, 'checkout-7/promote/orders/Do/2');
      assert.equal(next.attempt, 2);
      assert.equal(next.firstAt, intent.firstAt);
      assert.equal(next.at, now.wall);
    });

    it('ages by the monotonic clock: a wall that jumps sends nothing early', () => {
      const jumped = { wall: now.wall + 3_600_000, monotonic: now.monotonic, incarnation: now.incarnation };
      assert.equal(decide(intent, { ...answered(again - 1), now: jumped }).kind, 'Hold');
    });
  });

  describe('that was refused', () => {
    for (const [attempt, pause] of [
      [1, 500],
      [2, 1_000],
      [3, 2_000],
      [5, 8_000],
      [6, 15_000],
      [60, 15_000],
    ] as const) {
      it(`waits ${String(pause)} ms after attempt ${String(attempt)}, and says why`, () => {
        const intent = anIntent({ attempt });
        const early = decide(intent, { outcomes: { [intent.token]: refused(ago(pause - 1)) } });
        assert.deepEqual(early, {
          kind: 'Hold',
          why: 'Refused: come back later',
          waitMs: 1,
          refused: { kind: 'Refused', code: 'Busy', message: 'come back later' },
        });
        assert.equal(sent(decide(intent, { outcomes: { [intent.token]: refused(ago(pause)) } })).attempt, attempt + 1);
      });
    }
  });

  describe('whose reply was lost', () => {
    const intent = anIntent({ attempt: 2 });
    it('is looked at before it is sent again', () => {
      const decision = held(decide(intent, { outcomes: { [intent.token]: outcomeUnknown(ago(999)) } }));
      assert.deepEqual(decision, { kind: 'Hold', why: 'OutcomeUnknown: the reply was lost', waitMs: 1 });
      assert.equal(sent(decide(intent, { outcomes: { [intent.token]: outcomeUnknown(ago(1_000)) } })).attempt, 3);
    });
  });

  describe('of an earlier life', () => {
    const cases = {
      'another holder': anIntent({ holder: 'operator-0' }),
      'this holder, that has forgotten it': anIntent(),
    };
    for (const [name, intent] of Object.entries(cases)) {
      const free = intent.notAfter + limits.skewMs + limits.effectMs;
      const atWall = (wall: number) => ({ now: { wall, monotonic: now.monotonic, incarnation: 'second-life' } });

      it(`is not sent again by ${name} before it can no longer arrive`, () => {
        const decision = held(decide(intent, atWall(free - 1)));
        assert.deepEqual(decision, {
          kind: 'Hold',
          why: `an attempt of ${intent.holder} may still arrive`,
          waitMs: 1,
        });
      });

      it(`is taken over by ${name} after that`, () => {
        const next = sent(decide(intent, atWall(free)));
        assert.equal(next.holder, 'operator-1');
        assert.equal(next.attempt, 2);
        assert.equal(next.firstAt, intent.firstAt);
      });
    }

    it('counts as one even where somebody else knows an outcome of its token', () => {
      const intent = anIntent({ holder: 'operator-0' });
      assert.equal(decide(intent, { outcomes: { [intent.token]: accepted(ago(3_600_000)) } }).kind, 'Hold');
    });
  });

  it('to undo begins a count of its own', () => {
    const intent = anIntent({ attempt: 4, firstAt: start });
    const undo = sent(decide(intent, { outcomes: { [intent.token]: accepted(ago(1)) } }, 'Undo'));
    assert.equal(undo.token, 'checkout-7/promote/orders/Undo/1');
    assert.equal(undo.attempt, 1);
    assert.equal(undo.firstAt, now.wall);
  });
});

/** What happens to an operator between two decisions. */
type Turn =
  | { readonly kind: 'Wait'; readonly ms: number }
  | { readonly kind: 'Restart' }
  | { readonly kind: 'End'; readonly result: 'Accepted' | 'Refused' | 'OutcomeUnknown' };

const turn: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({ kind: fc.constant('Wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ kind: fc.constant('Restart' as const) }),
  fc.record({
    kind: fc.constant('End' as const),
    result: fc.constantFrom('Accepted' as const, 'Refused' as const, 'OutcomeUnknown' as const),
  }),
);

/** Every intent that was ever recorded for one step, over waits, replies and restarts of the operator. */
function journalOf(turns: readonly Turn[], leases: readonly number[]): readonly Intent[] {
  let ms = 0;
  let life = 1;
  let outcomes: Record<string, EffectOutcome> = {};
  const journal: Intent[] = [];
  turns.forEach((one, index) => {
    const last = journal.at(-1);
    if (one.kind === 'Wait') ms += one.ms;
    if (one.kind === 'Restart') {
      life += 1;
      outcomes = {};
    }
    const then = at(ms, `life-${String(life)}`);
    if (one.kind === 'End' && last !== undefined && outcomes[last.token]?.state === 'InFlight') {
      const ends = { Accepted: accepted, Refused: refused, OutcomeUnknown: outcomeUnknown }[one.result];
      outcomes = { ...outcomes, [last.token]: ends(then) };
    }
    const leaseRemainingMs = leases[index % leases.length] ?? 0;
    const facts = { now: then, holder: `operator-${String(life)}`, outcomes, limits: { ...limits, leaseRemainingMs } };
    const before = outcomes[last?.token ?? ''];
    const decision = decide(last, facts);
    if (decision.kind !== 'Send') return;
    assert.notEqual(before?.state, 'InFlight', 'sent again while in flight');
    journal.push(decision.intent);
    outcomes = { ...outcomes, [decision.intent.token]: inFlight };
  });
  return journal;
}

describe('intents of one step, over any history', () => {
  const histories = fc.tuple(
    fc.array(turn, { minLength: 1, maxLength: 60 }),
    fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 5 }),
  );

  it('never overlap between two holders: each begins when what the one before could send has arrived', () => {
    fc.assert(
      fc.property(histories, ([turns, leases]) => {
        const journal = journalOf(turns, leases);
        journal.forEach((intent, index) => {
          const before = journal[index - 1];
          if (before === undefined || before.holder === intent.holder) return;
          assert.ok(intent.at >= before.notAfter + limits.skewMs + limits.effectMs);
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('are counted up, each with a token of its own and the first beginning', () => {
    fc.assert(
      fc.property(histories, ([turns, leases]) => {
        const journal = journalOf(turns, leases);
        assert.deepEqual(
          journal.map((intent) => intent.attempt),
          journal.map((_one, index) => index + 1),
        );
        assert.equal(new Set(journal.map((intent) => intent.token)).size, journal.length);
        assert.ok(journal.every((intent) => intent.firstAt === journal[0]?.at));
        assert.ok(journal.every((intent) => intent.notAfter > intent.at));
        assert.ok(journal.every((intent) => intent.notAfter - intent.at <= limits.effectMs));
      }),
      { numRuns: 500 },
    );
  });
});
