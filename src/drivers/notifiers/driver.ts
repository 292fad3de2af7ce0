import type { Channel } from '../../api/plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Dns } from '../../ports/dns.ts';
import type { Http } from '../../ports/http.ts';
import type { Message } from '../../view/message.ts';
import type { ReachPolicy } from '../checks/http/reach.ts';

/**
 * What became of one attempt. `why` is a sentence that can be shown: never the URL, its host, or anything of the answer
 * that the driver does not know by heart.
 */
export type Delivery =
  | { readonly kind: 'Delivered' }
  /** Worth another attempt: nobody answered, or was able to. `afterMs`: not before, as the receiver asked. */
  | { readonly kind: 'Again'; readonly why: string; readonly afterMs?: number }
  /** Another attempt would end alike until somebody mends the Secret or the receiver. */
  | { readonly kind: 'Refused'; readonly why: string };

/** Sends one message once: no retries, no memory. Ends within its deadline, and never throws but for a defect. */
export interface Notifier<C extends Channel = Channel> {
  /** `namespace`: the plan's, in which the channel's Secret lies. */
  send(namespace: string, channel: C, message: Message, signal: AbortSignal): Promise<Delivery>;
}

export interface NotifierOptions extends ReachPolicy {
  readonly http: Http;
  readonly dns: Dns;
  readonly clock: Clock;
  readonly secrets: (namespace: string, name: string) => Promise<Readonly<Record<string, string>>>;
  /** Deadline of one attempt, ms. */
  readonly sendMs: number;
  /** Where everything is on one machine: http without TLS is let through. */
  readonly allowPlainHttp: boolean;
}
