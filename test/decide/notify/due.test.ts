import assert from 'node:assert/strict';
import fc from 'fast-check';
import { agendaOf, settled, type Due } from '../../../src/decide/notify/due.ts';
import { look, nothingTold, type Memory } from '../../../src/decide/notify/memory.ts';
import { manners, type Manner, type Topic } from '../../../src/decide/notify/topic.ts';
import { hour, minute, second } from '../support/plans.ts';

const t0 = Date.UTC(2030, 0, 1);

function topic(over: Partial<Topic> = {}): Topic {
  const key = over.key ?? 'run/checkout-7/blocked/approve/ApprovalRequired';
  return {
    key,
    group: 'run/checkout-7/blocked',
    kind: 'RunBlocked',
    severity: 'Critical',
    reason: 'ApprovalRequired',
    message: 'It waits.',
    began: t0,
    run: 'checkout-7',
    manner: manners.blocked,
    ...over,
  };
}
const problem = (over: Partial<Topic> = {}): Topic =>
  topic({ key: 'plan/RPOMet', group: 'plan/RPOMet', kind: 'PlanProblem', manner: manners.flickering, ...over });
const once = (over: Partial<Topic> = {}): Topic =>
  topic({
    key: 'run/checkout-7/started',
    group: 'run/checkout-7/started',
    kind: 'RunStarted',
    manner: manners.once,
    ...over,
  });

/** One contact's life: what is the case from when on (ms after t0), looked at every second; deliveries as told. */
function heard(
  lines: readonly (readonly [from: number, topics: readonly Topic[]])[],
  options: { readonly until: number; readonly rank?: number; readonly delivers?: (at: number) => boolean } = {
    until: 0,
  },
): readonly string[] {
  let memory: Memory = nothingTold;
  const said: string[] = [];
  for (let at = 0; at <= options.until; at += second) {
    const topics = lines.findLast(([from]) => from <= at)?.[1] ?? [];
    memory = look(memory, topics, t0 + at);
    for (;;) {
      const { due } = agendaOf(memory, topics, options.rank ?? 0, t0 + at);
      if (due === undefined) break;
      const delivered = options.delivers?.(at) ?? true;
      said.push(`${String(at / second)} ${due.kind}${delivered ? '' : ' lost'} ${String(due.count)}`);
      memory = settled(memory, due, t0 + at, delivered);
    }
  }
  return said;
}

