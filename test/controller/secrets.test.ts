import assert from 'node:assert/strict';
import { createSecrets, type Secrets } from '../../src/controller/secrets.ts';
import { isKubeError } from '../../src/kube/kube-error.ts';
import type { HttpResponse } from '../../src/ports/http.ts';
import { answering, json, refuse, status, type ScriptedHttp } from '../support/scripted-http.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-clock.ts';
import { clientOn } from '../kube/support.ts';

interface Fixture {
  readonly time: VirtualTime;
  readonly secrets: Secrets;
  readonly http: ScriptedHttp;
  password: string;
  up: boolean;
  refusal: (() => HttpResponse) | undefined;
}

function holding(isFleet: boolean): Fixture {
  const time = createVirtualTime();
  const clock = time.machine();
  const http = answering(() => {
    if (!fixture.up) return refuse();
    if (fixture.refusal !== undefined) return fixture.refusal();
    const keystore = Buffer.from([0x30, 0x82, 0xff, 0xfe]).toString('base64');
    const data = { password: Buffer.from(fixture.password).toString('base64'), 'trust.p12': keystore };
    const metadata = { name: 'pg', namespace: 'payments', uid: 'u', resourceVersion: '1' };
    return json(200, { apiVersion: 'v1', kind: 'Secret', metadata, data });
  });
  const secrets = createSecrets(clientOn(http, clock), clock, 5_000, () => isFleet);
  const fixture: Fixture = { time, secrets, http, password: 'old', up: true, refusal: undefined };
  return fixture;
}

const read = async ({ time, secrets }: Fixture): Promise<string | undefined> =>
  (await time.settle(secrets.read('payments', 'pg'))).password;

describe('secrets', () => {
  it('are read where a key that is no text stands beside the others, which is left out', async () => {
    const fixture = holding(false);
    const data = await fixture.time.settle(fixture.secrets.read('payments', 'pg'));
    assert.deepEqual(data, { password: 'old' });
  });

  it('are read again after half a minute where there are few plans', async () => {
    const fixture = holding(false);
    await read(fixture);
    await fixture.time.advance(29_000);
    await read(fixture);
    assert.equal(fixture.http.requests.length, 1);
    await fixture.time.advance(2_000);
    await read(fixture);
    assert.equal(fixture.http.requests.length, 2);
  });

  it('of a fleet serve for an hour', async () => {
    const fixture = holding(true);
    for (let minute = 0; minute < 59; minute += 1) {
      await read(fixture);
      await fixture.time.advance(60_000);
    }
    assert.equal(fixture.http.requests.length, 1);
    await fixture.time.advance(60_000);
    await read(fixture);
    assert.equal(fixture.http.requests.length, 2);
  });

  it('that opened nothing are read again at once, and after that not more often than ever', async () => {
    const fixture = holding(true);
    await read(fixture);
    await fixture.time.advance(600_000);
    fixture.password = 'rotated';
    assert.equal(await read(fixture), 'old');
    fixture.secrets.distrust('payments', 'pg');
    assert.equal(await read(fixture), 'rotated');
    fixture.secrets.distrust('payments', 'pg');
    await fixture.time.advance(20_000);
    await read(fixture);
    assert.equal(fixture.http.requests.length, 2, 'a server that is down is no reason to read at each look');
    await fixture.time.advance(20_000);
    await read(fixture);
    assert.equal(fixture.http.requests.length, 3);
  });

  it('serve on while the API server does not answer', async () => {
    const fixture = holding(true);
    await read(fixture);
    await fixture.time.advance(4_000_000);
    fixture.up = false;
    assert.equal(await read(fixture), 'old');
  });

  for (const [code, reason] of [
    [404, 'NotFound'],
    [403, 'Forbidden'],
  ] as const) {
    it(`serve no longer once the API server says ${reason}, not even when it is silent afterwards`, async () => {
      const fixture = holding(false);
      await read(fixture);
      await fixture.time.advance(40_000);
      fixture.refusal = () => status(code, reason);
      await assert.rejects(read(fixture), (error) => isKubeError(error, reason));
      fixture.up = false;
      await assert.rejects(read(fixture), (error) => isKubeError(error, 'Unreachable'));
    });
  }
});
