import { clip } from '../../../api/bounds.ts';
import { canonicalJson } from '../../../api/canonical-json.ts';
import type { Message } from '../../../view/message.ts';
import { messageLines, type Line } from '../../../view/message-text.ts';

/** Slack advises 4,000 characters for a text, and what speaks its dialect may cut earlier. */
const longestText = 3_500;
const longestCommand = 1_500;
const longestLine = 800;

/**
 * `text` alone, in mrkdwn: what every receiver that understands Slack's incoming webhooks shows. It is escaped as Slack
 * asks, so that nothing in it can mention a channel or lead somewhere.
 */
export function slackBody(message: Message): string {
  return canonicalJson({ text: fitted(messageLines(message).map(lineOf)) });
}

function lineOf(line: Line): string {
  switch (line.kind) {
    case 'Title':
      return `*${escaped(clip(line.text, longestLine)).replaceAll('*', '·')}*`;
    case 'Text':
      return escaped(clip(line.text, longestLine));
    case 'Command':
      // A command that was cut would be worse than none: it could still be pasted.
      return line.text.length > longestCommand || line.text.includes('```')
        ? 'the command is too long for this channel: kubectl get drrun -o yaml shows it (next)'
        : `\`\`\`${escaped(line.text)}\`\`\``;
  }
}

/** https://docs.slack.dev/messaging/formatting-message-text: these three, and no others. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Whole lines, for half a code block would swallow what follows. */
function fitted(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    if (text.length + line.length + 1 > longestText) return `${text}\n…`;
    text += text === '' ? line : `\n${line}`;
  }
  return text;
}
