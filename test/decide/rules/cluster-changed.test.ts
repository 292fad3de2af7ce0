import assert from 'node:assert/strict';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { clusterChanged } from '../../../src/decide/rules/cluster-changed.ts';
import { inEast, inWest, aPrimary, aStandby, lost, scaled, seen } from '../support/facts.ts';
import { aSpec, east, west } from '../support/plans.ts';
import { anIntent, ask, factsOf, graphOf, outcome, type Case } from '../support/runs.ts';

const clusterUids = { [east]: 'cluster-uid', [west]: 'west-uid' };
const same = { [east]: seen({ clusterUid: 'cluster-uid' }), [west]: seen({ clusterUid: 'west-uid' }) };

describe('gate cluster changed', () => {
  const answering = (region: string, clusterUid: string): Case => ({
    status: { clusterUids },
    observed: { regions: { [region]: seen({ clusterUid }) } },
  });
  const rows: readonly (readonly [string, Case, boolean])[] = [
    ['the cluster of before', answering(east, 'cluster-uid'), true],
    ['another cluster', answering(east, 'other-uid'), false],
    ['another cluster in the other region', answering(west, 'other-uid'), true],
    ['nothing pinned', { ...answering(east, 'other-uid'), status: {} }, true],
    ['nothing asked', { status: { clusterUids } }, true],
    ['no answer', { status: { clusterUids }, observed: { regions: { [east]: lost() } } }, true],
  ];
  for (const [name, given, open] of rows) {
    it(`with ${name} is ${open ? 'open' : 'closed'} to a fence`, () => {
      assert.equal(ask(clusterChanged, 'fence/orders', given)?.reason, open ? undefined : 'ClusterChanged');
    });
  }
  it('lets nothing through an API server before that look has ended, and through a silent one what may go there', () => {
    const given = (observed: Case['observed']): Case => ({ status: { clusterUids }, ...(observed && { observed }) });
    for (const id of ['quiesce/billing-worker', 'stand-down/api', 'rebuild/orders']) {
      assert.equal(ask(clusterChanged, id, given({}))?.reason, 'Observing', id);
      assert.equal(ask(clusterChanged, id, given({ regions: { [east]: lost() } })), undefined, id);
      assert.equal(ask(clusterChanged, id, given({ regions: same })), undefined, id);
    }
  });
  it('says the way out that the phase of the run allows, as a command', () => {
    const way = (id: string, region: string, more: Case = {}): string => {
      const given = answering(region, 'other-uid');
      const held = ask(clusterChanged, id, { ...given, ...more, status: { ...given.status, ...more.status } });
      return `${held?.message.split('done there: ')[1] ?? ''} ${/"spec":(.*)\}'$/.exec(held?.next ?? '')?.[1] ?? ''}`;
    };
    const promoted = { steps: { 'promote/orders': { intent: anIntent() } } };
    const abort = { reason: 'Requested', message: 'A person asked for it.', at: 0 };
    assert.match(way('fence/orders', east), /^abort it and fail over anew.*\{"desiredState":"Aborted"\}$/);
    assert.match(way('stand-down/api', east, promoted), /^skip this step.*"skips":\[\{"step":"stand-down\/api"/);
    assert.match(way('finish-fence/orders', east, promoted), /^abandon it.*\{"abandon":/);
    assert.match(way('workload/api', west, promoted), /^abandon it.*\{"abandon":/);
    assert.match(way('quiesce/billing-worker', east, { status: { abort } }), /^abandon it.*\{"abandon":/);
  });
  it('holds every effect in a region', () => {
    assert.equal(clusterChanged.before, 'Effect');
    const steps = graphOf(aSpec(), 'Planned').map((step) => ({ ...step, state: 'Pending' as const, since: 0 }));
    const others = steps.filter((step) => !clusterChanged.applies(step)).map(({ id }) => id);
    assert.deepEqual(others, ['assess', 'approve', 'report']);
  });
});

describe('a run whose cluster was exchanged behind the region`s name', () => {
  const begun = Object.fromEntries(
    [
      ...['assess', 'positions', 'preflight/orders', 'preflight/public', 'approve', 'dependency/idp'],
      ...['preflight/api', 'preflight/billing-worker'],
    ].map((id) => [id, id.startsWith('preflight/') ? outcome('Succeeded', { replicas: 3 }) : outcome('Succeeded')]),
  );
  const given = (regions: NonNullable<Case['observed']>['regions']): Case => ({
    mode: 'Forced',
    steps: begun,
    status: { clusterUids },
    observed: {
      workloads: { [inWest('api')]: seen(scaled(1)), [inEast('billing-worker')]: seen(scaled(2)) },
      databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) },
      ...(regions === undefined ? {} : { regions }),
    },
  });
  const decided = (regions: NonNullable<Case['observed']>['regions']) => {
    const { effects, status } = decideRun(factsOf(given(regions)));
    const step = (id: string) => status.steps.find((one) => one.id === id)?.waitsFor?.reason;
    return [effects.map(({ stepId }) => stepId).sort(), step('pre-scale/api'), step('quiesce/billing-worker')];
  };

  it('asks for it, wherever it is about to change something', () => {
    const { needs } = decideRun(factsOf({ ...given({}), observed: {} }));
    const asked = needs.filter(({ kind }) => kind === 'Cluster').map((need) => ('region' in need ? need.region : ''));
    assert.deepEqual([...new Set(asked)].sort(), [east, west]);
    assert.deepEqual(
      needs.filter(({ kind }) => kind === 'Region'),
      [],
      'its probes are not asked with every pass',
    );
  });
  it('sends nothing there, and goes on where it is as before', () => {
    assert.deepEqual(decided(same), [['pre-scale/api', 'quiesce/billing-worker'], 'Scaling', 'Scaling']);
    const other = { ...same, [east]: seen({ clusterUid: 'other-uid' }) };
    assert.deepEqual(decided(other), [['pre-scale/api'], 'Scaling', 'ClusterChanged']);
    assert.deepEqual(decided({ [west]: seen({ clusterUid: 'other-uid' }), [east]: lost() }), [
      ['quiesce/billing-worker'],
      'ClusterChanged',
      'Scaling',
    ]);
  });
});
