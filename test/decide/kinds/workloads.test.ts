import assert from 'node:assert/strict';
import { unknown } from '../../../src/api/fact.ts';
import type { Observed } from '../../../src/decide/facts.ts';
import type { Judgement } from '../../../src/decide/judgement.ts';
import type { WorkloadObstacle, WorkloadState } from '../../../src/drivers/workloads/driver.ts';
import { stepRules as rules } from '../../../src/decide/kinds/index.ts';
import { absent, ago, everyWhy, inEast, inWest, lost, now, scaled, seen } from '../support/facts.ts';
import { aCronJob, aSpec, aWorkload, stateless } from '../support/plans.ts';
import {
  anAttestation,
  anIntent,
  contextFor,
  evidenceOf,
  inWords,
  judge,
  judgeUndo,
  messageOf,
  outcome,
  type Case,
} from '../support/runs.ts';

/** The source's count as the preflight latched it. */
const latched = { 'preflight/api': outcome('Succeeded', { replicas: 6 }) };

function at(id: string, workload: Observed['workloads'][string] | undefined, more: Case = {}): string {
  return inWords(judge(id, caseOf(id, workload, more)));
}

function caseOf(id: string, workload: Observed['workloads'][string] | undefined, more: Case = {}): Case {
  const [, name = ''] = id.split('/');
  const inTarget = id.startsWith('pre-scale') || id.startsWith('workload');
  const key = inTarget ? inWest(name) : inEast(name);
  return {
    observed: workload === undefined ? {} : { workloads: { [key]: workload } },
    ...more,
    steps: { ...latched, ...more.steps },
  };
}

const ok = 'Done Succeeded';

function nextOf(judged: Judgement): string | undefined {
  return judged.kind === 'Done' ? undefined : judged.hold.next;
}

describe('pre-scale', () => {
  const rows = [
    ['scaled, not yet ready', seen(scaled(6, { ready: 0, settled: false })), ok],
    ['too small', seen(scaled(1)), 'Act Scaling: api@us-west-2 to 6'],
    ['too big', seen(scaled(9)), 'Done Succeeded'],
    ['absent', seen(absent), 'Wait TargetNotReady'],
    ['not asked', undefined, 'Wait Observing'],
  ] as const;
  for (const [name, workload, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(at('pre-scale/api', workload), wanted);
    });
  }
  for (const why of everyWhy) {
    const wanted = why === 'NotAsked' ? 'Wait Observing' : 'Wait WorkloadUnknown';
    it(`unknown for ${why}: ${wanted}`, () => {
      assert.equal(at('pre-scale/api', lost(why)), wanted);
    });
  }

  it('is undone to the standby size', () => {
    const undo = (workload: Observed['workloads'][string]) =>
      inWords(judgeUndo('pre-scale/api', caseOf('pre-scale/api', workload)));
    assert.equal(undo(seen(scaled(6))), 'Act Scaling: api@us-west-2 to 1');
    assert.equal(undo(seen(scaled(1))), ok);
    assert.equal(undo(lost()), 'Wait WorkloadUnknown');
    assert.equal(undo(seen(absent)), 'Done Vacuous');
  });

  it('goes with what was there, and is undone to that', () => {
    const judged = judge('pre-scale/api', caseOf('pre-scale/api', seen(scaled(3))));
    assert.equal(judged.kind === 'Act' ? judged.found : undefined, 3);
    const steps = { 'pre-scale/api': { intent: anIntent({ found: 3 }) } };
    const undo = (workload: Observed['workloads'][string]) =>
      inWords(judgeUndo('pre-scale/api', caseOf('pre-scale/api', workload, { steps })));
    assert.equal(undo(seen(scaled(6))), 'Act Scaling: api@us-west-2 to 3');
    assert.equal(undo(seen(scaled(3))), ok);
  });

  it('is a fault of the journal where the preflight has not settled how many', () => {
    const given = { observed: { workloads: { [inWest('api')]: seen(scaled(1)) } } };
    assert.throws(() => judge('pre-scale/api', given), /replicas of api were not settled by its preflight/);
  });
});

