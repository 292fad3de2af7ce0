import assert from 'node:assert/strict';
import { known, unknown, type Fact } from '../../src/api/fact.ts';
import type { Need } from '../../src/decide/facts.ts';
import { createGatherer, type Gatherer } from '../../src/observe/gather.ts';
import type { Observers } from '../../src/observe/observers.ts';
import { instant } from '../../src/ports/clock.ts';
import { createClock } from '../../src/system/clock.ts';
import { aSpec, east } from '../decide/support/plans.ts';

const clock = createClock();
const unasked = <T>(): Promise<Fact<T>> => Promise.resolve(unknown('NotAsked', 'not of this test', instant(clock)));
const nobody = { observe: unasked, divergence: unasked, heading: unasked, answers: unasked, check: unasked };

const subject = { namespace: 'payments', generation: 1, spec: aSpec(), key: 'uid', awsRegion: '', probes: {} };

/** Over a cluster of Jobs alone, each of which has its name for words; and what else is given. */
function gathererOf(more: Partial<Observers> = {}, reuseMs = 60_000): Gatherer {
  const observers: Observers = {
    databases: { postgresql: nobody },
    traffic: { route53: nobody },
    workloads: { Deployment: nobody, StatefulSet: nobody, CronJob: nobody },
    autoscalers: nobody,
    checks: nobody,
    regions: nobody,
    jobs: {
      observe: ({ name }) =>
        Promise.resolve(known({ exists: true, state: 'Failed', message: name } as const, instant(clock))),
    },
    ...more,
  };
  const ms = { graceMs: 5_000, reuseMs, recordReuseMs: 60_000, headingReuseMs: 60_000 };
  return createGatherer({ clock, observers, ...ms }, () => undefined);
}

describe('what is gathered', () => {
  it('of a Job is what that Job came to: a young look at the one before it does not serve', async () => {
    const gatherer = gathererOf();
    const look = (name: string) =>
      gatherer.gather(subject, [{ kind: 'Job', name, region: east }], new AbortController().signal);
    await look('checkout-7-rebuild-orders');
    const { jobs } = await look('checkout-7-rebuild-orders-1');
    assert.deepEqual(Object.keys(jobs), [`checkout-7-rebuild-orders-1@${east}`]);
    const fact = jobs[`checkout-7-rebuild-orders-1@${east}`]?.fact;
    assert.equal(fact?.known === true && fact.value.exists ? fact.value.message : '', 'checkout-7-rebuild-orders-1');
  });

  it('once is what was seen last, of any age; and is looked at where nobody has', async () => {
    const looked: string[] = [];
    const lookAt = (what: string) => () => {
      looked.push(what);
      return unasked<never>();
    };
    const databases = { postgresql: { ...nobody, observe: lookAt('database') } };
    const traffic = { route53: { ...nobody, answers: lookAt('answers') } };
    const gatherer = gathererOf({ databases, traffic }, 0);
    const once: readonly Need[] = [
      { kind: 'Database', name: 'orders', region: east, once: true },
      { kind: 'Answers', name: 'public', once: true },
    ];
    const seen = async (needs: readonly Need[]) => {
      const { databases: of, answers } = await gatherer.gather(subject, needs, new AbortController().signal);
      return [...Object.keys(of), ...Object.keys(answers)];
    };
    const both = [`orders@${east}`, 'public'];
    assert.deepEqual(await seen(once), both);
    assert.deepEqual(await seen(once), both, 'told, though not looked at again');
    assert.deepEqual(looked, ['database', 'answers']);
    await seen([{ kind: 'Database', name: 'orders', region: east }, ...once]);
    assert.deepEqual(looked, ['database', 'answers', 'database'], 'another need of it looks');
  });
});
