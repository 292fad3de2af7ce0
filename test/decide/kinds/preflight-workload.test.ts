import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import { personReasons } from '../../../src/decide/person-reasons.ts';
import type { Autoscaler } from '../../../src/drivers/workloads/driver.ts';
import { absent, ago, everyWhy, inEast, inWest, lost, scaled, seen } from '../support/facts.ts';
import { aCronJob, aSpec, aWorkload, west } from '../support/plans.ts';
import { anIntent, evidenceOf, inWords, judge, messageOf, outcome, type Case } from '../support/runs.ts';

const ok = 'Done Succeeded';
const notReady = 'Wait TargetNotReady';

interface Given extends Case {
  readonly autoscalers?: readonly Autoscaler[];
}

describe('preflight of a workload', () => {
  const said = (id: string, workloads: Observed['workloads'], more: Given = {}) =>
    judge(id, { observed: { workloads, autoscalers: { [west]: seen(more.autoscalers ?? []) } }, ...more });
  const there = { [inWest('api')]: seen(scaled(1)) };
  const source = (state: ReturnType<typeof scaled>) => ({ ...there, [inEast('api')]: seen(state) });

  const last = { facts: { sourceReplicas: { api: { replicas: 4, at: ago(1).wall } } } };
  const rows: readonly (readonly [string, Observed['workloads'], Case, number | undefined, RegExp])[] = [
    ['the source whole', source(scaled(5)), {}, 5, /5 replicas wanted, from us-east-1, live/],
    ['the source whole, over an older count', source(scaled(5)), last, 5, /us-east-1, live/],
    ['the source not whole', source(scaled(5, { ready: 4 })), last, 4, /us-east-1, last seen healthy/],
    ['the source scaled to zero', source(scaled(0)), last, 4, /last seen healthy/],
    ['the source without it', { ...there, [inEast('api')]: seen(absent) }, last, 4, /last seen healthy/],
    ['the source dark', { ...there, [inEast('api')]: lost() }, last, 4, /last seen healthy/],
    [
      'the source dark and no count',
      { ...there, [inEast('api')]: lost() },
      {},
      undefined,
      /no healthy count of it was ever/,
    ],
    [
      'the target without it',
      { [inWest('api')]: seen(absent) },
      last,
      undefined,
      /Deployment api does not exist in us-west/,
    ],
    ['the target not asked', {}, last, undefined, /cannot be seen/],
  ];
  for (const [name, workloads, more, replicas, words] of rows) {
    it(`with ${name}: ${replicas === undefined ? 'not ready' : `${String(replicas)} replicas`}`, () => {
      const judged = said('preflight/api', workloads, more);
      assert.equal(
        inWords(judged),
        replicas === undefined ? (words.source.includes('healthy count') ? 'Wait ReplicasUnknown' : notReady) : ok,
      );
      assert.match(messageOf(judged), words);
      assert.equal(evidenceOf(judged)[0]?.value?.replicas, replicas);
    });
  }

  it('without a count is a person`s to end: it says what to type', () => {
    const judged = said('preflight/api', { ...there, [inEast('api')]: lost() });
    assert.ok(judged.kind === 'Wait' && personReasons.includes(judged.hold.reason));
    const command = `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"desiredState":"Aborted"}}'`;
    assert.equal(judged.hold.next, command);
    assert.match(judged.hold.message, /abort, set active.replicas in the plan, and start again/);
    assert.equal(inWords(said('preflight/api', { ...there, [inEast('api')]: seen(scaled(5)) })), ok, 'it came back');
  });

  it('is not without a count before the source was asked', () => {
    assert.equal(inWords(said('preflight/api', there)), 'Wait Observing');
  });

  it('takes the number of the plan where it gives one', () => {
    const judged = said('preflight/billing-worker', { [inWest('billing-worker')]: seen(scaled(0)) });
    assert.match(messageOf(judged), /2 replicas wanted, from the plan/);
  });

  for (const why of everyWhy) {
    it(`waits while the target is unknown for ${why}`, () => {
      assert.equal(inWords(said('preflight/api', { [inWest('api')]: lost(why) })), notReady);
    });
  }
});