describe('workload', () => {
  const rows = [
    ['ready', seen(scaled(6)), ok],
    ['more than wanted', seen(scaled(8)), ok],
    ['not all ready', seen(scaled(6, { ready: 5 })), 'Wait Scaling'],
    ['ready in another generation', seen(scaled(6, { settled: false })), 'Wait Scaling'],
    ['scaled down meanwhile', seen(scaled(2)), 'Act Scaling: api@us-west-2 to 6'],
    ['absent', seen(absent), 'Wait TargetNotReady'],
    ['not asked', undefined, 'Wait Observing'],
  ] as const;
  for (const [name, workload, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(at('workload/api', workload), wanted);
    });
  }
  for (const why of everyWhy) {
    it(`unknown for ${why} is neither ready nor scaled`, () => {
      assert.equal(at('workload/api', lost(why)), why === 'NotAsked' ? 'Wait Observing' : 'Wait WorkloadUnknown');
    });
  }

  it('starts a background worker at the number of the plan', () => {
    assert.equal(at('workload/billing-worker', seen(scaled(0))), 'Act Scaling: billing-worker@us-west-2 to 2');
  });

  it('says how far it is', () => {
    const judged = judge('workload/api', caseOf('workload/api', seen(scaled(6, { ready: 5, pods: 7 }))));
    assert.equal(evidenceOf(judged)[0]?.what, 'api@us-west-2: 5 of 6 ready, 7 pods');
    const ready = judge('workload/api', caseOf('workload/api', seen(scaled(6))));
    assert.equal(messageOf(ready), 'api@us-west-2: 6 of 6 ready, 6 pods; 6 ready');
  });

  const kinds = [
    'ImagePull',
    'Quota',
    'FailedCreate',
    'Unschedulable',
    'Volume',
    'ContainerConfig',
    'CrashLoop',
  ] as const;
  for (const kind of kinds) {
    it(`quotes the cluster when ${kind} is in the way`, () => {
      const obstacles: WorkloadObstacle[] = [{ kind, message: 'its own words' }];
      const given = caseOf('workload/api', seen(scaled(6, { ready: 0, obstacles })));
      const judged = judge('workload/api', given);
      assert.equal(inWords(judged), 'Wait TargetNotReady');
      assert.equal(messageOf(judged), `Workload api in us-west-2 does not become ready (${kind}): its own words`);
      assert.equal(evidenceOf(judged).at(-1)?.what, `${kind}: its own words`);
    });
  }

  describe('under an autoscaler that keeps it smaller', () => {
    const preflight = { 'preflight/api': outcome('Succeeded', { replicas: 6, floor: 2 }) };
    const acted: Case = { steps: { ...preflight, 'pre-scale/api': outcome('Succeeded') } };
    const rows = [
      ['scaled by nobody yet', seen(scaled(3)), { steps: preflight }, 'Act Scaling: api@us-west-2 to 6'],
      ['taken back after the scale', seen(scaled(3)), acted, ok],
      ['taken back, not all ready', seen(scaled(3, { ready: 2, settled: false })), acted, 'Wait Scaling'],
      ['taken below what it keeps, by somebody else', seen(scaled(1)), acted, 'Act Scaling: api@us-west-2 to 6'],
      ['left at its full size', seen(scaled(6)), acted, ok],
    ] as const;
    for (const [name, workload, more, wanted] of rows) {
      it(`${name}: ${wanted}`, () => {
        assert.equal(at('workload/api', workload, more), wanted);
      });
    }
    it('says why it is content with less', () => {
      const judged = judge('workload/api', caseOf('workload/api', seen(scaled(3)), acted));
      assert.match(messageOf(judged), /3 ready, where its autoscaler keeps it$/);
    });
  });

  it('that was pre-scaled is undone to what was there before that, whatever it was scaled again from', () => {
    const steps = {
      'pre-scale/api': { intent: anIntent({ found: 1 }) },
      'workload/api': { intent: anIntent({ found: 2 }) },
    };
    const undo = (id: string) => inWords(judgeUndo(id, caseOf(id, seen(scaled(6)), { steps })));
    assert.equal(undo('pre-scale/api'), 'Act Scaling: api@us-west-2 to 1');
    assert.equal(undo('workload/api'), 'Act Scaling: api@us-west-2 to 1');
  });

  it('is undone to the standby size', () => {
    const given = caseOf('workload/billing-worker', seen(scaled(2)));
    assert.equal(inWords(judgeUndo('workload/billing-worker', given)), 'Act Scaling: billing-worker@us-west-2 to 0');
  });
});

