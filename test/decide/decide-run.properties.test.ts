import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { UnknownWhy } from '../../src/api/fact.ts';
import type { PlanSpec } from '../../src/api/plan.ts';
import type { RunStatus, StepStatus } from '../../src/api/run.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import type { RunDecision } from '../../src/decide/decision.ts';
import type { RunFacts } from '../../src/decide/facts.ts';
import { isTerminalPhase } from '../../src/decide/phases.ts';
import { aPrimary, aStandby, at, everyWhy, fenced, promoted } from './support/facts.ts';
import { aDatabase, aPlan, aSpec, east, minute, stateless, west, withFailover } from './support/plans.ts';
import { acceptLoss, attest, begin, pass, patch, restart, type Game, type Pass } from './support/play.ts';
import { limits } from './support/runs.ts';
import { aWorld, blackout, lightUp, replicate } from './support/world.ts';

/** One thing that happens to a run, its operator or its world between two passes. */
type Turn = (game: Game) => void;

const wait = fc.integer({ min: 0, max: 30_000 }).map((ms): Turn => (game) => {
  game.ms += ms;
});
const passes = fc.integer({ min: 1, max: 6 }).map((count): Turn => (game) => {
  for (let index = 0; index < count; index += 1) pass(game);
});
const dark = fc
  .tuple(
    fc.constantFrom(
      'db/orders@us-east-1',
      'db/orders@us-west-2',
      'workload/',
      'record/',
      'answers/',
      'region/',
      'smoke/',
      'db/',
    ),
    fc.constantFrom<UnknownWhy>(...everyWhy),
  )
  .map(([prefix, why]): Turn => (game) => {
    game.world.dark.set(prefix, why);
  });
const database = fc
  .tuple(
    fc.constantFrom('orders@us-east-1', 'orders@us-west-2'),
    fc.constantFrom(
      aPrimary(),
      aStandby(),
      fenced(7),
      fenced(6),
      fenced(8),
      promoted(),
      aStandby({ position: '0/1' }),
      aPrimary({ enabledRoles: [] }),
    ),
  )
  .map(([key, state]): Turn => (game) => {
    if (game.world.databases[key] !== undefined) game.world.databases[key] = state;
  });
const link = fc.boolean().map((up): Turn => (game) => {
  game.world.link = up;
  for (const { name } of game.world.spec.databases) replicate(game.world, name, east);
});
const replies = fc.constantFrom('lost', 'refused', 'hanging', 'answered').map((how): Turn => {
  return (game) => {
    const { answer } = begin(game.world);
    const lost = { kind: 'OutcomeUnknown', detail: 'the reply was lost' } as const;
    const no = { kind: 'Refused', code: 'Busy', message: 'come back later' } as const;
    game.answer = {
      answered: answer,
      lost: (one: Game, planned: Parameters<typeof answer>[1]) => (answer(one, planned), lost),
      refused: () => no,
      hanging: () => undefined,
    }[how];
  };
});
const person = fc.constantFrom<Turn>(
  (game) => {
    attest(game, '*');
  },
  (game) => {
    acceptLoss(game, 60 * minute);
  },
  (game) => {
    const asked = game.run.status.steps.flatMap(({ waitsFor }) =>
      waitsFor?.evidenceHash === undefined ? [] : [waitsFor],
    );
    const words = asked.map(({ reason, evidenceHash = '' }) => ({
      gate: reason,
      by: 'ana',
      reason: 'go',
      evidenceHash,
    }));
    patch(game, { approvals: [...game.run.spec.approvals, ...words] });
  },
  (game) => {
    patch(game, { mode: 'Forced' });
  },
  (game) => {
    patch(game, { desiredState: 'Paused' });
  },
  (game) => {
    patch(game, { desiredState: 'Running' });
  },
);
/** What ends most runs before anything has happened: rare. */
const turnsBack = fc.constantFrom<Turn>(
  (game) => {
    patch(game, { desiredState: 'Aborted' });
  },
  (game) => {
    game.plan = aPlan({ ...game.world.spec, activeRegion: east });
  },
  (game) => {
    game.plan = undefined;
  },
);
/** What an operator has to cope with: in the end all of it can be over. */
const fault: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 80, arbitrary: passes },
  { weight: 30, arbitrary: wait },
  { weight: 20, arbitrary: dark },
  {
    weight: 10,
    arbitrary: fc.constant<Turn>((game) => {
      lightUp(game.world);
    }),
  },
  {
    weight: 10,
    arbitrary: fc.constant<Turn>((game) => {
      blackout(game.world, east);
    }),
  },
  { weight: 10, arbitrary: fc.constant<Turn>(restart) },
  { weight: 10, arbitrary: link },
  { weight: 10, arbitrary: replies },
  { weight: 30, arbitrary: person },
  { weight: 2, arbitrary: turnsBack },
);
const newer = fc.constantFrom('orders@us-east-1', 'orders@us-west-2').map((key): Turn => (game) => {
  const state = game.world.databases[key];
  if (state !== undefined) game.world.databases[key] = { ...state, highestEpoch: 8 };
});
/** Besides, what somebody else does to the databases. */
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 20, arbitrary: fault },
  { weight: 1, arbitrary: database },
  { weight: 1, arbitrary: newer },
);
const specs: readonly PlanSpec[] = [
  aSpec(),
  withFailover({ mode: 'Planned' }),
  withFailover({ mode: 'Forced', approval: 'Never' }),
  withFailover({ mode: 'Forced', approval: 'Never', fencing: 'BestEffort' }),
  withFailover({ mode: 'Forced', fencing: 'None' }),
  aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] }),
  stateless(),
  aSpec({ enforcement: 'Observe' }),
];

