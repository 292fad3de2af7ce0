import { known, unknown, type Fact } from '../../../api/fact.ts';
import type { HttpExpectation } from '../../../api/plan.ts';
import { instant, type Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import type { Dns } from '../../../ports/dns.ts';
import type { Http, HttpRequest, HttpResponse } from '../../../ports/http.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { CheckObserver, CheckResult } from '../driver.ts';
import { reachOf, type ReachPolicy } from './reach.ts';

export interface HttpCheckOptions extends ReachPolicy {
  readonly http: Http;
  readonly dns: Dns;
  readonly clock: Clock;
}

/** What is read of a body in search of the wanted text. */
const BODY_BYTES = 64 * 1024;

/**
 * One look at a URL, from the operator. The host is resolved once and the connection goes to that address, so that the
 * address that was judged is the one that is asked. No redirect is followed. Nothing of the body, and no header's
 * value, is in what it says.
 */
export function createHttpCheckObserver(options: HttpCheckOptions): CheckObserver {
  return {
    check: async ({ http: wanted, generation }, signal): Promise<Fact<CheckResult>> => {
      const { clock } = options;
      const at = instant(clock);
      try {
        const look = (call: AbortSignal): Promise<CheckResult> => lookAt(options, wanted, call);
        return known(await withDeadline(clock, wanted.timeoutMs, signal, look), at, generation);
      } catch (error) {
        if (error instanceof PortError) return unknown(error.why, error.message, at);
        throw error;
      }
    },
  };
}

async function lookAt(options: HttpCheckOptions, wanted: HttpExpectation, signal: AbortSignal): Promise<CheckResult> {
  const { http, clock } = options;
  const began = clock.monotonic();
  const address = await pinned(options, wanted, signal);
  // Ends the exchange also where the rest of the body is not wanted: a check keeps no connection.
  const exchange = new AbortController();
  const stop = (): void => exchange.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const response = await http.send(requestOf(wanted, address), exchange.signal);
    const problem = await problemOf(wanted, response);
    const took = `${String(Math.round(clock.monotonic() - began))} ms`;
    const said = `HTTP ${String(response.status)} from ${address} in ${took}`;
    return problem === undefined ? { ok: true, detail: said } : { ok: false, detail: `${said}: ${problem}` };
  } finally {
    signal.removeEventListener('abort', stop);
    exchange.abort(new PortError('Timeout', 'the check is over'));
  }
}

/** @throws PortError `Forbidden` where every address is guarded and none is allowed. */
async function pinned(options: HttpCheckOptions, wanted: HttpExpectation, signal: AbortSignal): Promise<string> {
  const host = wanted.address ?? hostOf(wanted.url);
  const reach = reachOf(await options.dns.resolve(host, signal), options);
  switch (reach.kind) {
    case 'Free':
      return reach.address;
    case 'Nowhere':
      throw new PortError('Unreachable', `${host} has no address`);
    case 'Guarded':
      throw new PortError(
        'Forbidden',
        `${host}: ${reach.why}, which checks may not reach unless the operator's configuration allows it`,
      );
  }
}

function hostOf(url: string): string {
  if (!URL.canParse(url)) throw new PortError('Malformed', 'the url of the check is not a valid URL');
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function requestOf(wanted: HttpExpectation, address: string): HttpRequest {
  const tls = {
    ...(wanted.tlsServerName === undefined ? {} : { serverName: wanted.tlsServerName }),
    ...(wanted.caBundle === undefined ? {} : { ca: wanted.caBundle }),
  };
  return {
    method: wanted.method,
    url: wanted.url,
    headers: { 'user-agent': 'maestro-dr', ...wanted.headers },
    address,
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    label: 'check.http',
  };
}

async function problemOf(wanted: HttpExpectation, response: HttpResponse): Promise<string | undefined> {
  const { status } = response;
  const accepted = wanted.statuses.length === 0 ? status >= 200 && status < 300 : wanted.statuses.includes(status);
  if (!accepted) {
    const expected = wanted.statuses.length === 0 ? '200-299' : wanted.statuses.join(', ');
    const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    return `wanted ${expected}${redirect}`;
  }
  if (wanted.bodyContains === undefined) return undefined;
  const { text, cut } = await readStart(response.body);
  if (text.includes(wanted.bodyContains)) return undefined;
  const where = cut ? `the first ${String(BODY_BYTES / 1024)} KiB of the body do` : 'the body does';
  return `${where} not contain the wanted text`;
}

async function readStart(body: AsyncIterable<Uint8Array>): Promise<{ readonly text: string; readonly cut: boolean }> {
  const decoder = new TextDecoder();
  let text = '';
  let left = BODY_BYTES;
  for await (const chunk of body) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left < 0) return { text, cut: true };
  }
  return { text, cut: false };
}
