import { unknown } from '../../src/api/fact.ts';
import { identityHash } from '../../src/api/identity.ts';
import type { Observed, Seen } from '../../src/decide/facts.ts';
import type { DatabaseState } from '../../src/drivers/databases/driver.ts';
import {
  ago,
  answer,
  answers,
  aPrimary,
  aStandby,
  inEast,
  inWest,
  listed,
  lost,
  now,
  scaled,
  seen,
} from '../decide/support/facts.ts';
import { aDatabase, aSpec, east, stateless } from '../decide/support/plans.ts';
import { aSample, anIntent, outcome, type Case } from '../decide/support/runs.ts';
export interface Printed {
  readonly reason: string;
  /** Where a reason has more than one command. */
  readonly when?: string;
  /** The step that prints it. */
  readonly step: string;
  readonly given: Case;
  /** What is seen afterwards, where the words lead to another thing to look at. */
  readonly then?: Partial<Observed>;
}

export const begun = Object.fromEntries(
  ['assess', 'positions'].map((id) => [id, outcome('Succeeded', { mode: 'Forced', replicas: 6 })]),
);
/** Of a plan without databases. */
const looked = {
  ...begun,
  ...Object.fromEntries(
    ['approve', 'preflight/api', 'preflight/billing-worker', 'preflight/public'].map((id) => [
      id,
      outcome('Succeeded', { replicas: 6 }),
    ]),
  ),
};
export const approved = {
  ...begun,
  ...Object.fromEntries(
    [
      'approve',
      'preflight/orders',
      'preflight/api',
      'preflight/billing-worker',
      'preflight/public',
      'quiesce/billing-worker',
    ].map((id) => [id, outcome('Succeeded', { replicas: 6 })]),
  ),
};
export const fenced = { ...approved, 'fence/orders': outcome('Succeeded', { lsn: '0/5000' }) };
/** A pooler, as it may be, before a server that is gone. */
const refusing: Seen<DatabaseState> = {
  fact: { ...unknown('Throttled', '53300 at connect: no more connections allowed', ago(60_000)), answered: true },
  streaks: {},
};
export const dark = {
  databases: { [inEast('orders')]: lost<ReturnType<typeof aPrimary>>(), [inWest('orders')]: seen(aStandby()) },
};
export const west = { databases: { [inWest('orders')]: seen(aStandby()) } };
export const moved = {
  'promote/orders': outcome('Succeeded', { timeline: 2, systemIdentifier: '1', switchpoint: '0/5' }),
};
const returned = { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aPrimary()) } };
const throughSoak = {
  ...fenced,
  ...moved,
  'finish-fence/orders': outcome('Vacuous'),
  'open/orders': outcome('Succeeded'),
  'compare/orders': outcome('Succeeded'),
  'checkpoint/orders': outcome('Succeeded'),
  soak: outcome('Succeeded'),
};
export const late = { readyAt: ago(400_000).wall, deadline: ago(1_000).wall };
const clusterUids = { [east]: 'cluster-uid' };
const exchanged = { [east]: seen({ clusterUid: 'other-uid' }) };
/** All but what is checked in the target. */
export const opened = {
  ...fenced,
  'promote/orders': { ...moved['promote/orders'], intent: anIntent() },
  'open/orders': outcome('Succeeded'),
  'probe/orders': outcome('Succeeded'),
  'checkpoint/orders': outcome('Succeeded'),
  'pre-scale/api': outcome('Succeeded'),
  'workload/api': outcome('Succeeded'),
  'workload/billing-worker': outcome('Succeeded'),
  'dependency/idp': outcome('Succeeded'),
};
const rebuilds = aSpec({ databases: [aDatabase('orders', { rebuild: { jobTemplate: {} } })] });
const byHand = aSpec({ databases: aSpec().databases.map(({ rebuild: _none, ...database }) => database) });
const both = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
const partly = {
  ...fenced,
  'preflight/ledger': outcome('Succeeded'),
  'fence/ledger': outcome('Succeeded', { lsn: '0/5000' }),
  ...moved,
  'promote/ledger': { readyAt: ago(400_000).wall, deadline: ago(1_000).wall, intent: anIntent({ attempt: 3 }) },
};
const ownedByAnother = { kind: 'Foreign', identityHash: identityHash('billing/checkout'), epoch: 9 } as const;
const undecided = {
  databases: {
    [inEast('orders')]: seen(aPrimary()),
    [inWest('orders')]: seen(aStandby({ receiver: { streaming: false } })),
  },
};

