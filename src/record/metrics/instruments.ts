import { Counter, Histogram, type Registry } from 'prom-client';
import type { Channel } from '../../api/plan.ts';
import type { AwsOutcome } from '../../aws/counted-aws.ts';
import type { CallOutcome } from '../../kube/transport.ts';

export const controllers = Object.freeze(['plan', 'run', 'region'] as const);
export type Controller = (typeof controllers)[number];

/** What this process counts as it goes. Labels are words of the program, and the names of Regions. */
export interface Instruments {
  reconciled(controller: Controller, durationMs: number, failed: boolean): void;
  readonly kubeCall: (outcome: CallOutcome) => void;
  readonly awsCall: (outcome: AwsOutcome) => void;
  /** One attempt to tell a contact. `GivenUp`: the last one of its message. */
  notified(channel: Channel['kind'], outcome: 'Delivered' | 'Again' | 'GivenUp'): void;
}

/** Seconds. A pass waits 0.3 s for what hangs, so what is above that is the API server's. */
const buckets = Object.freeze([0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]);

export function createInstruments(registry: Registry): Instruments {
  const registers = [registry];
  const duration = new Histogram({
    name: 'maestro_dr_reconcile_duration_seconds',
    help: 'How long one pass of a controller over one object took.',
    labelNames: ['controller'],
    buckets: [...buckets],
    registers,
  });
  const errors = new Counter({
    name: 'maestro_dr_reconcile_errors_total',
    help: 'Passes that failed and are tried again.',
    labelNames: ['controller'],
    registers,
  });
  const kube = new Counter({
    name: 'maestro_dr_kube_requests_total',
    help: 'Requests to API servers, by cluster (a Region, or management), verb and what was answered.',
    labelNames: ['target_cluster', 'verb', 'code'],
    registers,
  });
  const aws = new Counter({
    name: 'maestro_dr_aws_requests_total',
    help: 'Requests to AWS, by service, operation and what was answered.',
    labelNames: ['service', 'operation', 'code'],
    registers,
  });
  const notifications = new Counter({
    name: 'maestro_dr_notifications_total',
    help: 'Attempts to tell a contact, by channel and what came of them.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  // That none has failed yet is known, and rate() needs the 0 to see the first.
  for (const controller of controllers) errors.inc({ controller }, 0);
  for (const channel of ['slack', 'webhook']) {
    for (const outcome of ['Delivered', 'Again', 'GivenUp']) notifications.inc({ channel, outcome }, 0);
  }
  return {
    notified: (channel, outcome) => {
      notifications.inc({ channel, outcome });
    },
    reconciled(controller, durationMs, failed) {
      duration.observe({ controller }, Math.max(0, durationMs) / 1000);
      if (failed) errors.inc({ controller });
    },
    kubeCall: ({ cluster, verb, code }) => {
      kube.inc({ target_cluster: cluster, verb, code });
    },
    awsCall: ({ service, operation, code }) => {
      aws.inc({ service, operation, code });
    },
  };
}
