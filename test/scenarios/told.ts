import { hookKey, hookUrl, type Receivers } from './receivers.ts';
import { planNamespace, secret } from './objects.ts';
import type { Stage } from './stage.ts';

const channel = (kind: 'slack' | 'webhook', who: keyof Receivers) => ({
  [kind]: { secretRef: { name: `hook-${who}` } },
});

/** Contacts in the order in which they are called. */
export const contacts = [
  { role: 'DR Lead', name: 'Ana', ...channel('webhook', 'lead') },
  { role: 'Legal' },
  { role: 'Second', ...channel('webhook', 'second') },
] as const;
export const slackContact = { role: 'Channel', ...channel('slack', 'slack') } as const;

/** The Secrets that the contacts name. Before anything else happens. */
export function fillSecrets(stage: Stage): void {
  for (const who of ['lead', 'second', 'slack'] as const) {
    secret(stage.world.management, planNamespace, `hook-${who}`, { url: hookUrl(who), hmacKey: hookKey });
  }
}

export interface Heard {
  /** Seconds since the kernel began. */
  readonly at: number;
  readonly id: string;
  readonly kind: string;
  readonly reason: string;
  readonly repeat: number;
  readonly next?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a receiver of signed JSON took, in order. `since`: wall ms. */
export function heardBy(stage: Stage, who: 'lead' | 'second', since = 0): readonly Heard[] {
  return stage.world.receivers[who].taken
    .filter(({ at }) => at >= since)
    .map(({ at, message }) => {
      const [step] = message.steps as readonly { readonly next?: string }[];
      return {
        at: Math.round((at - since) / 1000),
        id: String(message.id),
        kind: String(message.kind),
        reason: String(message.reason),
        repeat: Number(message.repeat),
        ...(step?.next === undefined ? {} : { next: step.next }),
        body: message,
      };
    });
}

/** The ConfigMap in which is kept what was told. */
export function notices(stage: Stage): unknown {
  return stage.world.management.hooks.read('/configmaps', planNamespace, 'checkout-notices');
}
