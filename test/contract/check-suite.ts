import assert from 'node:assert/strict';
import type { Fact } from '../../src/api/fact.ts';
import type { HttpExpectation } from '../../src/api/plan.ts';
import type { CheckResult } from '../../src/drivers/checks/driver.ts';
import { createHttpCheckObserver } from '../../src/drivers/checks/http/observe.ts';
import type { HttpCheckOptions } from '../../src/drivers/checks/http/observe.ts';
import type { Dns } from '../../src/ports/dns.ts';
import type { Http } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createClock } from '../../src/system/clock.ts';
import { ran } from './matrix.ts';
import type { CheckSubject, Endpoint, Reply } from './check-world.ts';

const HOST = 'shop.example.com';
const OK: Reply = { status: 200, body: 'all is well' };

interface Bench {
  readonly endpoint: Endpoint;
  readonly replies: (reply: Reply) => void;
  readonly check: (
    wanted?: Partial<HttpExpectation>,
    options?: Partial<HttpCheckOptions>,
  ) => Promise<Fact<CheckResult>>;
  /** Host names that were resolved, in order. */
  readonly resolved: string[];
  readonly url: (path?: string) => string;
}

/** The contract of a check driver: one look, no redirect, no secret in what it says. */
export function checkSuite(subject: CheckSubject): void {
  describe(`checks by http, over ${subject.name}`, () => {
    const b = bench(subject);
    expectations(b);
    reach(b);
    failures(b);
  });
}

function bench(subject: CheckSubject): Bench {
  let endpoint: Endpoint | undefined;
  let reply: Reply = OK;
  const resolved: string[] = [];
  const current = (): Endpoint => {
    assert.ok(endpoint !== undefined, 'the endpoint has not been started');
    return endpoint;
  };
  beforeEach(async () => {
    reply = OK;
    resolved.length = 0;
    endpoint = await subject.open(() => reply);
  });
  afterEach(async function closed() {
    await endpoint?.close();
    if (this.currentTest?.state === 'passed') ran('checks', 'http', subject.against);
  });
  const dns: Dns = {
    query: async () => Promise.reject(new PortError('Unreachable', 'checks ask no name server')),
    resolve: async (host) => {
      resolved.push(host);
      if (/^[\d.]+$|:/.test(host)) return [host];
      if (host === HOST) return [current().address];
      throw new PortError('Unreachable', `the host name ${host} was not found`);
    },
  };
  const url = (path = '/healthz'): string => `${current().scheme}://${HOST}:${String(current().port)}${path}`;
  return {
    get endpoint() {
      return current();
    },
    replies: (next) => {
      reply = next;
    },
    resolved,
    url,
    check: async (wanted = {}, options = {}) => {
      const { http, ca, address } = current();
      const observer = createHttpCheckObserver({
        http,
        dns,
        clock: createClock(),
        allow: (one) => one === address,
        ...options,
      });
      const expectation: HttpExpectation = {
        url: url(),
        method: 'GET',
        headers: {},
        statuses: [],
        ...(ca === undefined ? {} : { caBundle: ca }),
        timeoutMs: 30_000,
        successes: 1,
        ...wanted,
      };
      return await observer.check(
        { key: 'run/front-door', generation: 7, http: expectation },
        new AbortController().signal,
      );
    },
  };
}

function valueOf(fact: Fact<CheckResult>): CheckResult {
  assert.ok(fact.known, fact.known ? '' : `${fact.why}: ${fact.detail}`);
  assert.equal(fact.generation, 7);
  return fact.value;
}

function whyOf(fact: Fact<CheckResult>): readonly [string, string] {
  assert.ok(!fact.known, 'it is known');
  return [fact.why, fact.detail];
}

