import type { TrafficAnswers } from '../../src/drivers/traffic/driver.ts';
import {
  ago,
  aPrimary,
  fenced as closed,
  inEast,
  inWest,
  isGreen,
  listed,
  lost,
  now,
  scaled,
  seen,
  streak,
} from '../decide/support/facts.ts';
import { east, west as westRegion } from '../decide/support/plans.ts';
import { anIntent, outcome } from '../decide/support/runs.ts';
import { begun, dark, fenced, late, moved, opened, type Printed } from './printed.ts';

const promotedHere = { ...fenced, 'promote/orders': { ...moved['promote/orders'], intent: anIntent() } };
const writing = { databases: { [inWest('orders')]: seen(aPrimary()) } };
const answering: TrafficAnswers = {
  servers: [
    { name: 'ns-1.example.net', answers: { kind: 'Region', region: westRegion } },
    { name: 'ns-2.example.net', answers: { kind: 'Region', region: east } },
  ],
};

/** What only shows the cause, with the real kubectl, or another's own program: `shows` is in its answer. */
const passed = {
  ...opened,
  'open/orders': { ...outcome('Succeeded'), intent: anIntent() },
  'smoke/place-order': outcome('Succeeded'),
};
const listing =
  'route53 list-resource-record-sets --hosted-zone-id Z123 --start-record-name public.example.com --max-items 10';
const external = { kind: 'Conflict', detail: 'external-dns keeps its ownership at public.example.com' } as const;
const drifted = listed(east, undefined, { points: { kind: 'Drifted', detail: 'lb-other' } });

export const causes: readonly (Printed & { readonly shows: string })[] = [
  {
    reason: 'TargetNotReady',
    when: 'a workload is not there',
    step: 'preflight/api',
    given: {
      steps: { ...begun, 'preflight/api': late },
      observed: { workloads: { [inWest('api')]: seen({ exists: false } as const) } },
    },
    shows: 'another',
  },
  {
    reason: 'TargetNotReady',
    when: 'a workload does not become ready',
    step: 'workload/api',
    given: {
      steps: { ...opened, 'workload/api': late },
      observed: {
        workloads: {
          [inWest('api')]: seen(scaled(6, { ready: 0, obstacles: [{ kind: 'ImagePull', message: 'ErrImagePull' }] })),
        },
      },
    },
    shows: 'broken',
  },
  {
    reason: 'SmokeRed',
    when: 'while soaking',
    step: 'soak',
    given: {
      steps: {
        ...opened,
        'smoke/place-order': outcome('Succeeded'),
        'shift/public': outcome('Succeeded'),
        'observed/public': outcome('Succeeded'),
        'smoke/front-door': outcome('Succeeded'),
        soak: late,
      },
      observed: {},
    },
    shows: 'broken',
  },
  {
    reason: 'TargetNotReady',
    when: 'promoted, and its server is not seen',
    step: 'open/orders',
    given: {
      steps: { ...fenced, 'promote/orders': { ...moved['promote/orders'], intent: anIntent() }, 'open/orders': late },
      observed: { databases: { [inWest('orders')]: lost() } },
    },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'Scaling',
    when: 'pods come slowly',
    step: 'workload/api',
    given: {
      steps: { ...opened, 'workload/api': late },
      observed: { workloads: { [inWest('api')]: seen(scaled(6, { ready: 2 })) } },
    },
    shows: 'broken',
  },
  {
    reason: 'WorkloadUnknown',
    step: 'workload/api',
    given: { steps: { ...opened, 'workload/api': late }, observed: { workloads: { [inWest('api')]: lost() } } },
    shows: 'broken',
  },
  {
    reason: 'Promoting',
    step: 'promote/orders',
    given: {
      run: { acceptDataLoss: { maxMs: 3_600_000, by: 'ana', reason: 'all is down' } },
      steps: { ...fenced, 'promote/orders': { intent: anIntent(), ...late } },
      observed: dark,
    },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'Checkpointing',
    step: 'checkpoint/orders',
    given: {
      steps: { ...promotedHere, 'checkpoint/orders': late },
      observed: { databases: { [inWest('orders')]: seen(aPrimary({ timeline: 2, checkpointTimeline: 1 })) } },
    },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'Opening',
    step: 'open/orders',
    given: { steps: { ...promotedHere, 'open/orders': late }, observed: writing },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'DatabaseNotOpen',
    step: 'probe/orders',
    given: { steps: { ...promotedHere, 'open/orders': outcome('Succeeded'), 'probe/orders': late }, observed: writing },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'TrafficUnobserved',
    step: 'observed/public',
    given: {
      steps: {
        ...opened,
        'smoke/place-order': outcome('Succeeded'),
        'shift/public': outcome('Succeeded'),
        'observed/public': late,
      },
      observed: { answers: { public: seen(answering) } },
    },
    shows: '@ns-2.example.net public.example.com CNAME',
  },
  {
    reason: 'EvidenceStale',
    when: 'the name is about to move',
    step: 'shift/public',
    given: {
      steps: { ...passed, 'shift/public': late },
      observed: {
        databases: { [inWest('orders')]: lost() },
        records: { public: seen(listed(east)) },
      },
    },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'TargetUnread',
    step: 'fence/orders',
    given: {
      mode: 'Planned',
      status: { abort: { at: ago(60_000).wall, reason: 'Requested', message: 'A person asked for it.' } },
      steps: { ...begun, 'fence/orders': { intent: anIntent({ notAfter: ago(60_000).wall }) } },
      observed: {
        databases: { [inEast('orders')]: seen(closed(7)), [inWest('orders')]: lost('Forbidden') },
      },
    },
    shows: '-h orders.usw2 -p 5432',
  },
  {
    reason: 'Shifting',
    step: 'shift/public',
    given: {
      steps: { ...passed, 'shift/public': { ...late, intent: anIntent() } },
      observed: { ...writing, records: { public: seen(listed(east)) } },
    },
    shows: listing,
  },
  {
    reason: 'ForeignOwner',
    when: 'of another tool',
    step: 'preflight/public',
    given: { steps: begun, observed: { records: { public: seen(listed(east, external)) } } },
    shows: listing,
  },
  {
    reason: 'RecordDrifted',
    when: 'neither region`s',
    step: 'preflight/public',
    given: { steps: begun, observed: { records: { public: seen(drifted) } } },
    shows: listing,
  },
  {
    reason: 'Soaking',
    step: 'soak',
    given: {
      steps: {
        ...passed,
        'shift/public': outcome('Succeeded'),
        'observed/public': outcome('Succeeded'),
        'smoke/front-door': outcome('Succeeded'),
        soak: late,
      },
      observed: {
        checks: { [`smoke/front-door@${westRegion}`]: seen(isGreen, now, { ok: streak('ok', 2, ago(2_000)) }) },
      },
    },
    shows: 'broken',
  },
];
