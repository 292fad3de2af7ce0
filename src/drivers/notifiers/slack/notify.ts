import type { SlackChannel } from '../../../api/plan.ts';
import type { Notifier, NotifierOptions } from '../driver.ts';
import { post } from '../post.ts';
import { readKeys } from '../secret.ts';
import { slackBody } from './payload.ts';

/** What Slack answers in plain text; https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. */
const knownWords = [
  'invalid_payload',
  'no_text',
  'user_not_found',
  'channel_not_found',
  'channel_is_archived',
  'action_prohibited',
  'posting_to_general_channel_denied',
  'no_service',
  'no_service_id',
  'no_team',
  'no_active_hooks',
  'team_disabled',
  'invalid_token',
] as const;

/** An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
export function createSlackNotifier(options: NotifierOptions): Notifier<SlackChannel> {
  return {
    async send(namespace, { secretRef }, message, signal) {
      const found = await readKeys(options, namespace, secretRef.name, [secretRef.key]);
      if (found.kind === 'Not') return found.delivery;
      const { [secretRef.key]: url = '', 'ca.crt': ca } = found.data;
      const posting = {
        url: url.trim(),
        headers: {},
        body: slackBody(message),
        label: 'notify.slack',
        knownWords,
      } as const;
      return await post(options, { ...posting, ...(ca === undefined ? {} : { ca }) }, signal);
    },
  };
}