function expectations(b: Bench): void {
  describe('what is expected', () => {
    it('200-299 by default; what it got is said with its address and time', async () => {
      const { ok, detail } = valueOf(await b.check());
      assert.equal(ok, true);
      assert.match(detail, new RegExp(`^HTTP 200 from ${b.endpoint.address.replaceAll('.', '\\.')} in \\d+ ms$`));
    });

    it('a wrong status is a known answer', async () => {
      b.replies({ status: 503, body: 'no' });
      const { ok, detail } = valueOf(await b.check());
      assert.equal(ok, false);
      assert.match(detail, /^HTTP 503 .*: wanted 200-299$/);
    });

    it('the statuses that were named, and no others', async () => {
      b.replies({ status: 404 });
      assert.equal(valueOf(await b.check({ statuses: [401, 404] })).ok, true);
      b.replies({ status: 200 });
      const { ok, detail } = valueOf(await b.check({ statuses: [401, 404] }));
      assert.equal(ok, false);
      assert.match(detail, /wanted 401, 404$/);
    });

    it('method and headers go out as written', async () => {
      await b.check({ method: 'POST', headers: { 'X-Probe': 'dr', authorization: 'Bearer s3cret' } });
      await b.check({ method: 'HEAD' });
      assert.deepEqual(
        b.endpoint.asked.map(({ method, path }) => `${method} ${path}`),
        ['POST /healthz', 'HEAD /healthz'],
      );
      assert.equal(b.endpoint.asked[0]?.headers['x-probe'], 'dr');
      assert.equal(b.endpoint.asked[0].headers['authorization'], 'Bearer s3cret');
    });

    it('the body must contain the text, wherever its pieces end', async () => {
      b.replies({ status: 200, body: `${'x'.repeat(998)}status: ready${'x'.repeat(50)}` });
      assert.equal(valueOf(await b.check({ bodyContains: 'status: ready' })).ok, true);
      const { ok, detail } = valueOf(await b.check({ bodyContains: 'status: done' }));
      assert.equal(ok, false);
      assert.match(detail, /the body does not contain the wanted text$/);
    });

    it('a character that two pieces share is one character', async () => {
      b.replies({ status: 200, body: `${'x'.repeat(999)}é is ready` });
      assert.equal(valueOf(await b.check({ bodyContains: 'é is ready' })).ok, true);
    });

    it('only the first 64 KiB of the body are read', async () => {
      b.replies({ status: 200, body: `${'x'.repeat(64 * 1024)}ready` });
      const { ok, detail } = valueOf(await b.check({ bodyContains: 'ready' }));
      assert.equal(ok, false);
      assert.match(detail, /the first 64 KiB of the body do not contain the wanted text$/);
      b.replies({ status: 200, body: `${'x'.repeat(64 * 1024 - 5)}ready${'x'.repeat(100_000)}` });
      assert.equal(valueOf(await b.check({ bodyContains: 'ready' })).ok, true);
    });

    it('neither the body nor a header is quoted, whatever happens', async () => {
      const secret = 'tok-3c1f';
      const headers = { authorization: secret };
      const answers: readonly Reply[] = [
        { status: 500, body: secret, headers: { 'x-debug': secret } },
        { status: 302, body: secret, headers: { location: `https://x/${secret}` } },
        { status: 200, body: secret },
      ];
      for (const answer of answers) {
        b.replies(answer);
        assert.ok(!JSON.stringify(await b.check({ headers, bodyContains: `not ${secret}` })).includes(secret));
      }
      const refused = await b.check({ headers, address: '192.0.2.99', timeoutMs: 200 });
      assert.ok(!JSON.stringify(refused).includes(secret));
    });
  });
}

