import type { WebhookChannel } from '../../../api/plan.ts';
import type { Notifier, NotifierOptions } from '../driver.ts';
import { post } from '../post.ts';
import { readKeys } from '../secret.ts';
import { webhookBody } from './payload.ts';
import { shortestKeyBytes, signedHeaders, signingKey } from './signature.ts';

/** JSON to any receiver, signed so that it can tell who wrote it, when, and whether it had it before. */
export function createWebhookNotifier(options: NotifierOptions): Notifier<WebhookChannel> {
  return {
    async send(namespace, { secretRef }, message, signal) {
      const found = await readKeys(options, namespace, secretRef.name, ['url', 'hmacKey']);
      if (found.kind === 'Not') return found.delivery;
      const { url = '', hmacKey = '', 'ca.crt': ca } = found.data;
      const key = signingKey(hmacKey.trim());
      if (key === undefined) {
        const why = `hmacKey in Secret ${secretRef.name} is shorter than ${String(shortestKeyBytes)} bytes, or whsec_ without base64`;
        return { kind: 'Refused', why };
      }
      const body = webhookBody(message);
      const headers = signedHeaders(key, message.id, options.clock.wall(), body);
      const posting = { url: url.trim(), headers, body, label: 'notify.webhook' } as const;
      return await post(options, { ...posting, ...(ca === undefined ? {} : { ca }) }, signal);
    },
  };
}
