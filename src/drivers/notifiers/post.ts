import { parseTime } from '../../api/time.ts';
import { withDeadline } from '../../ports/deadline.ts';
import type { HttpResponse } from '../../ports/http.ts';
import { PortError } from '../../ports/port-error.ts';
import { reachOf } from '../checks/http/reach.ts';
import type { Delivery, NotifierOptions } from './driver.ts';

export interface Posting {
  /** A secret. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly label: 'notify.slack' | 'notify.webhook';
  /** PEM, beside which the system's roots do not count. */
  readonly ca?: string;
  /** Words of an answer's body that say why it was refused, and that may be shown. */
  readonly knownWords?: readonly string[];
}

/**
 * One POST, held to the same addresses as a check: the host is resolved once and what was judged is what is connected
 * to; no redirect is followed. A webhook's URL is its password, so nothing of it is in what this says.
 */
export async function post(options: NotifierOptions, posting: Posting, signal: AbortSignal): Promise<Delivery> {
  const url = URL.canParse(posting.url) ? new URL(posting.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return refused('the Secret holds no http or https URL');
  if (url.protocol === 'http:' && !options.allowPlainHttp) {
    return refused('the URL is http, which would show it to everybody on the way; use https');
  }
  try {
    return await withDeadline(options.clock, options.sendMs, signal, (call) => exchange(options, posting, url, call));
  } catch (error) {
    if (error instanceof PortError) return { kind: 'Again', why: unanswered(error) };
    throw error;
  }
}

async function exchange(options: NotifierOptions, posting: Posting, url: URL, signal: AbortSignal): Promise<Delivery> {
  const reach = reachOf(await options.dns.resolve(url.hostname.replace(/^\[|\]$/g, ''), signal), options);
  if (reach.kind === 'Nowhere') return { kind: 'Again', why: 'the host of the URL has no address' };
  if (reach.kind === 'Guarded') {
    return refused(
      `the host of the URL: ${reach.why}, which is not reached unless the operator's configuration allows it`,
    );
  }
  const { headers, body, label, ca, knownWords = [] } = posting;
  const abort = new AbortController();
  const stop = (): void => abort.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const response = await options.http.send(
      {
        method: 'POST',
        url: posting.url,
        headers: { 'user-agent': 'maestro-dr', 'content-type': 'application/json; charset=utf-8', ...headers },
        body,
        address: reach.address,
        ...(ca === undefined ? {} : { tls: { ca } }),
        label,
      },
      abort.signal,
    );
    return await meaningOf(response, knownWords, options.clock.wall());
  } finally {
    signal.removeEventListener('abort', stop);
    // The rest of the answer is wanted by nobody: the connection is given up.
    abort.abort(new PortError('Timeout', 'the message was answered'));
  }
}

const refused = (why: string): Delivery => ({ kind: 'Refused', why });

/** Statuses that speak of the moment, not of the message (RFC 9110, RFC 6585, RFC 8470). */
const passing: readonly number[] = [408, 425, 429];

async function meaningOf(response: HttpResponse, knownWords: readonly string[], now: number): Promise<Delivery> {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'Delivered' };
  const said = `HTTP ${String(status)}`;
  if (passing.includes(status) || status >= 500) {
    const afterMs = retryAfterMs(response.headers['retry-after'], now);
    return { kind: 'Again', why: said, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  if (status >= 300 && status < 400) return refused(`${said}: redirects are not followed`);
  const word = knownWords.length === 0 ? undefined : await knownWord(response, knownWords);
  return refused(word === undefined ? said : `${said}: ${word}`);
}

/** What is read of a refusal in search of a known word. */
const wordBytes = 256;

async function knownWord(response: HttpResponse, known: readonly string[]): Promise<string | undefined> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    text += decoder.decode(chunk.subarray(0, wordBytes), { stream: true });
    if (text.length >= wordBytes) break;
  }
  return known.find((word) => text.trim() === word);
}

/** ms; RFC 9110 section 10.2.3: seconds, or an HTTP date. undefined where it is neither. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = httpDate(text);
  return at === undefined ? undefined : Math.max(0, at - now);
}

const months: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** IMF-fixdate, the one form that is still sent: `Sun, 06 Nov 1994 08:49:37 GMT`. Wall ms. */
function httpDate(text: string): number | undefined {
  const match = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/.exec(text);
  const [, day = '', name = '', year = '', time = ''] = match ?? [];
  const month = String(months.indexOf(name) + 1).padStart(2, '0');
  return match === null ? undefined : parseTime(`${year}-${month}-${day}T${time}Z`);
}

/** The port's own words name the host, which may be a secret too; its error code alone does not. */
function unanswered(error: PortError): string {
  const code = /\(([A-Z][A-Z0-9_]+)\)$/.exec(error.message)?.[1];
  const words = {
    Unreachable: 'it cannot be reached',
    Timeout: 'it did not answer in time',
    Malformed: 'its answer is not HTTP',
    Forbidden: 'reaching it is not allowed',
    Throttled: 'it asks to be left alone',
  } as const satisfies Readonly<Record<PortError['why'], string>>;
  return code === undefined ? words[error.why] : `${words[error.why]} (${code})`;
}
