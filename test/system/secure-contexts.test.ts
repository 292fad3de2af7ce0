import assert from 'node:assert/strict';
import { PortError } from '../../src/ports/port-error.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { createSecureContexts } from '../../src/system/secure-contexts.ts';

describe('secure contexts', () => {
  it('are made once for the same certificates, and anew for others', async () => {
    const [first, second] = [await createAuthority('first'), await createAuthority('second')];
    const contexts = createSecureContexts();
    const made = contexts({ ca: first.ca });
    assert.equal(contexts({ ca: first.ca }), made);
    assert.notEqual(contexts({ ca: second.ca }), made);
    assert.notEqual(contexts({}), made);
    const { cert, key } = await first.issue({ names: ['client'] });
    const client = contexts({ ca: first.ca, cert, key });
    assert.notEqual(client, made);
    assert.equal(contexts({ ca: first.ca, cert, key }), client);
    assert.equal(contexts({ ca: first.ca }), made);
  });

  it('forget what was used longest ago', () => {
    const contexts = createSecureContexts();
    const ca = (number: number): string => `# ${String(number)}`;
    const [kept, forgotten] = [contexts({ ca: ca(0) }), contexts({ ca: ca(1) })];
    for (let number = 2; number <= 256; number += 1) {
      contexts({ ca: ca(0) });
      contexts({ ca: ca(number) });
    }
    assert.equal(contexts({ ca: ca(0) }), kept);
    assert.notEqual(contexts({ ca: ca(1) }), forgotten);
  });

  it('say what cannot be used, without showing it', async () => {
    const authority = await createAuthority('first');
    const { cert } = await authority.issue({ names: ['client'] });
    const other = await authority.issue({ names: ['other'] });
    const contexts = createSecureContexts();
    for (const bad of [
      { cert: 'hunter2', key: other.key },
      { cert, key: 'hunter2' },
      { cert, key: other.key },
    ]) {
      assert.throws(
        () => contexts(bad),
        (error: unknown) => {
          assert.ok(error instanceof PortError);
          assert.equal(error.why, 'Malformed');
          assert.match(error.message, /^the client certificate or its key cannot be used \(ERR_OSSL_\w+\)$/);
          return true;
        },
      );
    }
  });
});
