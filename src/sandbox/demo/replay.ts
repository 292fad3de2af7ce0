import { readDnsChanges, type SentChange } from './witnesses/audits.ts';

/** Who sends it, in Route 53's audit. */
export const REPLAY_KEY = 'AKIAOUTOFDATE000000';

const TIMEOUT_MS = 10_000;

export interface Replay {
  readonly at: number;
  readonly accepted: boolean;
  readonly said: string;
}

/**
 * The first batch that Route 53 accepted, sent again as it was: what a writer does that hung for a minute. Only the
 * batch's own comparison with what stands there can refuse it.
 */
export async function replayFirstBatch(audit: string, record: string, url: string): Promise<Replay> {
  const first = (await readDnsChanges(audit, record)).find(({ accepted }) => accepted);
  if (first === undefined) throw new Error('Route 53 has accepted no batch that could be sent again');
  const at = Date.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: authorization(at), 'content-type': 'text/xml' },
    body: batchXml(first.sets),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  const message = /<(?:Message)>([^<]*)</.exec(text)?.[1]?.replaceAll(/&(?:apos|#39);/g, "'") ?? '';
  return { at, accepted: response.ok, said: `HTTP ${String(response.status)} ${message}`.trim() };
}

export function batchXml(changes: readonly SentChange[]): string {
  const one = ({ action, name, type, ttl, values }: SentChange): string =>
    `<Change><Action>${action}</Action><ResourceRecordSet><Name>${escaped(name)}</Name><Type>${type}</Type>` +
    `<TTL>${String(ttl)}</TTL><ResourceRecords>${values.map((value) => `<ResourceRecord><Value>${escaped(value)}</Value></ResourceRecord>`).join('')}` +
    '</ResourceRecords></ResourceRecordSet></Change>';
  return (
    '<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">' +
    `<ChangeBatch><Changes>${changes.map(one).join('')}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The sandbox reads who signed and does not recompute the signature. */
function authorization(at: number): string {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
  return `AWS4-HMAC-SHA256 Credential=${REPLAY_KEY}/${day}/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
}