/** What happened, as passes with all that was seen and decided in each. */
function history(spec: PlanSpec, turns: readonly Turn[]): Game {
  const game = begin(aWorld(spec));
  for (const one of turns) {
    if (isTerminalPhase(game.run.status.phase)) break;
    one(game);
  }
  return game;
}

/** Fixed, so that the counts below are those of the code, not of luck. */
const seed = 20_300_101;

const histories = fc.tuple(fc.constantFrom(...specs), fc.array(turn, { minLength: 5, maxLength: 60 }));

/** Holds in every pass of every history; `count` says in how many the premise was met. */
function everywhere(check: (one: Pass, game: Game, before: Pass | undefined) => boolean, runs = 300): number {
  let met = 0;
  fc.assert(
    fc.property(histories, ([spec, turns]) => {
      const game = history(spec, turns);
      game.passes.forEach((one, index) => {
        if (check(one, game, game.passes[index - 1])) met += 1;
      });
    }),
    { numRuns: runs, seed },
  );
  return met;
}

const stepOf = (status: RunStatus, id: string): StepStatus | undefined => status.steps.find((step) => step.id === id);

describe('every decision on a run, over any history', () => {
  it('is the same for the same facts, and leaves them as they were', () => {
    everywhere(({ facts, decision }) => {
      const before = structuredClone(facts);
      assert.deepEqual(decideRun(facts), decision);
      assert.deepEqual(facts, before);
      return true;
    }, 100);
  });

  it('never changes an outcome, nor the graph once it is laid out', () => {
    const met = everywhere(({ facts, decision }) => {
      const was = facts.run.status.steps;
      for (const step of was) {
        if (step.outcome !== undefined) assert.deepEqual(stepOf(decision.status, step.id)?.outcome, step.outcome);
      }
      if (was.length <= 1) return false;
      const graph = (steps: readonly StepStatus[]) =>
        steps.map(({ id, kind, after, effect, pretend }) => ({ id, kind, after, effect, pretend }));
      assert.deepEqual(graph(decision.status.steps), graph(was));
      assert.equal(decision.status.mode, facts.run.status.mode);
      assert.equal(decision.status.snapshot, facts.run.status.snapshot);
      return true;
    });

    assert.ok(met > 500, String(met));
  });

  it('sends only what is intended in its status, by this holder, within the lease, for a step that is listed to act', () => {
    const met = everywhere(({ facts, decision }) => {
      for (const { stepId, intent } of decision.effects) {
        const step = stepOf(decision.status, stepId) ?? assert.fail(stepId);
        assert.deepEqual(step.intent, intent);
        assert.notEqual(step.effect, 'None');
        assert.equal(step.pretend, undefined);
        assert.equal(intent.holder, facts.holder);
        assert.equal(intent.at, facts.now.wall);
        assert.ok(intent.notAfter <= facts.now.wall + facts.limits.leaseRemainingMs);
      }
      const tokens = decision.effects.map((planned) => planned.intent.token);
      assert.equal(new Set(tokens).size, tokens.length);
      return decision.effects.length > 0;
    });

    assert.ok(met > 300, String(met));
  });

  it('never sends again what is in flight, and never beside another holder', () => {
    const met = everywhere(({ facts, decision }) => {
      for (const { stepId, intent } of decision.effects) {
        const before = stepOf(facts.run.status, stepId)?.intent;
        if (before === undefined) continue;
        assert.notEqual(facts.outcomes[before.token]?.state, 'InFlight');
        if (before.holder !== intent.holder) assert.ok(intent.at >= before.notAfter + limits.skewMs + limits.effectMs);
      }
      return decision.effects.some(({ stepId }) => stepOf(facts.run.status, stepId)?.intent !== undefined);
    }, 600);

    assert.ok(met > 20, String(met));
  });

  it('starts no step before everything that it comes after is done', () => {
    everywhere(({ decision }) => {
      for (const step of decision.status.steps) {
        if (step.intent === undefined && step.outcome === undefined) continue;
        for (const edge of step.after) assert.ok(stepOf(decision.status, edge)?.outcome, `${step.id} before ${edge}`);
      }
      return true;
    });
  });

  it('promotes only behind every fence, with no writer seen open and no unaccepted loss', () => {
    const met = everywhere(({ facts, decision }) => {
      const promotions = decision.effects.filter(
        ({ effect }) => effect.kind === 'Database' && effect.action === 'Promote',
      );
      if (promotions.length === 0) return false;
      for (const { name } of facts.run.status.snapshot?.databases ?? []) {
        const fence = stepOf(decision.status, `fence/${name}`)?.outcome;
        assert.ok(fence !== undefined);
        const weaker = decision.status.snapshot?.failover.fencing !== 'Verified' && decision.status.mode === 'Forced';
        const attested = facts.run.spec.attestations.length > 0 && decision.status.mode === 'Forced';
        if (fence.state === 'Overridden') assert.ok(weaker || attested);
        const source = facts.observed.databases[`${name}@${east}`]?.fact;
        if (source?.known === true && source.value.role === 'Primary' && !weaker) {
          assert.deepEqual([source.value.fence.present, source.value.enabledRoles], [true, []]);
        }
        if (decision.status.mode === 'Planned') {
          assert.equal(stepOf(decision.status, `position/${name}`)?.outcome?.state, 'Succeeded');
        }
      }
      return true;
    });

    assert.ok(met > 20, String(met));
  });

  it('moves traffic only to databases that are seen open', () => {
    const met = everywhere(({ facts, decision }) => {
      if (!decision.effects.some(({ effect }) => effect.kind === 'Traffic')) return false;
      for (const { name } of facts.run.status.snapshot?.databases ?? []) {
        const fact = facts.observed.databases[`${name}@${west}`]?.fact;
        assert.ok(fact?.known === true && fact.value.role === 'Primary' && !fact.value.fence.present);
        assert.ok(fact.value.enabledRoles.length > 0);
      }
      return true;
    });

    assert.ok(met > 10, String(met));
  });

  it('changes nothing where somebody newer has been', () => {
    const met = everywhere(({ facts, decision }) => {
      const seen = Object.values(facts.observed.databases).some(
        ({ fact }) => fact.known && fact.value.highestEpoch > 7,
      );
      if (seen) assert.deepEqual(decision.effects, []);
      return seen;
    });

    assert.ok(met > 20, String(met));
  });

  it('of a paused run begins nothing, of an observing one nothing at all', () => {
    everywhere(({ facts, decision }) => {
      if (facts.run.status.snapshot?.enforcement === 'Observe') assert.deepEqual(decision.effects, []);
      if (facts.run.spec.desiredState !== 'Paused') return false;
      assert.deepEqual(
        decision.effects.filter(({ intent }) => intent.action === 'Do'),
        [],
      );
      return true;
    });
  });

  it('after an abort only undoes, and an abort is never after a promotion', () => {
    const met = everywhere(({ facts, decision }) => {
      if (decision.status.abort === undefined) return false;
      assert.deepEqual(
        decision.effects.filter(({ intent }) => intent.action !== 'Undo'),
        [],
      );
      assert.ok(decision.status.steps.every((step) => step.effect !== 'Irreversible' || step.intent === undefined));
      if (facts.run.status.abort !== undefined) assert.deepEqual(decision.status.abort, facts.run.status.abort);
      return true;
    });

    assert.ok(met > 20, String(met));
  });

  it('comes to rest: on the same facts it changes its status no more, and sends nothing', () => {
    everywhere(({ facts, decision }) => {
      const rest = settle(facts, decision);
      assert.deepEqual(rest.effects, []);
      assert.deepEqual(rest.notices, []);
      return true;
    }, 60);
  });

  it('never says a loss of nothing, where nothing is known', () => {
    const met = everywhere(({ decision }) => {
      for (const one of decision.status.recovery) {
        if (one.grade === 'Unknown') assert.ok(!('lossMs' in one));
        else assert.ok((one.lossMs ?? -1) >= 0);
      }
      return decision.status.recovery.length > 0;
    });

    assert.ok(met > 20, String(met));
  });

  it('ends, once the faults are over and people have answered', () => {
    fc.assert(
      fc.property(fc.constantFrom(...specs), fc.array(fault, { maxLength: 25 }), (spec, turns) => {
        const world = aWorld(spec);
        const game = begin(world);
        for (const one of turns) {
          if (isTerminalPhase(game.run.status.phase)) return;
          one(game);
        }
        lightUp(world);
        world.link = true;
        for (const { name } of spec.databases) replicate(world, name, east);
        game.answer = begin(world).answer;
        for (const [token, outcome] of Object.entries(game.outcomes)) {
          if (outcome.state !== 'InFlight') continue;
          game.outcomes[token] = {
            state: 'Ended',
            result: { kind: 'OutcomeUnknown', detail: 'over' },
            endedAt: at(game.ms, `life-${String(game.life)}`),
          };
        }
        if (game.run.spec.desiredState === 'Paused') patch(game, { desiredState: 'Running' });
        for (let count = 0; count < 1_500 && !isTerminalPhase(game.run.status.phase); count += 1) {
          answerEverything(game);
          pass(game);
        }
        assert.ok(isTerminalPhase(game.run.status.phase), `${game.run.status.phase}: ${game.run.status.message}`);
      }),
      { numRuns: 60 },
    );
  });
});

