import assert from 'node:assert/strict';
import { renewedAccess } from '../../src/cli/renewed-access.ts';
import { isKubeError } from '../../src/kube/kube-error.ts';
import type { ClusterAccess } from '../../src/ports/kubeconfigs.ts';
import { access, checkout, clientOn, plan } from '../kube/support.ts';
import { answering, json, status, type ScriptedHttp } from '../support/scripted-http.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';

const withToken = (token: string): ClusterAccess => ({ ...access, token });

/** A client whose access is what `load` gives last; `get` is one look of it. */
function looking(http: ScriptedHttp, load: () => Promise<ClusterAccess>, first = withToken('token-1')) {
  const time = createVirtualTime();
  const clock = time.machine();
  const renewed = renewedAccess({ clock, http }, first, load);
  const client = clientOn(renewed.http, clock, { access: renewed.access });
  const get = () => time.settle(client.get(checkout, { deadlineMs: 10_000 }));
  return { time, client, get };
}

/** Takes what `accepted` says then. */
function serverOf(accepted: () => string): ScriptedHttp {
  return answering(({ headers }) =>
    headers.authorization === `Bearer ${accepted()}` ? json(200, plan('checkout', '7')) : status(401, 'Unauthorized'),
  );
}

const isUnauthorized = (error: unknown): boolean => isKubeError(error, 'Unauthorized');

describe('renewed access', () => {
  it('is loaded once for all requests that are refused at the same time', async () => {
    let loads = 0;
    const load = async (): Promise<ClusterAccess> => withToken(`token-${String((loads += 1) + 1)}`);
    const { time, client } = looking(
      serverOf(() => 'token-2'),
      load,
    );
    const call = { deadlineMs: 10_000 };
    const both = await time.settle(Promise.all([client.get(checkout, call), client.get(checkout, call)]));
    assert.deepEqual(
      both.map(({ metadata }) => metadata.name),
      ['checkout', 'checkout'],
    );
    assert.equal(loads, 1);
  });

  it('is not loaded twice within ten seconds, and is afterwards', async () => {
    let loads = 0;
    let given = 'token-1';
    const load = async (): Promise<ClusterAccess> => {
      loads += 1;
      return withToken(given);
    };
    const { time, get } = looking(
      serverOf(() => 'token-2'),
      load,
    );
    await assert.rejects(get(), isUnauthorized);
    given = 'token-2';
    await time.advance(9_999);
    await assert.rejects(get(), isUnauthorized);
    assert.equal(loads, 1);
    await time.advance(1);
    await get();
    assert.equal(loads, 2);
  });

  it('says why it cannot be loaded with each request meanwhile, and is tried again', async () => {
    let fails = true;
    const load = async (): Promise<ClusterAccess> => {
      if (fails) throw new Error('the session has ended');
      return withToken('token-2');
    };
    const { time, get } = looking(
      serverOf(() => 'token-2'),
      load,
    );
    await assert.rejects(get(), /the session has ended/);
    fails = false;
    await assert.rejects(get(), /the session has ended/);
    await time.advance(10_000);
    assert.equal((await get()).metadata.name, 'checkout');
  });

  it('waits for a program that takes longer than a request, and runs no second one', async () => {
    let loads = 0;
    const signIn = Promise.withResolvers<ClusterAccess>();
    const load = async (): Promise<ClusterAccess> => {
      loads += 1;
      return await signIn.promise;
    };
    const { get } = looking(
      serverOf(() => 'token-2'),
      load,
    );
    const late = (error: unknown): boolean => isKubeError(error, 'Timeout');
    await assert.rejects(get(), late);
    await assert.rejects(get(), late);
    signIn.resolve(withToken('token-2'));
    assert.equal((await get()).metadata.name, 'checkout');
    assert.equal(loads, 1);
  });

  it('is a client certificate, too: it serves from the next request on', async () => {
    const withCertificate = (cert: string): ClusterAccess => ({ server: access.server, tls: { cert, key: 'key' } });
    const http = answering(({ tls }) =>
      tls?.cert === 'cert-2' ? json(200, plan('checkout', '7')) : status(401, 'Unauthorized'),
    );
    const { get } = looking(http, async () => withCertificate('cert-2'), withCertificate('cert-1'));
    await assert.rejects(get(), isUnauthorized);
    assert.equal((await get()).metadata.name, 'checkout');
  });

  it('is not loaded for any other refusal', async () => {
    const http = answering(() => status(403, 'Forbidden'));
    const { get } = looking(http, async () => assert.fail('nothing says that the credentials are at fault'));
    await assert.rejects(get(), (error) => isKubeError(error, 'Forbidden'));
  });
});
