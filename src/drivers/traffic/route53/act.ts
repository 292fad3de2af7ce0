import { resultFromAws } from '../../../aws/error-meaning.ts';
import type { Aws } from '../../../ports/aws.ts';
import type { Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import type { ApplyResult } from '../../outcome.ts';
import type { TrafficActuator, TrafficRef } from '../driver.ts';
import { swapOf, type ChangeBatch } from './change.ts';
import type { Changes } from './changes.ts';
import { isFields } from './record-set.ts';

export interface Route53ActuatorOptions {
  readonly aws: Aws;
  readonly clock: Clock;
  /** For the one request of an attempt, ms. */
  readonly callMs: number;
  /** Shared with the observer, which then reports `inSync`. */
  readonly changes?: Changes;
}

/**
 * Moves simple records of Route 53 by compare-and-swap. What an attempt brought is never read from an error's code:
 * the next observation tells, and sending the identical batch again is safe.
 */
export function createRoute53Actuator(options: Route53ActuatorOptions): TrafficActuator {
  return {
    apply: async (ref, action, token, signal) => {
      const swap = swapOf(ref, action, token);
      switch (swap.kind) {
        case 'Refused':
          return swap;
        case 'Already':
          return { kind: 'Accepted', detail: swap.detail };
        case 'Batch':
          return await send(options, ref, { batch: swap.batch, to: action.to }, signal);
      }
    },
  };
}

async function send(
  { aws, clock, callMs, changes }: Route53ActuatorOptions,
  ref: TrafficRef,
  { batch, to }: { readonly batch: ChangeBatch; readonly to: string },
  signal: AbortSignal,
): Promise<ApplyResult> {
  changes?.forget(ref);
  const input = { HostedZoneId: ref.record.hostedZoneId, ChangeBatch: batch };
  try {
    const output = await withDeadline(clock, callMs, signal, (call) =>
      aws.send({ service: 'route53', operation: 'ChangeResourceRecordSets', input, region: ref.awsRegion }, call),
    );
    const info = output['ChangeInfo'];
    const id = isFields(info) ? info['Id'] : undefined;
    if (typeof id !== 'string') return { kind: 'OutcomeUnknown', detail: 'an answer without the id of a change' };
    changes?.submitted(ref, id, to);
    return { kind: 'Accepted', detail: id, change: id };
  } catch (error) {
    return resultFromAws(error);
  }
}