describe('quiesce', () => {
  const id = 'quiesce/billing-worker';
  const late: Case = { steps: { [id]: { deadline: now.wall } } };
  const soon: Case = { steps: { [id]: { deadline: now.wall + 1 } } };
  const attested = (target: string): Case => ({ run: { attestations: [anAttestation(target)] } });

  type Row = readonly [string, Observed['workloads'][string] | undefined, Case, string];
  const still = seen(scaled(0, { pods: 1 }));
  const act = 'Act Scaling: billing-worker@us-east-1 to 0';
  const rows: readonly Row[] = [
    ['no pod left', seen(scaled(0)), {}, ok],
    ['a pod that still ends', still, {}, 'Wait Scaling'],
    ['still running', seen(scaled(2)), {}, act],
    ['wanted again, without a pod yet', seen(scaled(2, { pods: 0, ready: 0 })), {}, act],
    ['absent', seen(absent), {}, 'Done Vacuous'],
    ['not asked', undefined, {}, 'Wait Observing'],
    ['a pod that still ends, before the deadline', still, soon, 'Wait Scaling'],
    ['a pod that still ends, at the deadline', still, late, 'Done Overridden'],
    ['still running at the deadline', seen(scaled(2)), late, 'Done Overridden'],
    ['attested, with a database to be fenced', still, attested('*'), 'Wait Scaling'],
  ];
  for (const [name, workload, more, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(at(id, workload, { mode: 'Planned', ...more }), wanted);
    });
  }

  for (const why of everyWhy) {
    const waits = why === 'NotAsked' ? 'Wait Observing' : 'Wait WorkloadUnknown';
    const ends = why === 'NotAsked' ? waits : 'Done Overridden';
    it(`unknown for ${why}, planned: waits for ${why === 'NotAsked' ? 'its first look' : 'its deadline'}`, () => {
      assert.equal(at(id, lost(why), { mode: 'Planned', ...soon }), waits);
      assert.equal(at(id, lost(why), { mode: 'Planned', ...late }), ends);
    });
    const gone = why === 'Unreachable' || why === 'Timeout';
    it(`unknown for ${why}, forced: ${gone ? 'the fence goes on' : 'waits for its deadline'}`, () => {
      assert.equal(at(id, lost(why), { mode: 'Forced', ...soon }), gone ? 'Done Overridden' : waits);
    });
  }

  describe('without databases is the fence', () => {
    const spec = stateless();
    const word = (target: string): Case => ({ run: { attestations: [anAttestation(target)] } });
    const both = { ...late, ...word('*') };
    const unproven = 'Wait FenceNotProven';
    const over = 'Done Overridden';
    const lastSeen = (pods: number, ms: number): Observed['workloads'][string] => {
      const last = { value: scaled(2, { pods }), at: ago(ms) };
      return { fact: { ...unknown<WorkloadState>('Unreachable', 'gone', now), last }, streaks: {} };
    };
    /** Named, seen, what is given, forced; then planned. */
    const rows: readonly (readonly [string, Observed['workloads'][string] | undefined, Case, string, string])[] = [
      ['no pod left', seen(scaled(0)), {}, ok, ok],
      ['a pod left at the deadline', still, late, 'Wait Scaling', 'Wait Scaling'],
      ['dark', lost(), {}, unproven, unproven],
      ['dark at the deadline', lost(), late, unproven, unproven],
      ['dark, attested by name', lost(), word('billing-worker'), over, unproven],
      ['dark, everything attested', lost(), word('*'), over, unproven],
      ['dark, something else attested', lost(), word('api'), unproven, unproven],
      ['seen running, everything attested', seen(scaled(2)), word('*'), act, act],
      ['seen running at the deadline, everything attested', seen(scaled(2)), both, act, act],
      ['a pod that still ends, attested', still, word('billing-worker'), 'Wait Scaling', 'Wait Scaling'],
      ['not looked at yet, attested', undefined, word('*'), 'Wait Observing', 'Wait Observing'],
      ['dark, attested for before it was last seen running', lastSeen(1, 19_999), word('*'), unproven, unproven],
      ['dark, attested for when it was last seen running', lastSeen(1, 20_000), word('*'), over, unproven],
      ['dark, attested, last seen without a pod', lastSeen(0, 1_000), word('*'), over, unproven],
    ];
    for (const [name, workload, more, forced, planned] of rows) {
      it(`${name}: ${forced}, and ${planned} in a planned run`, () => {
        assert.equal(at(id, workload, { spec, mode: 'Forced', ...more }), forced);
        assert.equal(at(id, workload, { spec, mode: 'Planned', ...more }), planned);
      });
    }
    for (const why of everyWhy.filter((one) => one !== 'NotAsked')) {
      it(`unknown for ${why}: a forced run asks for a person's word`, () => {
        const judged = judge(id, caseOf(id, lost(why), { spec, mode: 'Forced', ...late }));
        assert.equal(
          messageOf(judged),
          'Workload billing-worker in us-east-1 cannot be seen, so it is not proven stopped.',
        );
        assert.match(nextOf(judged) ?? '', /"target":"billing-worker","kind":"Fenced"/);
      });
    }
    it('names who attests', () => {
      const judged = judge(id, caseOf(id, lost(), { spec, ...word('*') }));
      assert.equal(messageOf(judged), 'ana attests that billing-worker in us-east-1 is stopped');
      assert.equal(evidenceOf(judged)[0]?.at, ago(20_000).wall);
    });
    it('says why a word counts for nothing', () => {
      const judged = judge(id, caseOf(id, lastSeen(1, 19_999), { spec, ...word('*') }));
      assert.match(
        messageOf(judged),
        /The attested time lies before 2030-01-01T00:09:40.*, when its pods were still seen\.$/,
      );
    });
    it('late, offers the way back where nobody`s word would do', () => {
      const next = (mode: 'Planned' | 'Forced', workload: Observed['workloads'][string], when: Case) =>
        nextOf(judge(id, caseOf(id, workload, { spec, mode, ...when })));
      const abort = /"desiredState":"Aborted"/;
      assert.match(next('Planned', lost(), late) ?? '', abort);
      assert.match(next('Planned', seen(scaled(2)), late) ?? '', abort);
      assert.match(next('Forced', still, late) ?? '', abort);
      assert.equal(next('Planned', lost(), soon), undefined);
      assert.equal(next('Forced', still, soon), undefined);
    });
  });

  it('reads the plan live until it was intended', () => {
    const kinds = (given: Case) => needsOf(id, given).map((need) => need.kind);
    assert.deepEqual(kinds({}), ['Workload', 'Plan']);
    assert.deepEqual(kinds({ steps: { [id]: { intent: anIntent() } } }), ['Workload']);
  });

  describe('is undone', () => {
    const undo = (workload: Observed['workloads'][string], more: Case = {}) =>
      inWords(judgeUndo(id, caseOf(id, workload, more)));
    const fromSource = aSpec({
      workloads: [aWorkload('api'), aWorkload('billing-worker', { quiesce: true, active: { replicasFrom: 'Source' } })],
    });
    it('to the number of the plan', () => {
      assert.equal(undo(seen(scaled(0))), 'Act Scaling: billing-worker@us-east-1 to 2');
      assert.equal(undo(seen(scaled(2))), ok);
      assert.equal(undo(seen(absent)), 'Done Vacuous');
    });
    it('to what was there before this run stopped it, whatever the plan says', () => {
      const steps = { [id]: { intent: anIntent({ found: 4 }) } };
      assert.equal(undo(seen(scaled(0)), { steps }), 'Act Scaling: billing-worker@us-east-1 to 4');
    });
    it('to what the preflight had seen', () => {
      const steps = { 'preflight/billing-worker': outcome('Succeeded', { replicas: 9 }) };
      assert.equal(undo(seen(scaled(0)), { spec: fromSource, steps }), 'Act Scaling: billing-worker@us-east-1 to 9');
    });
    it('to the last healthy count', () => {
      const facts = { sourceReplicas: { 'billing-worker': { replicas: 5, at: 0 } } };
      assert.equal(undo(seen(scaled(0)), { spec: fromSource, facts }), 'Act Scaling: billing-worker@us-east-1 to 5');
    });
    it('to one where nothing is known', () => {
      assert.equal(undo(seen(scaled(0)), { spec: fromSource }), 'Act Scaling: billing-worker@us-east-1 to 1');
    });
    it('only when the twin that was started in the target is stopped', () => {
      const twin = (state: 'Undoing' | 'Undone'): Case => ({
        steps: { 'workload/billing-worker': { intent: anIntent(), state } },
      });
      assert.equal(undo(seen(scaled(0)), twin('Undoing')), 'Wait UndoPending');
      assert.equal(undo(seen(scaled(0)), twin('Undone')), 'Act Scaling: billing-worker@us-east-1 to 2');
    });
  });
});

