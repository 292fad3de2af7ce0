import { unknownFromAws } from '../../../aws/error-meaning.ts';
import type { Aws } from '../../../ports/aws.ts';
import type { Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import type { TrafficAnswers, TrafficRef } from '../driver.ts';
import type { Changes, ChangeState } from './changes.ts';
import { isFields } from './record-set.ts';

/** Once every server answers, GetChange has the last word: it is asked at once, and then at most this often. */
const IN_SYNC_MS = 2_000;

export interface InSyncOptions {
  readonly aws: Aws;
  readonly clock: Clock;
  readonly callMs: number;
  readonly changes?: Changes;
}

export type InSync = Pick<TrafficAnswers, 'inSync' | 'unsaid'>;

/** Empty where no change is known of. */
export async function readInSync(
  options: InSyncOptions,
  { ref, servers }: { readonly ref: TrafficRef } & Pick<TrafficAnswers, 'servers'>,
  signal: AbortSignal,
): Promise<InSync> {
  const { clock, changes } = options;
  const change = changes?.last(ref);
  if (change === undefined) return {};
  if (change.inSync) return { inSync: true };
  // While a server still answers otherwise it is not everywhere, and the account's requests are for those who move.
  const answering = servers.filter(({ answers: one }) => one.kind !== 'Silent');
  if (!answering.every(({ answers: one }) => one.kind === 'Region' && one.region === change.to)) {
    return { inSync: false };
  }
  const now = clock.monotonic();
  if (change.askedAt === undefined || now - change.askedAt >= IN_SYNC_MS) {
    change.askedAt = now;
    await ask(options, ref, change, signal);
  }
  // What could not be asked a moment ago is not known to be on its way.
  return change.unsaid === undefined ? { inSync: change.inSync } : { unsaid: change.unsaid };
}

async function ask(
  { aws, clock, callMs }: InSyncOptions,
  { awsRegion: region }: TrafficRef,
  change: ChangeState,
  signal: AbortSignal,
): Promise<void> {
  const request = { service: 'route53', operation: 'GetChange', input: { Id: change.id }, region } as const;
  try {
    const output = await withDeadline(clock, callMs, signal, (call) => aws.send(request, call));
    const info = output['ChangeInfo'];
    change.inSync = isFields(info) && info['Status'] === 'INSYNC';
    delete change.unsaid;
  } catch (error) {
    change.unsaid = unsaidFor(error);
  }
}

/** A change is no part of a zone, so a right to the zones' own actions does not reach it. */
function unsaidFor(error: unknown): string {
  const { why, detail } = unknownFromAws(error);
  return why === 'Forbidden'
    ? `route53:GetChange is refused (${detail}); grant it on arn:aws:route53:::change/*`
    : `route53:GetChange brought nothing (${why}, ${detail})`;
}
