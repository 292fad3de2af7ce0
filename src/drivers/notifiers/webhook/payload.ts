import { canonicalJson } from '../../../api/canonical-json.ts';
import { formatTime } from '../../../api/time.ts';
import type { Message, RunView, StopView } from '../../../view/message.ts';
import { messageLines } from '../../../view/message-text.ts';

/** Of the body's form (docs/notifications.md): fields are added within it, never changed or taken away. */
const version = 1;

/** Times in RFC 3339, spans in whole seconds, absent where unknown. `text` is the same in words, ready to be shown. */
export function webhookBody(message: Message): string {
  const { at, since, stops, plan, run, ...same } = message;
  const { rtoMs, rpoMs, ...planSame } = plan;
  return canonicalJson({
    version,
    ...same,
    at: formatTime(at),
    since: formatTime(since),
    text: messageLines(message)
      .map(({ text }) => text)
      .join('\n'),
    plan: { ...planSame, rtoSeconds: seconds(rtoMs), rpoSeconds: seconds(rpoMs) },
    run: run === undefined ? undefined : runBody(run),
    steps: stops.map(stepBody),
  });
}

function runBody({ rtoMs, rtoLeftMs, losses, fences, ...same }: RunView): unknown {
  return {
    ...same,
    rtoSeconds: rtoMs === undefined ? undefined : seconds(rtoMs),
    rtoLeftSeconds: rtoLeftMs === undefined ? undefined : Math.floor(rtoLeftMs / 1000),
    loss: losses.map(({ lossMs, ...loss }) => ({
      ...loss,
      lossSeconds: lossMs === undefined ? undefined : seconds(lossMs),
    })),
    fence: fences,
  };
}

function stepBody({ since, deadline, ...same }: StopView): unknown {
  return {
    ...same,
    since: formatTime(since),
    deadline: deadline === undefined ? undefined : formatTime(deadline),
  };
}

/** Rounded up, so that a bound stays one. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