describe('a CronJob', () => {
  const spec = aSpec({ workloads: [aCronJob('nightly')] });
  const steps = { 'preflight/nightly': outcome('Succeeded', { replicas: 1 }) };
  const id = 'quiesce/nightly';
  const asked = { [id]: { intent: anIntent({ at: now.wall - 5_000, found: 1 }) } };
  const said = (state: ReturnType<typeof scaled>, more: Case['steps'] = {}, step = id) => {
    const key = step === id ? inEast('nightly') : inWest('nightly');
    const observed = { workloads: { [key]: seen(state) } };
    return judge(step, { spec, mode: 'Planned', observed, steps: { ...steps, ...more } });
  };

  it('is suspended, and what was there goes with the intent', () => {
    const judged = said(scaled(1, { pods: 0 }));
    assert.equal(inWords(judged), 'Act Scaling: nightly@us-east-1 to 0');
    assert.ok(judged.kind === 'Act' && judged.found === 1);
    assert.equal(messageOf(judged), 'CronJob nightly in us-east-1 is being suspended.');
  });

  it('its Jobs are seen ended before the fence', () => {
    const waiting = said(scaled(0, { pods: 2 }), asked);
    assert.equal(inWords(waiting), 'Wait Scaling');
    assert.equal(messageOf(waiting), 'CronJob nightly in us-east-1 is suspended; waiting for the end of 2 Jobs of it.');
    assert.equal(evidenceOf(waiting)[0]?.what, 'nightly@us-east-1: suspended, 2 Jobs running');
    const done = said(scaled(0), asked);
    assert.equal(inWords(done), ok);
    assert.equal(messageOf(done), 'nightly@us-east-1: suspended, 0 Jobs running; no Job left');
  });

  it('a Job of the last moment is given a second to appear', () => {
    const just = (ms: number) => ({ [id]: { intent: anIntent({ at: now.wall - ms, found: 1 }) } });
    assert.equal(inWords(said(scaled(0), just(999))), 'Wait Scaling');
    assert.equal(inWords(said(scaled(0), just(1_000))), ok);
  });

  it('that a person had suspended is left alone, and so written down', () => {
    const judged = said(scaled(0));
    assert.deepEqual([inWords(judged), evidenceOf(judged)[0]?.value], [ok, { found: 0 }]);
  });

  it('a Job that does not end holds the fence up until the deadline only', () => {
    const late = { [id]: { ...asked[id], deadline: now.wall } };
    assert.equal(inWords(said(scaled(0, { pods: 1 }), late)), 'Done Overridden');
  });

  it('is started in the target, or left as it was in the source', () => {
    const target = (replicas: number, state = scaled(0)) =>
      said(state, { 'preflight/nightly': outcome('Succeeded', { replicas }) }, 'workload/nightly');
    assert.equal(inWords(target(1)), 'Act Scaling: nightly@us-west-2 to 1');
    assert.equal(messageOf(target(1)), 'CronJob nightly in us-west-2 is being let run.');
    assert.equal(messageOf(target(1, scaled(1))), 'nightly@us-west-2: its schedule runs; started');
    assert.equal(inWords(target(0)), ok);
    assert.match(messageOf(target(0)), /left as it is, for in us-east-1 it was suspended/);
  });

  it('is let run again on an abort, unless it was suspended before', () => {
    const undo = (found: number) => {
      const observed = { workloads: { [inEast('nightly')]: seen(scaled(0)) } };
      return inWords(judgeUndo(id, { spec, observed, steps: { ...steps, [id]: { intent: anIntent({ found }) } } }));
    };
    assert.equal(undo(1), 'Act Scaling: nightly@us-east-1 to 1');
    assert.equal(undo(0), ok);
  });
});