function reach(b: Bench): void {
  describe('where it goes', () => {
    it('the host is resolved once and its address pinned; Host stays the URL’s', async () => {
      await b.check();
      assert.deepEqual(b.resolved, [HOST]);
      assert.equal(b.endpoint.asked[0]?.host, `${HOST}:${String(b.endpoint.port)}`);
    });

    it('a direct address is used instead of the host’s, with the URL’s Host', async () => {
      const { ok } = valueOf(await b.check({ address: b.endpoint.address }));
      assert.equal(ok, true);
      assert.deepEqual(b.resolved, [b.endpoint.address]);
      assert.equal(b.endpoint.asked[0]?.host, `${HOST}:${String(b.endpoint.port)}`);
    });

    it('a redirect is not followed', async () => {
      b.replies({ status: 301, headers: { location: b.url('/elsewhere') } });
      const { ok, detail } = valueOf(await b.check());
      assert.equal(ok, false);
      assert.match(detail, /wanted 200-299; redirects are not followed$/);
      assert.equal(b.endpoint.asked.length, 1);
    });

    const guarded = [
      ['127.0.0.1', 'loopback'],
      ['127.8.8.8', 'loopback'],
      ['::1', 'loopback'],
      ['::ffff:127.0.0.1', 'loopback'],
      ['::ffff:7f00:1', 'loopback'],
      ['64:ff9b::7f00:1', 'loopback'],
      ['169.254.169.254', 'link-local'],
      ['::ffff:169.254.169.254', 'link-local'],
      ['fe80::1', 'link-local'],
      ['fd00:ec2::254', 'metadata service'],
      ['0.0.0.0', 'unspecified'],
      ['::', 'unspecified'],
      ['224.0.0.1', 'multicast'],
      ['ff02::1', 'multicast'],
    ] as const;
    it('guarded addresses are refused unless the configuration allows them', async () => {
      for (const [address, kind] of guarded) {
        const [why, detail] = whyOf(await b.check({ address }, { allow: () => false }));
        assert.equal(why, 'Forbidden', address);
        assert.match(detail, new RegExp(`is a ${kind} address, which checks may not reach`), address);
      }
      assert.deepEqual(b.endpoint.asked, []);
    });

    it('so is what a name resolves to, and what a URL writes in another way', async () => {
      const dns: Dns = {
        query: async () => Promise.reject(new PortError('Unreachable', 'not asked')),
        resolve: async (host) => (host === HOST ? ['169.254.169.254', '::1'] : [host]),
      };
      const allow = (): boolean => false;
      assert.equal(whyOf(await b.check({}, { dns, allow }))[0], 'Forbidden');
      for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://[::ffff:7f00:1]/']) {
        assert.equal(whyOf(await b.check({ url }, { dns, allow }))[0], 'Forbidden', url);
      }
      assert.deepEqual(b.endpoint.asked, []);
    });

    it('API servers are guarded too, however their address is written', async () => {
      const apiServerAddresses = (): readonly string[] => ['198.51.100.1', '2001:db8:0::6443'];
      for (const address of ['198.51.100.1', '::ffff:198.51.100.1', '2001:DB8::6443']) {
        const [why, detail] = whyOf(await b.check({ address }, { apiServerAddresses }));
        assert.equal(why, 'Forbidden', address);
        assert.match(detail, /is an API server's address/);
      }
    });

    it('of several addresses the first that is not guarded is asked', async () => {
      const dns: Dns = {
        query: async () => Promise.reject(new PortError('Unreachable', 'not asked')),
        resolve: async () => ['2001:db8::1', '169.254.169.254', b.endpoint.address],
      };
      assert.equal(valueOf(await b.check({}, { dns })).ok, true);
    });
  });
}

function failures(b: Bench): void {
  describe('no answer is unknown', () => {
    it('refused or unresolved is Unreachable', async () => {
      await b.endpoint.close();
      const dead = await b.check({ address: b.endpoint.address === '127.0.0.1' ? '127.0.0.1' : '203.0.113.99' });
      assert.equal(whyOf(dead)[0], 'Unreachable');
      const nowhere = await b.check({ url: 'http://nowhere.example.com/' });
      assert.deepEqual(whyOf(nowhere), ['Unreachable', 'the host name nowhere.example.com was not found']);
    });

    it('late is Timeout, before the headers and after them', async () => {
      for (const reply of ['hang', 'stall'] as const) {
        b.replies(reply);
        assert.equal(whyOf(await b.check({ timeoutMs: 300, bodyContains: 'the second half' }))[0], 'Timeout');
      }
    });

    it('a body that nobody asked about is not waited for, and its connection given up', async () => {
      b.replies('stall');
      let exchange: AbortSignal | undefined;
      const http: Http = {
        send: async (request, signal) => {
          exchange = signal;
          return await b.endpoint.http.send(request, signal);
        },
      };
      assert.equal(valueOf(await b.check({}, { http })).ok, true);
      assert.equal(exchange?.aborted, true);
    });

    it('a URL that is none is Malformed', async () => {
      assert.equal(whyOf(await b.check({ url: 'shop' }))[0], 'Malformed');
    });
  });
}