describe('what is due', () => {
  it('a block: at once to the first, after five and ten minutes to the others, and again', () => {
    const blocked = [[0, [topic()]]] as const;
    const until = 16 * minute;
    assert.deepEqual(heard(blocked, { until }), [
      '5 RunBlocked 0',
      '305 RunBlocked 1',
      '605 RunBlocked 2',
      '905 RunBlocked 3',
    ]);
    assert.deepEqual(heard(blocked, { until, rank: 1 }), ['305 RunBlocked 0', '605 RunBlocked 1', '905 RunBlocked 2']);
    assert.deepEqual(heard(blocked, { until, rank: 2 }), ['605 RunBlocked 0', '905 RunBlocked 1']);
  });

  it('a block of more than an hour: every half hour', () => {
    const said = heard([[0, [topic()]]], { until: 3 * hour });
    assert.equal(said.filter((line) => line.includes('RunBlocked')).length, 1 + 12 + 3);
    assert.equal(said.at(-1)?.split(' ')[0], String(5 + 12 * 300 + 3 * 1800));
  });

  it('that is answered before it was told: nothing', () => {
    assert.deepEqual(
      heard(
        [
          [0, [topic()]],
          [4_000, []],
        ],
        { until: 20 * minute },
      ),
      [],
    );
  });

  it('that is answered: whoever was told of it hears that it goes on, and nobody else', () => {
    const lines = [
      [0, [topic()]],
      [60_000, []],
    ] as const;
    assert.deepEqual(heard(lines, { until: 20 * minute }), ['5 RunBlocked 0', '90 RunGoesOn 1']);
    assert.deepEqual(heard(lines, { until: 20 * minute, rank: 1 }), []);
    assert.deepEqual(heard(lines, { until: 20 * minute, delivers: () => false }), ['5 RunBlocked lost 0']);
  });

  it('another block in the same run: told at once, and its escalation begins anew', () => {
    // The step waits on for another reason: its own `since` stays.
    const other = topic({ key: 'run/checkout-7/blocked/approve/Cooldown', reason: 'Cooldown' });
    const lines = [
      [0, [topic()]],
      [4 * minute, [other]],
    ] as const;
    assert.deepEqual(heard(lines, { until: 8 * minute }), ['5 RunBlocked 0', '245 RunBlocked 0']);
    assert.deepEqual(heard(lines, { until: 10 * minute, rank: 1 }), ['545 RunBlocked 0']);
  });

  it('two blocks at once: one message; one of them left: no word of an end', () => {
    const other = topic({ key: 'run/checkout-7/blocked/fence/orders/FenceNotProven' });
    const both = [topic(), other];
    const lines = [
      [0, both],
      [120_000, [other]],
      [200_000, []],
    ] as const;
    assert.deepEqual(heard(lines, { until: 250_000 }), ['5 RunBlocked 0', '230 RunGoesOn 1']);
    const memory = look(nothingTold, both, t0 + 5_000);
    assert.equal(agendaOf(memory, both, 0, t0 + 5_000).due?.topics.length, 2);
  });

  it('a second block while the first stands: the news is told first', () => {
    const other = topic({ key: 'run/checkout-7/blocked/fence/orders/FenceNotProven', began: t0 + 60_000 });
    let memory = look(nothingTold, [topic()], t0 + 5_000);
    const { due } = agendaOf(memory, [topic()], 0, t0 + 5_000);
    assert.ok(due !== undefined);
    memory = look(settled(memory, due, t0 + 5_000, true), [topic(), other], t0 + 60_000);
    const agenda = agendaOf(memory, [topic(), other], 0, t0 + 65_000);
    assert.deepEqual(
      agenda.due?.topics.map(({ key }) => key),
      [other.key, topic().key],
    );
    assert.equal(agenda.due.count, 0);
  });

  it('a run that ended, or recovered since: no word that it goes on', () => {
    const ended = once({
      key: 'run/checkout-7/ended',
      group: 'run/checkout-7/ended',
      kind: 'RunEnded',
      began: t0 + 61_000,
    });
    assert.deepEqual(
      heard(
        [
          [0, [topic()]],
          [61_000, [ended]],
        ],
        { until: 10 * minute },
      ),
      ['5 RunBlocked 0', '61 RunEnded 0'],
    );
    const sustained = once({
      key: 'run/checkout-7/sustained',
      group: 'run/checkout-7/sustained',
      kind: 'RunSustained',
      began: t0 + 70_000,
    });
    const recovers = [
      [0, [topic()]],
      [60_000, []],
      [70_000, [sustained]],
    ] as const;
    assert.deepEqual(heard(recovers, { until: 10 * minute }), ['5 RunBlocked 0', '70 RunSustained 0']);
    // It stood still after it had recovered: that it goes on is news.
    const later = [
      [0, [sustained, topic()]],
      [120_000, [sustained]],
    ] as const;
    const said = heard(later, { until: 10 * minute });
    assert.ok(said.includes('150 RunGoesOn 1'), said.join());
  });

  it('an event: once; one of long ago: never', () => {
    assert.deepEqual(heard([[0, [once()]]], { until: 2 * hour }), ['0 RunStarted 0']);
    assert.deepEqual(heard([[0, [once({ began: t0 - hour - 1 })]]], { until: hour }), []);
    assert.deepEqual(
      heard([[0, [once()]]], { until: hour, delivers: () => false }),
      ['0 RunStarted lost 0'],
      'given up',
    );
  });

  it('what somebody has to act on comes before what is told for information', () => {
    const topics = [once({ severity: 'Warning' }), topic()];
    const at = t0 + 10_000;
    assert.equal(agendaOf(look(nothingTold, topics, at), topics, 0, at).due?.kind, 'RunBlocked');
  });
});

describe('what flickers', () => {
  const bad = problem();
  const flicker = (onMs: number, offMs: number, times: number) =>
    Array.from({ length: times }, (_, index) => [
      [index * (onMs + offMs), [{ ...bad, began: t0 + index * (onMs + offMs) }]] as const,
      [index * (onMs + offMs) + onMs, []] as const,
    ]).flat();

  it('for less than a minute is not told', () => {
    assert.deepEqual(
      heard(
        [
          [0, [bad]],
          [50_000, []],
        ],
        { until: 10 * minute },
      ),
      [],
    );
  });

  it('for longer is told, and its end once it has lasted a minute', () => {
    assert.deepEqual(
      heard(
        [
          [0, [bad]],
          [120_000, []],
        ],
        { until: 10 * minute },
      ),
      ['60 PlanProblem 0', '180 PlanProblemOver 1'],
    );
  });

  it('to and fro is one problem, told once, and over when it stays away', () => {
    const said = heard([...flicker(20_000, 20_000, 10)], { until: 20 * minute });
    assert.deepEqual(said, ['80 PlanProblem 0', '440 PlanProblemOver 1']);
  });

  it('and cannot be seen for a while: neither worse nor over', () => {
    const unclear = { ...bad, unclear: true };
    assert.deepEqual(heard([[0, [unclear]]], { until: 10 * minute }), []);
    const said = heard(
      [
        [0, [bad]],
        [120_000, [unclear]],
        [600_000, []],
      ],
      { until: 20 * minute },
    );
    assert.deepEqual(said, ['60 PlanProblem 0', '660 PlanProblemOver 1']);
  });

  it('stands: told hourly for a day, and then daily', () => {
    const said = heard([[0, [bad]]], { until: 72 * hour });
    assert.equal(said.length, 1 + 24 + 1, said.join());
  });
});