function needsOf(id: string, given: Case) {
  const ctx = contextFor(given);
  const step = ctx.status.steps.find((one) => one.id === id) ?? assert.fail();
  return rules[step.kind].needs(step, ctx);
}

describe('stand-down', () => {
  const id = 'stand-down/api';
  const drained = now.wall - 30_000;
  const milestones = { cachesExpireBy: drained };
  const rows = [
    ['at its standby size', seen(scaled(1)), ok],
    ['at full size', seen(scaled(6)), 'Act Scaling: api@us-east-1 to 1'],
    ['absent', seen(absent), 'Done Vacuous'],
    ['dark', lost<ReturnType<typeof scaled>>(), 'Wait WorkloadUnknown'],
    ['not asked', undefined, 'Wait Observing'],
  ] as const;
  for (const [name, workload, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(at(id, workload, { status: { milestones } }), wanted);
    });
  }

  it('starts nothing beside a writer that is not fenced yet', () => {
    const owed = { 'finish-fence/orders': {} };
    const proven = { 'finish-fence/orders': outcome('Succeeded') };
    const given = (steps: NonNullable<Case['steps']>): Case => ({ status: { milestones }, steps });
    assert.equal(at(id, seen(scaled(0)), given(owed)), 'Wait Scaling');
    assert.match(
      messageOf(judge(id, caseOf(id, seen(scaled(0)), given(owed)))),
      /before the old writer there is fenced/,
    );
    assert.equal(
      at(id, seen(scaled(6)), given(owed)),
      'Act Scaling: api@us-east-1 to 1',
      'down comes before the fence',
    );
    assert.equal(at(id, seen(scaled(1)), given(owed)), ok);
    assert.equal(at(id, seen(scaled(0)), given(proven)), 'Act Scaling: api@us-east-1 to 1');
  });

  it('waits until caches have expired and the drain is over', () => {
    const given = (cachesExpireBy: number): Case => ({ status: { milestones: { cachesExpireBy } } });
    assert.equal(at(id, seen(scaled(6)), given(drained + 1)), 'Wait Draining');
    assert.equal(at(id, seen(scaled(6)), given(drained)), 'Act Scaling: api@us-east-1 to 1');
    const judged = judge(id, caseOf(id, seen(scaled(6)), given(drained + 1)));
    assert.deepEqual(evidenceOf(judged), [{ what: 'stand down from', at: now.wall + 1 }]);
  });

  it('does not wait for caches where it serves nobody and could not be stopped before the fence', () => {
    const worker = 'stand-down/billing-worker';
    const given = (state: 'Succeeded' | 'Overridden' | 'Skipped'): Case => ({
      status: { milestones: { cachesExpireBy: now.wall } },
      steps: { 'quiesce/billing-worker': outcome(state) },
    });
    assert.equal(at(worker, seen(scaled(2)), given('Succeeded')), 'Wait Draining');
    assert.equal(at(worker, seen(scaled(2)), given('Overridden')), 'Act Scaling: billing-worker@us-east-1 to 0');
    assert.equal(at(worker, seen(scaled(2)), given('Skipped')), 'Act Scaling: billing-worker@us-east-1 to 0');
  });

  it('counts from the end of the soak in a plan that moves no record', () => {
    const spec = stateless({ traffic: [] });
    const given = (readyAt: number): Case => ({ spec, status: { milestones: {} }, steps: { [id]: { readyAt } } });
    assert.equal(at(id, seen(scaled(6)), given(drained + 1)), 'Wait Draining');
    assert.equal(at(id, seen(scaled(6)), given(drained)), 'Act Scaling: api@us-east-1 to 1');
  });

  it('counts from when the traffic was seen, where no TTL is known', () => {
    const given = (trafficObserved: number): Case => ({ status: { milestones: { trafficObserved } } });
    assert.equal(at(id, seen(scaled(6)), given(drained + 1)), 'Wait Draining');
    assert.equal(at(id, seen(scaled(6)), given(drained)), 'Act Scaling: api@us-east-1 to 1');
    assert.equal(at(id, seen(scaled(6)), { status: { milestones: {} } }), 'Wait Draining', 'nothing was ever observed');
  });
});
