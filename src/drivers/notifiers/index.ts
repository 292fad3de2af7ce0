import type { Channel } from '../../api/plan.ts';
import type { Delivery, Notifier, NotifierOptions } from './driver.ts';
import { createSlackNotifier } from './slack/notify.ts';
import { createWebhookNotifier } from './webhook/notify.ts';

type Notifiers = { readonly [Kind in Channel['kind']]: Notifier<Extract<Channel, { kind: Kind }>> };

/** Every channel there is, by its kind: adding one is a folder, a line here and a member of the CRD. */
export function createNotifier(options: NotifierOptions): Notifier {
  const notifiers: Notifiers = { slack: createSlackNotifier(options), webhook: createWebhookNotifier(options) };
  return {
    send(namespace, channel, message, signal): Promise<Delivery> {
      switch (channel.kind) {
        case 'slack':
          return notifiers.slack.send(namespace, channel, message, signal);
        case 'webhook':
          return notifiers.webhook.send(namespace, channel, message, signal);
      }
    },
  };
}