describe('the memory of what was told', () => {
  it('of another process: what it told is not told again, and its clock runs on', () => {
    const topics = [topic()];
    const first = look(nothingTold, topics, t0 + 5_000);
    const { due } = agendaOf(first, topics, 0, t0 + 5_000);
    assert.ok(due !== undefined);
    const { told } = settled(first, due, t0 + 5_000, true);
    const next = look({ told }, topics, t0 + 60_000);
    assert.deepEqual(agendaOf(next, topics, 0, t0 + 60_000), { wakeAfterMs: 245_000 });
  });

  it('lost: the status says since when it stands, and whom it is time to call', () => {
    const topics = [topic()];
    const at = t0 + 6 * minute;
    assert.equal(agendaOf(look(nothingTold, topics, at), topics, 1, at).due?.kind, 'RunBlocked');
  });

  it('and a clock that is set back or far ahead silences nobody', () => {
    const topics = [topic({ began: t0 + hour })];
    const at = t0;
    const memory = look(nothingTold, topics, at);
    assert.equal(agendaOf(memory, topics, 0, at).wakeAfterMs, 5_000);
    const told = look(nothingTold, [topic()], t0 + 5_000);
    const { due } = agendaOf(told, [topic()], 0, t0 + 5_000);
    assert.ok(due !== undefined);
    const later = settled(told, due, t0 + 10 * hour, true);
    const back = agendaOf(look(later, [topic()], t0 + minute), [topic()], 0, t0 + minute);
    assert.ok((back.wakeAfterMs ?? Infinity) <= 30 * minute);
  });

  const manner: fc.Arbitrary<Manner> = fc.constantFrom(...Object.values(manners));
  const anyTopic = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    group: fc.constantFrom('run/checkout-7/blocked', 'plan/x'),
    kind: fc.constantFrom('RunBlocked' as const, 'PlanProblem' as const),
    severity: fc.constantFrom('Info' as const, 'Critical' as const),
    reason: fc.constant('R'),
    message: fc.constant('m'),
    began: fc.integer({ min: t0 - hour, max: t0 + hour }),
    manner,
    unclear: fc.boolean(),
  });
  const history = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 1, max: 20 * minute }),
      topics: fc.uniqueArray(anyTopic, { maxLength: 4, selector: ({ key }) => key }),
      delivered: fc.boolean(),
    }),
    { maxLength: 20 },
  );

  it('however things go: never two messages at once of one thing, always an end to what is due, and JSON', () => {
    fc.assert(
      fc.property(history, fc.nat(2), (steps, rank) => {
        let memory: Memory = nothingTold;
        let now = t0;
        for (const { afterMs, topics, delivered } of steps) {
          now += afterMs;
          memory = look(memory, topics, now);
          const told: Due[] = [];
          for (let round = 0; round < 10; round += 1) {
            const { due, wakeAfterMs } = agendaOf(memory, topics, rank, now);
            assert.ok(wakeAfterMs === undefined || wakeAfterMs > 0);
            if (due === undefined) break;
            told.push(due);
            memory = settled(memory, due, now, delivered);
          }
          const keys = told.flatMap((due) => due.keys);
          assert.equal(new Set(keys).size, keys.length);
          assert.ok(told.length < 10, 'it ends');
          for (const { topics: spoken } of told) assert.ok(spoken.every(({ unclear }) => unclear !== true));
          assert.deepEqual(JSON.parse(JSON.stringify(memory)), memory);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is of what there is, and of what has just gone: it does not grow', () => {
    let memory: Memory = nothingTold;
    for (let index = 0; index < 200; index += 1) {
      const key = `run/checkout-${String(index)}`;
      const topics = [
        once({ key: `${key}/started`, group: `${key}/started` }),
        topic({ key: `${key}/b`, group: `${key}/blocked` }),
      ];
      const now = t0 + index * hour;
      memory = look(memory, topics, now);
      for (
        let due = agendaOf(memory, topics, 0, now).due;
        due !== undefined;
        due = agendaOf(memory, topics, 0, now).due
      ) {
        memory = settled(memory, due, now, true);
      }
    }
    assert.ok(Object.keys(memory.told).length <= 4, String(Object.keys(memory.told).length));
  });
});