describe('preflight of a workload that is scaled by others too', () => {
  const hpa = (minReplicas: number, maxReplicas: number, name = 'api'): Autoscaler => ({
    name: `${name}-hpa`,
    target: { kind: 'Deployment', name },
    minReplicas,
    maxReplicas,
  });
  const spec = aSpec({ workloads: [aWorkload('api', { active: { replicas: 6 } })] });
  const said = (autoscalers: Observed['autoscalers']) => {
    const judged = judge('preflight/api', {
      spec,
      observed: { workloads: { [inWest('api')]: seen(scaled(1)) }, autoscalers },
    });
    return [inWords(judged), evidenceOf(judged)[0]?.value, evidenceOf(judged)[1]?.what] as const;
  };
  const among = (...autoscalers: Autoscaler[]) => said({ [west]: seen(autoscalers) });

  it('is warned of, and leaves the autoscaler the last word', () => {
    const [words, value, warning] = among(hpa(9, 9, 'other'), hpa(2, 9));
    assert.deepEqual([words, value], [ok, { replicas: 6, floor: 2 }]);
    assert.match(warning ?? '', /^HorizontalPodAutoscaler api-hpa in us-west-2 keeps it at 2 to 9 replicas: .* to 6;/);
    assert.deepEqual(among(hpa(1, 4))[1], { replicas: 6, floor: 1 });
    assert.deepEqual(among(hpa(0, 4))[1], { replicas: 6, floor: 1 }, 'no replica serves nobody');
  });

  it('is not warned of where it takes nothing back, or is another`s', () => {
    assert.deepEqual(among(hpa(6, 9)), [ok, { replicas: 6 }, undefined]);
    assert.deepEqual(among(hpa(1, 9, 'other')), [ok, { replicas: 6 }, undefined]);
    const set = { ...hpa(1, 9), target: { kind: 'StatefulSet', name: 'api' } };
    assert.deepEqual(among(set), [ok, { replicas: 6 }, undefined]);
  });

  for (const why of everyWhy) {
    it(`cannot be told for ${why}: ${why === 'NotAsked' ? 'waits' : 'goes on, and says so'}`, () => {
      const [words, value, warning] = said({ [west]: lost(why) });
      if (why === 'NotAsked') {
        assert.equal(words, 'Wait Observing');
        return;
      }
      assert.deepEqual([words, value], [ok, { replicas: 6 }]);
      assert.match(warning ?? '', new RegExp(`^autoscalers in us-west-2 not seen: ${why}`));
    });
  }
});

describe('preflight of a CronJob', () => {
  const spec = aSpec({ workloads: [aCronJob('nightly')] });
  const there = { [inWest('nightly')]: seen(scaled(0)) };
  const said = (source: Observed['workloads'][string] | undefined, more: Case = {}) =>
    judge('preflight/nightly', {
      spec,
      observed: { workloads: source === undefined ? there : { ...there, [inEast('nightly')]: source } },
      ...more,
    });
  const last = (replicas: number): Case => ({ facts: { sourceReplicas: { nightly: { replicas, at: ago(1).wall } } } });
  const rows: readonly (readonly [string, Observed['workloads'][string], Case, number, RegExp])[] = [
    ['runs in the source', seen(scaled(1)), {}, 1, /^nightly found; running as in us-east-1, live$/],
    ['a person had suspended it', seen(scaled(0)), last(1), 0, /suspended as in us-east-1, live/],
    ['the source dark, last seen running', lost(), last(1), 1, /running as in us-east-1, last seen/],
    ['the source dark, last seen suspended', lost(), last(0), 0, /suspended as in us-east-1, last seen/],
    ['the source without it', seen(absent), last(0), 0, /last seen/],
    ['never seen', lost(), {}, 1, /running as in the plan, for nobody has seen whether it is suspended in us-east-1/],
  ];
  for (const [name, source, more, replicas, words] of rows) {
    it(`that ${name}: ${replicas === 0 ? 'stays suspended' : 'is to run'}`, () => {
      const judged = said(source, more);
      assert.equal(inWords(judged), ok);
      assert.match(messageOf(judged), words);
      assert.equal(evidenceOf(judged)[0]?.value?.replicas, replicas);
    });
  }

  it('waits until the source was asked: what is not known yet is not guessed', () => {
    assert.equal(inWords(said(undefined, last(1))), 'Wait Observing');
  });

  it('as this run stopped it counts more than what was seen before', () => {
    const latched = { 'preflight/nightly': outcome('Succeeded', { replicas: 1 }) };
    const target = { workloads: { [inWest('nightly')]: seen(scaled(0)) } };
    const start = (quiesce: Partial<Case['steps']> & object) =>
      inWords(judge('workload/nightly', { spec, observed: target, steps: { ...latched, ...quiesce } }));
    assert.equal(start({}), 'Act Scaling: nightly@us-west-2 to 1');
    assert.equal(
      start({ 'quiesce/nightly': { intent: anIntent({ found: 1 }), ...outcome('Succeeded') } }),
      'Act Scaling: nightly@us-west-2 to 1',
    );
    assert.equal(start({ 'quiesce/nightly': outcome('Succeeded', { found: 0 }) }), ok, 'suspended since the preflight');
  });
});
