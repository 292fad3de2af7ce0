import type { TrafficAnswers } from '../../src/drivers/traffic/driver.ts';
import { aPrimary, inWest, lost, scaled, seen } from '../decide/support/facts.ts';
import { east, west as westRegion } from '../decide/support/plans.ts';
import { anIntent, outcome } from '../decide/support/runs.ts';
import { begun, fenced, late, moved, opened, west, type Printed } from './printed.ts';

const promotedHere = { ...fenced, 'promote/orders': { ...moved['promote/orders'], intent: anIntent() } };
const writing = { databases: { [inWest('orders')]: seen(aPrimary()) } };
const answering: TrafficAnswers = {
  servers: [
    { name: 'ns-1.example.net', answers: { kind: 'Region', region: westRegion } },
    { name: 'ns-2.example.net', answers: { kind: 'Region', region: east } },
  ],
};

/** What only shows the cause, with the real kubectl, or another's own program: `shows` is in its answer. */
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
      observed: west,
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
];
