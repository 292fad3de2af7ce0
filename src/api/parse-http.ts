import type { HttpExpectation } from './plan.ts';
import { optional, type Reader } from './reader.ts';
import { httpMethods } from './vocabulary.ts';

/** Everything but the URL. */
export type HttpManner = Omit<HttpExpectation, 'url'>;

/** They would be pinned in each Run and shown to whoever may read it. */
const secretHeaders = /^(authorization|proxy-authorization|cookie|x-api-key)$/i;

export function parseHttp(http: Reader): HttpExpectation {
  return { url: parseUrl(http, 'url'), ...parseManner(http) };
}

export function parseUrl(at: Reader, key: string): string {
  const url = at.text(key);
  if (url === '') return url;
  if (!/^https?:\/\/[^/?#\s]+([/?#]\S*)?$/.test(url)) {
    // Not quoted: it may be anything, a password included.
    at.complain(key, 'is no http or https URL', 'write it like https://host/path');
  } else if (/^https?:\/\/[^/?#]*@/.test(url)) {
    at.complain(key, 'holds a user or password', 'remove it: the URL is shown in every Run');
  }
  return url;
}

export function parseManner(http: Reader): HttpManner {
  const headers = http.map('headers', (values, name) => {
    if (secretHeaders.test(name)) {
      values.complain(name, 'would show a secret in the plan and its Runs', 'check something that needs none');
    }
    if (!/^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/.test(name)) values.complain(name, 'is no header name', 'mend or remove it');
    const value = values.raw(name);
    if (typeof value === 'string' && !/[\r\n\0]/.test(value)) return value;
    values.complain(name, 'is not a text of one line', 'write the value as one line of text');
    return '';
  });
  return {
    method: http.oneOf('method', httpMethods, 'GET'),
    headers,
    statuses: http.integers('statuses', { min: 100, max: 599 }),
    timeoutMs: positive(http, 'timeout', '3s'),
    successes: http.integer('successes', { min: 1, max: 100, otherwise: 1 }),
    ...optional('bodyContains', http.textOr('bodyContains')),
    ...optional('tlsServerName', http.textOr('tlsServerName')),
    ...optional('caBundle', caBundle(http)),
    ...optional('address', address(http)),
  };
}

function positive(at: Reader, key: string, otherwise: string): number {
  const ms = at.duration(key, otherwise);
  if (ms === 0 && at.has(key)) at.complain(key, 'is no time at all', 'give it at least 1ms');
  return ms;
}

function caBundle(http: Reader): string | undefined {
  const bundle = http.textOr('caBundle');
  if (bundle !== undefined && !bundle.includes('-----BEGIN CERTIFICATE-----')) {
    http.complain('caBundle', 'holds no PEM certificate', 'paste one, with its BEGIN and END lines');
  }
  return bundle;
}

/** An address, not a name: a name would be resolved, and resolving is what `address` is there to avoid. */
function address(http: Reader): string | undefined {
  const found = http.textOr('address');
  if (found === undefined || isIpv4(found) || isIpv6(found)) return found;
  http.complain('address', `"${found.slice(0, 80)}" is no IP address`, 'write it like 192.0.2.7 or 2001:db8::7');
  return found;
}

export function isIpv4(text: string): boolean {
  return /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/.test(text);
}

/** RFC 4291, without a zone; the last four bytes may be written as IPv4. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  const last = all.at(-1);
  const embedded = last !== undefined && last.includes('.') && groups.at(-1)?.at(-1) === last;
  if (embedded && !isIpv4(last)) return false;
  const plain = embedded ? all.slice(0, -1) : all;
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = plain.length + (embedded ? 2 : 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}
