import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import type { TrafficHeading } from '../../../src/drivers/traffic/driver.ts';
import { ago, everyWhy, listed, lost, now, seen } from '../support/facts.ts';
import { atRest, condition, decide, message, type PlanCase } from '../support/plan-facts.ts';
import { aRecord, east, west } from '../support/plans.ts';

const settledAt = now.wall - 60_000;
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'Active',
  message: 'Active in us-east-1.',
  lastTransitionAt: settledAt,
  observedGeneration: 3,
} as const;
const status = atRest({ conditions: [ready] });

type Headings = Observed['headings'];
const leads = (points: TrafficHeading['points'], at = ago(10_000), generation = 3, liveTtl = 30): Headings => ({
  public: seen({ points, liveTtl }, at, {}, generation),
});
const to = (region: string, at = ago(10_000), generation = 3): Headings =>
  leads({ kind: 'Region', region }, at, generation);
const rest = (headings: Headings, more: Partial<PlanCase> = {}) =>
  decide({ status, ...more, observed: { records: {}, headings } });

describe('where the records of a plan at rest lead', () => {
  it('is asked for at rest, from when the plan became what it is', () => {
    const { needs } = decide({ status });
    assert.deepEqual(
      needs.filter(({ kind }) => kind === 'Heading'),
      [{ kind: 'Heading', name: 'public', since: settledAt }],
    );
    const lastRun = { name: 'checkout-6', epoch: 6, from: west, to: east, phase: 'Succeeded' } as const;
    const after = decide({
      status: atRest({ conditions: [ready], lastRun: { ...lastRun, finishedAt: now.wall - 5 } }),
    });
    assert.deepEqual(
      after.needs.flatMap((need) => (need.kind === 'Heading' ? [need.since] : [])),
      [now.wall - 5],
    );
  });

  it('is no look from before the plan was last said to be otherwise, also where a newer one is waited for', () => {
    const settled = { status: 'False', reason: 'OutOfBandChange', message: 'x', lastTransitionAt: settledAt } as const;
    const longTtl = { ...ready, type: 'LongTTL', reason: 'LiveTTLAbovePlan', lastTransitionAt: settledAt - 1 } as const;
    const conditions = [{ ...ready, ...settled }, longTtl];
    const observed = { records: {}, headings: leads({ kind: 'Region', region: east }, ago(120_000), 3, 300) };
    const first = decide({ status: atRest({ conditions }), observed });
    assert.equal(condition(first, 'Ready'), 'False Observing');
    assert.equal(condition(decide({ status: first.status, observed }), 'Ready'), 'False Observing');
  });

  it('is not asked for while a run is under way, nor beside a closer look', () => {
    const running = decide({ status: atRest({ currentRun: { name: 'checkout-7', epoch: 7 } }) });
    const moving = decide({ status, spec: { activeRegion: west } });
    for (const { needs } of [running, moving]) assert.ok(!needs.some(({ kind }) => kind === 'Heading'));
  });

  it('is where it should be: ready', () => {
    assert.equal(condition(rest(to(east)), 'Ready'), 'True Active');
  });

  const elsewhere: Readonly<Record<string, readonly [TrafficHeading['points'], string]>> = {
    'to the other region': [{ kind: 'Region', region: west }, 'leads to us-west-2'],
    'to neither': [
      { kind: 'Drifted', detail: 'CNAME a.example is neither’s' },
      'leads to neither region (CNAME a.example is neither’s)',
    ],
    nowhere: [{ kind: 'Absent' }, 'does not exist'],
  };
  for (const [name, [points, words]] of Object.entries(elsewhere)) {
    it(`${name}: said, and looked at closely from then on`, () => {
      const decision = rest(leads(points));
      assert.equal(condition(decision, 'Ready'), 'False TrafficElsewhere');
      assert.equal(
        message(decision, 'Ready'),
        `Record public.example.com ${words}, and the plan is active in us-east-1. No run moves it: ${points.kind === 'Absent' ? 'create it for' : 'point it to'} us-east-1 by hand.`,
      );
      assert.deepEqual([decision.status.activeRegion, decision.create], [east, undefined]);
      const next = decide({ status: decision.status, observed: { records: {} } });
      assert.ok(next.needs.some(({ kind }) => kind === 'Record'));
    });
  }

  it('proves nothing from before the plan became what it is, of another generation, or unknown', () => {
    const before = { ...now, wall: settledAt - 1, monotonic: now.monotonic - 60_001 };
    const headings: readonly Headings[] = [
      {},
      to(west, before),
      to(west, now, 2),
      ...everyWhy.map((why): Headings => ({ public: lost<TrafficHeading>(why) })),
    ];
    for (const given of headings) assert.equal(condition(rest(given), 'Ready'), 'True Active');
  });

  it('is not taken back by a closer look from before it was said', () => {
    const told = rest(to(west)).status;
    const spoken = told.conditions.find(({ type }) => type === 'Ready')?.lastTransitionAt ?? 0;
    const record = listed(east);
    const looked = (wall: number) =>
      decide({ status: told, observed: { records: { public: seen(record, { ...now, wall }) } } });
    assert.equal(condition(looked(spoken - 1), 'Ready'), 'False TrafficElsewhere');
    assert.equal(condition(looked(spoken), 'Ready'), 'True Active');
  });

  it('is told by the look that was waited for, though it began before that was said', () => {
    const waiting = decide({ status: atRest({ observedGeneration: 0 }), observed: { records: {} } });
    assert.equal(condition(waiting, 'Ready'), 'False Observing');
    const { status } = waiting;
    const began = { ...now, wall: now.wall - 300 };
    const looked = decide({ status, observed: { records: { public: seen(listed(east), began) } } });
    assert.equal(condition(looked, 'Ready'), 'True Active');
  });

  it('is unavailable as soon as one record was looked at in vain, though others wait for their turn', () => {
    const traffic = [aRecord(), aRecord('admin', { recordName: 'admin.example.com' })];
    const records = { admin: lost<ReturnType<typeof listed>>('Timeout') };
    const decision = decide({ status: atRest({ observedGeneration: 0 }), spec: { traffic }, observed: { records } });
    assert.equal(condition(decision, 'Ready'), 'False TrafficUnavailable');
    assert.match(message(decision, 'Ready'), /^Where record admin.example.com leads cannot be seen yet/);
  });

  it('is heard after a wall clock was set back', () => {
    const later = { ...ready, lastTransitionAt: now.wall + 3_600_000 };
    assert.equal(
      condition(rest(to(west), { status: atRest({ conditions: [later] }) }), 'Ready'),
      'False TrafficElsewhere',
    );
  });

  it('warns of a TTL that was raised at rest', () => {
    const decision = rest(leads({ kind: 'Region', region: east }, now, 3, 300));
    assert.equal(condition(decision, 'LongTTL'), 'True LiveTTLAbovePlan');
  });
});
