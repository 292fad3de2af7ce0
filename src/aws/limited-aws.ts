import type { Aws, AwsRequest } from '../ports/aws.ts';
import type { Clock } from '../ports/clock.ts';
import { withDeadline } from '../ports/deadline.ts';
import { createTurns, gaveUp, type Pace } from './turns.ts';

/**
 * Requests a second that Route 53 takes from one account, whatever asks in it (Developer Guide, "Quotas": five; other
 * figures are higher, and the stricter is held).
 */
export const ROUTE53_PACE: Pace = { ratePerSecond: 5, burst: 5 };

export interface LimitOptions {
  /** Deadline of one request from when its turn has come, ms. */
  readonly callMs: number;
  readonly pace?: Pace;
}

/**
 * The same Aws within Route 53's budget: one bucket for the account, changes before everything else, and the changes
 * of one zone one after the other, for a second one would be answered PriorRequestNotComplete. Make one for all that
 * share an account. Other services pass.
 */
export function limitAws(aws: Aws, clock: Clock, { callMs, pace = ROUTE53_PACE }: LimitOptions): Aws {
  const turns = createTurns(clock, pace);
  const last = new Map<string, Promise<void>>();
  const spaced = async (
    request: AwsRequest,
    urgent: boolean,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> => {
    await turns.next(urgent, signal);
    // The wait for a turn is nobody's silence: who counted it in would ask again, and wait behind what it had asked for.
    return await withDeadline(clock, callMs, signal, (call) => aws.send(request, call));
  };
  const serially = async (zone: string, request: AwsRequest, signal: AbortSignal): Promise<Record<string, unknown>> => {
    const before = last.get(zone) ?? Promise.resolve();
    const work = before.then(() => {
      if (signal.aborted) throw gaveUp();
      return spaced(request, true, signal);
    });
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    last.set(zone, ended);
    try {
      return await work;
    } finally {
      if (last.get(zone) === ended) last.delete(zone);
    }
  };
  return {
    send: async (request, signal) => {
      if (request.service !== 'route53') return await aws.send(request, signal);
      const zone = zoneOfChange(request);
      return zone === undefined ? await spaced(request, false, signal) : await serially(zone, request, signal);
    },
  };
}

function zoneOfChange({ operation, input }: AwsRequest): string | undefined {
  const zone = input['HostedZoneId'];
  return operation === 'ChangeResourceRecordSets' && typeof zone === 'string' ? zone : undefined;
}
