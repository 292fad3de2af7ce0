import type { HttpExpectation } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { named, type Guide, type Journey } from './guide.ts';
import { hereDocument, word } from './shell.ts';

export function dependency(step: Step, journey: Journey): Guide {
  const { http } = named(journey.plan.spec.dependencyChecks, step);
  return { does: [], verifies: [{ says: 'It answers as it should.', sh: curl(http), prints: 'ok' }] };
}

export function smoke(step: Step, journey: Journey): Guide {
  const test = named(journey.plan.spec.smokeTests, step);
  const http = test.http[journey.target];
  if (http === undefined) throw new Error(`smoke test ${test.name} has no URL for ${journey.target}`);
  const times = http.successes > 1 ? `, ${String(http.successes)} times in a row` : '';
  return { does: [], verifies: [{ says: `It answers as it should${times}.`, sh: curl(http), prints: 'ok' }] };
}

/** Prints `ok` for the status and the text that are wanted, else curl's error or nothing. Redirects are not followed. */
export function curl(http: HttpExpectation): string {
  const wanted = http.statuses.length === 0 ? '2..' : http.statuses.map(String).join('|');
  const body = http.bodyContains === undefined ? '' : ` && grep -qF -- ${word(http.bodyContains)} "$DR/body"`;
  const request = [
    'curl -sS',
    ...(http.method === 'HEAD' ? ['-I'] : ['-X', http.method]),
    '--max-time',
    String(Math.ceil(http.timeoutMs / 1000)),
    ...Object.entries(http.headers).flatMap(([name, value]) => ['-H', word(`${name}: ${value}`)]),
    ...destination(http),
    ...(http.caBundle === undefined ? [] : ['--cacert "$DR/ca.crt"']),
    '-o "$DR/body"',
    `-w '%{http_code}\\n'`,
  ].join(' ');
  const authority =
    http.caBundle === undefined ? '' : `cat > "$DR/ca.crt" ${hereDocument(http.caBundle.trim(), 'PEM')}\n`;
  return `${authority}${request} | grep -Eqx '${wanted}'${body} && echo ok`;
}

/**
 * The URL, and where else to connect. curl takes the name for TLS from the URL, so a certificate of another name puts
 * that name there and the URL's own into the Host header.
 */
function destination({ url, address, tlsServerName }: HttpExpectation): readonly string[] {
  const [, scheme = '', host = '', given = '', rest = ''] =
    /^(https?):\/\/(\[[^\]]*\]|[^/:?#]+)(:\d+)?(.*)$/.exec(url) ?? [];
  const name = scheme === 'https' ? (tlsServerName ?? host) : host;
  if (name === host && address === undefined) return [word(url)];
  const port = given === '' ? defaultPort(scheme) : given;
  return [
    `--connect-to ${word(`${name}${port}:${bracketed(address ?? host)}${port}`)}`,
    ...(name === host ? [] : ['-H', word(`Host: ${host}${given}`)]),
    word(`${scheme}://${name}${given}${rest}`),
  ];
}

const defaultPort = (scheme: string): string => (scheme === 'https' ? ':443' : ':80');

/** An IPv6 address beside a port. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
