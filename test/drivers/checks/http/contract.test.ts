import assert from 'node:assert/strict';
import type { Fact } from '../../../../src/api/fact.ts';
import type { CheckResult } from '../../../../src/drivers/checks/driver.ts';
import { createHttpCheckObserver } from '../../../../src/drivers/checks/http/observe.ts';
import { createClock } from '../../../../src/system/clock.ts';
import { createDns } from '../../../../src/system/dns.ts';
import { checkSuite } from '../../../contract/check-suite.ts';
import { overHttp, overHttps, overModel } from '../../../contract/check-world.ts';
import type { Endpoint } from '../../../contract/check-world.ts';

checkSuite(overModel);
checkSuite(overHttp);
checkSuite(overHttps);

describe('checks by http and certificates', () => {
  let endpoint: Endpoint;
  beforeEach(async () => {
    endpoint = await overHttps.open(() => ({ status: 200 }));
  });
  afterEach(async () => endpoint.close());

  const check = async (
    host: string,
    tls: { caBundle?: string; tlsServerName?: string },
  ): Promise<Fact<CheckResult>> => {
    const options = { http: endpoint.http, dns: createDns(), clock: createClock(), allow: () => true };
    const http = {
      url: `https://${host}:${String(endpoint.port)}/`,
      method: 'GET' as const,
      headers: {},
      statuses: [],
      address: '127.0.0.1',
      timeoutMs: 30_000,
      successes: 1,
      ...tls,
    };
    return await createHttpCheckObserver(options).check(
      { key: 'k', generation: 1, http },
      new AbortController().signal,
    );
  };
  const ca = (): string => {
    assert.ok(endpoint.ca !== undefined);
    return endpoint.ca;
  };

  it('without the bundle, or for another name, nothing is asked', async () => {
    for (const fact of [await check('shop.example.com', {}), await check('other.example.com', { caBundle: ca() })]) {
      assert.ok(!fact.known && fact.why === 'Unreachable', JSON.stringify(fact));
      assert.match(fact.detail, /TLS failed/);
    }
    assert.deepEqual(endpoint.asked, []);
  });

  it('the name that the certificate must carry may be another than the URL’s', async () => {
    const fact = await check('lb-usw2.example.net', { caBundle: ca(), tlsServerName: 'shop.example.com' });
    assert.ok(fact.known && fact.value.ok, JSON.stringify(fact));
    assert.equal(endpoint.asked[0]?.host, `lb-usw2.example.net:${String(endpoint.port)}`);
  });
});
