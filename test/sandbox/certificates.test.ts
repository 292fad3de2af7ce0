import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import type { Certificate } from '../../src/sandbox/certificates.ts';

describe('Certificates of the sandbox', () => {
  /** A real handshake: what a client makes of it is all that counts. */
  const handshake = async (
    server: Certificate,
    client: { readonly ca: string; readonly servername: string },
  ): Promise<string> => {
    const listener = createServer({ ...server, minVersion: 'TLSv1.3' }, (socket) => socket.end('hello'));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    assert.ok(address !== null && typeof address === 'object');
    listener.on('tlsClientError', () => {
      // The client's verdict is what is asserted.
    });
    try {
      return await new Promise<string>((resolve) => {
        const options = client.servername === '' ? {} : { servername: client.servername };
        const socket = connect({ host: '127.0.0.1', port: address.port, ca: client.ca, ...options }, () => {
          resolve('accepted');
        });
        socket.on('error', (error: Error) => {
          resolve('code' in error ? String(error.code) : error.message);
        });
        socket.resume();
      });
    } finally {
      listener.close();
    }
  };

  it('are accepted for each of their names and addresses, and for no other', async () => {
    const authority = await createAuthority('Maestro DR sandbox');
    const certificate = await authority.issue({ names: ['localhost', 'pg.example.com', '127.0.0.1'] });
    const { ca } = authority;
    assert.equal(await handshake(certificate, { ca, servername: 'localhost' }), 'accepted');
    assert.equal(await handshake(certificate, { ca, servername: 'pg.example.com' }), 'accepted');
    assert.equal(await handshake(certificate, { ca, servername: '' }), 'accepted', 'by its address');
    assert.equal(await handshake(certificate, { ca, servername: 'other.example.com' }), 'ERR_TLS_CERT_ALTNAME_INVALID');
    const elsewhere = await authority.issue({ names: ['localhost', '127.0.0.2'] });
    assert.equal(await handshake(elsewhere, { ca, servername: '' }), 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('are refused by who trusts another authority, of the same name too', async () => {
    const [one, other] = [await createAuthority('same'), await createAuthority('same')];
    const certificate = await one.issue({ names: ['localhost'] });
    assert.notEqual(await handshake(certificate, { ca: other.ca, servername: 'localhost' }), 'accepted');
  });

  it('say what they are in the fields that clients read', async () => {
    const authority = await createAuthority('Maestro DR sandbox');
    const { cert, key } = await authority.issue({
      names: ['maestro', 'a.example.com', '10.0.0.1'],
      client: true,
      organizations: ['system:masters'],
    });
    const [ca, leaf] = [new X509Certificate(authority.ca), new X509Certificate(cert)];
    assert.equal(ca.ca, true);
    assert.equal(leaf.ca, false);
    assert.equal(leaf.subject, 'O=system:masters\nCN=maestro');
    assert.equal(leaf.subjectAltName, 'DNS:maestro, DNS:a.example.com, IP Address:10.0.0.1');
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    assert.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(key)));
    assert.ok(Date.parse(leaf.validFrom) < Date.now() && Date.parse(leaf.validTo) > Date.now() + 86_400_000);
    assert.notEqual(
      leaf.serialNumber,
      new X509Certificate((await authority.issue({ names: ['x'] })).cert).serialNumber,
    );
  });

  it('need a name, and know IPv4 only', async () => {
    const authority = await createAuthority('Maestro DR sandbox');
    await assert.rejects(authority.issue({ names: [] }), /at least one name/);
    await assert.rejects(authority.issue({ names: ['::1'] }), /IPv4/);
  });
});