function answerEverything(game: Game): void {
  for (const { waitsFor } of game.run.status.steps) {
    if (waitsFor?.reason === 'ModeUndecided') patch(game, { mode: 'Forced' });
    if (waitsFor?.reason === 'DataLossUnaccepted') acceptLoss(game, 100 * minute);
    if (waitsFor?.evidenceHash === undefined) continue;
    const known = game.run.spec.approvals.some((one) => one.evidenceHash === waitsFor.evidenceHash);
    if (known) continue;
    const word = { gate: waitsFor.reason, by: 'ana', reason: 'go', evidenceHash: waitsFor.evidenceHash };
    patch(game, { approvals: [...game.run.spec.approvals, word] });
  }
}

function settle(facts: RunFacts, first: RunDecision): RunDecision {
  let decision = first;
  let previous: RunStatus = facts.run.status;
  for (let count = 0; count < 60; count += 1) {
    if (isTerminalPhase(decision.status.phase)) return { ...decision, effects: [], notices: [] };
    if (JSON.stringify(decision.status) === JSON.stringify(previous)) {
      assert.deepEqual(decision.status, previous);
      return decision;
    }
    previous = decision.status;
    // What was sent is on its way.
    const sent = Object.fromEntries(
      decision.effects.map(({ intent }) => [intent.token, { state: 'InFlight' } as const]),
    );
    facts = { ...facts, run: { ...facts.run, status: decision.status }, outcomes: { ...facts.outcomes, ...sent } };
    decision = decideRun(facts);
  }
  return assert.fail('it does not come to rest');
}
