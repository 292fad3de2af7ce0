import assert from 'node:assert/strict';
import { known, unknown, type Fact } from '../../src/api/fact.ts';
import { createGatherer, type Gatherer } from '../../src/observe/gather.ts';
import type { Observers } from '../../src/observe/observers.ts';
import { instant } from '../../src/ports/clock.ts';
import { createClock } from '../../src/system/clock.ts';
import { aSpec, east } from '../decide/support/plans.ts';

const clock = createClock();
const unasked = <T>(): Promise<Fact<T>> => Promise.resolve(unknown('NotAsked', 'not of this test', instant(clock)));
const nobody = { observe: unasked, divergence: unasked, heading: unasked, answers: unasked, check: unasked };

/** Over a cluster of Jobs alone, each of which has its name for words. */
function ofJobs(): Gatherer {
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
  };
  const ms = { graceMs: 5_000, reuseMs: 60_000, recordReuseMs: 60_000, headingReuseMs: 60_000 };
  return createGatherer({ clock, observers, ...ms }, () => undefined);
}

describe('what is gathered', () => {
  it('of a Job is what that Job came to: a young look at the one before it does not serve', async () => {
    const gatherer = ofJobs();
    const subject = { namespace: 'payments', generation: 1, spec: aSpec(), key: 'uid', awsRegion: '', probes: {} };
    const look = (name: string) =>
      gatherer.gather(subject, [{ kind: 'Job', name, region: east }], new AbortController().signal);
    await look('checkout-7-rebuild-orders');
    const { jobs } = await look('checkout-7-rebuild-orders-1');
    assert.deepEqual(Object.keys(jobs), [`checkout-7-rebuild-orders-1@${east}`]);
    const fact = jobs[`checkout-7-rebuild-orders-1@${east}`]?.fact;
    assert.equal(fact?.known === true && fact.value.exists ? fact.value.message : '', 'checkout-7-rebuild-orders-1');
  });
});
