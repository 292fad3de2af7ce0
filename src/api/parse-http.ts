import type { HttpExpectation } from './plan.ts';
import type { Reader } from './reader.ts';

/** An HTTP check; `url` where one entry serves, else given by the caller. */
export function parseHttp(http: Reader, url?: string): HttpExpectation {
  const bodyContains = http.textOr('bodyContains', undefined);
  const tlsServerName = http.textOr('tlsServerName', undefined);
  const caBundle = http.textOr('caBundle', undefined);
  const address = http.textOr('address', undefined);
  const value = url ?? http.text('url');
  if (value !== '' && !/^https?:\/\/[^\s/]+/.test(value))
    http.complain('url', `"${value}" is no http or https URL`, 'write it like https://host/path');
  return {
    url: value,
    method: http.oneOf('method', ['GET', 'HEAD', 'POST'], 'GET'),
    headers: http.map('headers', (found) => (typeof found === 'string' ? found : '')),
    statuses: http.numbers('statuses'),
    timeoutMs: http.duration('timeout', '3s'),
    successes: http.number('successes', 1),
    intervalMs: http.duration('interval', '1s'),
    ...(bodyContains === undefined ? {} : { bodyContains }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(address === undefined ? {} : { address }),
  };
}