export const printed: readonly Printed[] = [
  {
    reason: 'ModeUndecided',
    step: 'assess',
    given: { steps: { assess: { readyAt: ago(15_000).wall } }, observed: undecided },
  },
  { reason: 'ApprovalRequired', step: 'approve', given: { steps: begun } },
  { reason: 'Cooldown', step: 'approve', given: { steps: begun, facts: { lastFailoverAt: ago(60_000).wall } } },
  { reason: 'OperatorColocated', step: 'approve', given: { steps: begun, facts: { operatorRegion: east } } },
  {
    reason: 'Halted',
    step: 'approve',
    given: {
      steps: begun,
      facts: { halt: { by: 'bob', reason: 'game day', uid: 'halt-uid', since: ago(60_000).wall } },
    },
  },
  { reason: 'FenceNotProven', step: 'fence/orders', given: { steps: approved, observed: dark } },
  {
    reason: 'FenceNotProven',
    when: 'where something answers in place of the writer',
    step: 'fence/orders',
    given: { steps: approved, observed: { databases: { ...dark.databases, [inEast('orders')]: refusing } } },
  },
  {
    reason: 'FenceNotProven',
    when: 'without databases',
    step: 'quiesce/billing-worker',
    given: { spec: stateless(), steps: looked, observed: { workloads: { [inEast('billing-worker')]: lost() } } },
  },
  {
    reason: 'FenceNotProven',
    when: 'without databases, planned, and late',
    step: 'quiesce/billing-worker',
    given: {
      spec: stateless(),
      mode: 'Planned',
      steps: { ...looked, 'quiesce/billing-worker': { readyAt: ago(400_000).wall, deadline: ago(1_000).wall } },
      observed: { workloads: { [inEast('billing-worker')]: lost() } },
    },
  },
  {
    reason: 'FenceNotProven',
    when: 'planned, and late',
    step: 'fence/orders',
    given: {
      mode: 'Planned',
      steps: { ...approved, 'fence/orders': { readyAt: ago(400_000).wall, deadline: ago(1_000).wall } },
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) } },
    },
  },
  {
    reason: 'FenceObstructed',
    step: 'preflight/orders',
    given: {
      steps: begun,
      observed: {
        databases: {
          [inEast('orders')]: seen(aPrimary({ fenceObstacles: [{ kind: 'UnlistedWriter', name: 'batch' }] })),
          [inWest('orders')]: seen(aStandby()),
        },
      },
    },
  },
  {
    reason: 'ReplicasUnknown',
    step: 'preflight/api',
    given: {
      steps: begun,
      observed: {
        workloads: { [inWest('api')]: seen(scaled(1)), [inEast('api')]: lost() },
        autoscalers: { 'us-west-2': seen([]) },
      },
    },
  },
  {
    reason: 'MovedByHand',
    step: 'position/orders',
    given: {
      mode: 'Planned',
      steps: { ...fenced, 'fence/orders': { ...fenced['fence/orders'], intent: anIntent() } },
      observed: { databases: { [inWest('orders')]: seen(aPrimary({ timeline: 2, switchpoint: '0/4000' })) } },
    },
  },
  {
    reason: 'EpochUnproven',
    step: 'promote/orders',
    given: {
      steps: { ...fenced, 'preflight/public': outcome('Overridden') },
      observed: { ...west, records: { public: lost() }, answers: { public: seen(answers([answer(east)], true)) } },
      status: { samples: [aSample('orders', -1_000, '0/5000')] },
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    },
  },
  { reason: 'DataLossUnaccepted', step: 'promote/orders', given: { steps: fenced, observed: dark } },
  {
    reason: 'Paused',
    step: 'promote/orders',
    given: {
      steps: fenced,
      observed: west,
      run: { desiredState: 'Paused', acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    },
  },
  {
    reason: 'NothingFenced',
    step: 'fence/orders',
    given: {
      steps: approved,
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) } },
      run: { abandon: { by: 'ana', reason: 'x' } },
    },
  },
  {
    reason: 'PartiallyPromoted',
    step: 'promote/ledger',
    given: {
      spec: both,
      steps: partly,
      observed: { databases: { [inWest('orders')]: seen(aPrimary()), [inWest('ledger')]: seen(aStandby()) } },
    },
  },
  {
    reason: 'PartiallyPromoted',
    when: 'planned: nothing is lost, and the acceptance is asked for all the same',
    step: 'promote/ledger',
    given: {
      mode: 'Planned',
      spec: both,
      steps: { ...partly, 'position/orders': outcome('Succeeded'), 'position/ledger': outcome('Succeeded') },
      observed: { databases: { [inWest('orders')]: seen(aPrimary()), [inWest('ledger')]: seen(aStandby()) } },
    },
  },
  {
    reason: 'PartiallyPromoted',
    when: 'with an acceptance on record',
    step: 'promote/ledger',
    given: {
      spec: both,
      steps: partly,
      observed: { databases: { [inWest('orders')]: seen(aPrimary()), [inWest('ledger')]: seen(aStandby()) } },
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'the ledger can be rebuilt' } },
    },
  },
  {
    reason: 'TargetNotReady',
    when: 'nothing promoted, and late',
    step: 'preflight/orders',
    given: { steps: { ...begun, 'preflight/orders': late }, observed: { databases: { [inWest('orders')]: lost() } } },
  },
  {
    reason: 'DependencyRed',
    when: 'late',
    step: 'dependency/idp',
    given: {
      steps: { ...begun, 'dependency/idp': late },
      observed: { checks: { 'dependency/idp': seen({ ok: false, detail: '503' }) } },
    },
  },
  {
    reason: 'SmokeRed',
    when: 'late',
    step: 'smoke/place-order',
    given: {
      steps: { ...opened, 'smoke/place-order': late },
      observed: { checks: { 'smoke/place-order@us-west-2': seen({ ok: false, detail: '503' }) } },
    },
  },
  {
    reason: 'ClusterChanged',
    when: 'nothing promoted',
    step: 'fence/orders',
    given: { steps: approved, status: { clusterUids }, observed: { ...returned, regions: exchanged } },
  },
  {
    reason: 'ClusterChanged',
    when: 'promoted, in the old source',
    step: 'stand-down/api',
    given: {
      steps: { ...opened, 'observed/public': outcome('Succeeded'), 'stand-down/api': { readyAt: ago(400_000).wall } },
      status: { clusterUids },
      observed: { regions: exchanged, workloads: { [inEast('api')]: seen(scaled(6)) } },
    },
  },
  { reason: 'RebuildByHand', step: 'rebuild/orders', given: { spec: byHand, steps: throughSoak, observed: returned } },
  {
    reason: 'RebuildFailed',
    step: 'rebuild/orders',
    given: {
      spec: rebuilds,
      steps: throughSoak,
      observed: {
        ...returned,
        jobs: {
          [inEast('checkout-7-rebuild-orders')]: seen({ exists: true, state: 'Failed', message: 'disk full' } as const),
        },
      },
    },
    then: {
      jobs: {
        [inEast('checkout-7-rebuild-orders')]: seen({ exists: true, state: 'Failed', message: 'disk full' } as const),
        [inEast('checkout-7-rebuild-orders-1')]: seen({ exists: false } as const),
      },
    },
  },
  {
    reason: 'PreservationUnproven',
    step: 'rebuild/orders',
    given: {
      spec: rebuilds,
      steps: {
        ...throughSoak,
        'compare/orders': outcome('Succeeded', { lostCommits: 3, postReturnCommits: 0 }),
        'rebuild/orders': { intent: anIntent() },
      },
      observed: {
        databases: {
          [inEast('orders')]: seen(aStandby({ timeline: 2, systemIdentifier: '1' })),
          [inWest('orders')]: seen(aPrimary()),
        },
        jobs: {
          [inEast('checkout-7-rebuild-orders')]: seen({
            exists: true,
            state: 'Succeeded',
            message: 'rebuilt',
          } as const),
        },
      },
    },
  },
  {
    reason: 'ForeignOwner',
    step: 'preflight/public',
    given: {
      steps: begun,
      observed: {
        records: { public: seen(listed(east, ownedByAnother)) },
      },
    },
  },
  {
    reason: 'EvidenceStale',
    when: 'nothing promoted, and late',
    step: 'promote/orders',
    given: {
      steps: { ...fenced, 'promote/orders': late },
      observed: { databases: { ...dark.databases, [inWest('orders')]: seen(aStandby(), ago(10_001)) } },
      status: { samples: [aSample('orders', -1_000, '0/5000')] },
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'x' } },
    },
  },
  {
    reason: 'PlanUnread',
    when: 'late',
    step: 'fence/orders',
    given: {
      steps: { ...approved, 'fence/orders': late },
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) } },
      facts: { plan: unknown('Malformed', 'the plan cannot be read', now) },
    },
  },
  {
    reason: 'TrafficUnavailable',
    when: 'planned, nothing fenced, and late',
    step: 'preflight/public',
    given: {
      mode: 'Planned',
      steps: { ...begun, assess: outcome('Succeeded', { mode: 'Planned', replicas: 6 }), 'preflight/public': late },
      observed: { records: { public: lost() } },
    },
  },
];
