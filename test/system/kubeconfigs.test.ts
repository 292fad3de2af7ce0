import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PortError } from '../../src/ports/port-error.ts';
import { createKubeconfigs } from '../../src/system/kubeconfigs.ts';

const pem = (what: string): string => `-----BEGIN ${what}-----\nMIIB\n-----END ${what}-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Fields = Readonly<Record<string, unknown>>;

const cluster: Fields = {
  server: 'https://east.example:6443',
  'certificate-authority-data': base64(pem('CERTIFICATE')),
};
const user: Fields = { token: 'hunter2' };

function kubeconfig(parts: { cluster?: Fields; user?: Fields; more?: Fields } = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'east',
    contexts: [{ name: 'east', context: { cluster: 'c', user: 'u', namespace: 'payments' } }],
    clusters: [{ name: 'c', cluster: { ...cluster, ...parts.cluster } }],
    users: [{ name: 'u', user: { ...user, ...parts.user } }],
    ...parts.more,
  });
}

function refusal(text: string): string {
  try {
    createKubeconfigs().parse(text);
  } catch (error) {
    assert.ok(error instanceof PortError, String(error));
    assert.equal(error.why, 'Malformed');
    assert.doesNotMatch(error.message, /hunter/);
    return error.message;
  }
  return 'accepted';
}

describe('kubeconfigs', () => {
  it('reads server, CA and token of the current context', () => {
    assert.deepEqual(createKubeconfigs().parse(kubeconfig()), {
      server: 'https://east.example:6443',
      tls: { ca: pem('CERTIFICATE') },
      token: 'hunter2',
    });
  });

  it('reads a client certificate, a TLS server name and a path', () => {
    const text = kubeconfig({
      cluster: { server: 'https://rancher.example/k8s/c-1/', 'tls-server-name': 'kubernetes' },
      user: {
        token: undefined,
        'client-certificate-data': base64(pem('CERTIFICATE')),
        'client-key-data': base64(pem('PRIVATE KEY')),
      },
    });
    assert.deepEqual(createKubeconfigs().parse(text), {
      server: 'https://rancher.example/k8s/c-1',
      tls: { ca: pem('CERTIFICATE'), cert: pem('CERTIFICATE'), key: pem('PRIVATE KEY'), serverName: 'kubernetes' },
    });
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'exec',
      kubeconfig({ user: { exec: { command: 'sh', args: ['-c', 'hunter'] } } }),
      /user\.exec would run a program/,
    ],
    [
      'auth-provider',
      kubeconfig({ user: { 'auth-provider': { name: 'gcp' } } }),
      /user\.auth-provider is not supported/,
    ],
    ['tokenFile', kubeconfig({ user: { tokenFile: '/hunter' } }), /user\.tokenFile names a file/],
    ['token-file', kubeconfig({ user: { 'token-file': '/hunter' } }), /user\.token-file names a file/],
    [
      'client-certificate',
      kubeconfig({ user: { 'client-certificate': '/c' } }),
      /user\.client-certificate names a file/,
    ],
    ['client-key', kubeconfig({ user: { 'client-key': '/k' } }), /user\.client-key names a file/],
    ['basic auth', kubeconfig({ user: { username: 'a', password: 'hunter2' } }), /user\.username is basic auth/],
    ['impersonation', kubeconfig({ user: { as: 'admin' } }), /user\.as asks for impersonation/],
    [
      'a CA file',
      kubeconfig({ cluster: { 'certificate-authority': '/ca' } }),
      /cluster\.certificate-authority names a file/,
    ],
    [
      'no TLS verification',
      kubeconfig({ cluster: { 'insecure-skip-tls-verify': true } }),
      /insecure-skip-tls-verify would trust/,
    ],
    [
      'no TLS verification, as text',
      kubeconfig({ cluster: { 'insecure-skip-tls-verify': 'true' } }),
      /insecure-skip-tls-verify/,
    ],
    ['a proxy', kubeconfig({ cluster: { 'proxy-url': 'http://p' } }), /cluster\.proxy-url is not supported/],
    ['http', kubeconfig({ cluster: { server: 'http://east:8080' } }), /cluster\.server must begin with https/],
    ['credentials in the URL', kubeconfig({ cluster: { server: 'https://a:hunter2@east' } }), /without credentials/],
    ['no server', kubeconfig({ cluster: { server: 'east' } }), /cluster\.server is not a URL/],
    ['a server that is no text', kubeconfig({ cluster: { server: 7 } }), /cluster\.server must be a string/],
    ['half a client certificate', kubeconfig({ user: { 'client-key-data': base64(pem('PRIVATE KEY')) } }), /together/],
    ['no credentials', kubeconfig({ user: { token: undefined } }), /user has no credentials/],
    ['a CA that is not PEM', kubeconfig({ cluster: { 'certificate-authority-data': 'hunter' } }), /not base64 of PEM/],
    ['no current context', kubeconfig({ more: { 'current-context': undefined } }), /current-context is not set/],
    [
      'a context that is missing',
      kubeconfig({ more: { 'current-context': 'west' } }),
      /"west", which is not among contexts/,
    ],
    ['a user that is missing', kubeconfig({ more: { users: [] } }), /context\.user names "u"/],
    ['bad YAML', 'token: "hunter2\n  : [', /not valid YAML/],
    ['no mapping', 'hunter2', /not a YAML mapping/],
    ['nothing', '', /not a YAML mapping/],
  ];
  for (const [name, text, sentence] of refused) {
    it(`refuses ${name} and says what to do`, () => assert.match(refusal(text), sentence));
  }

  it('reads no file, not even one that a user of another context names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfigs-'));
    try {
      const path = join(folder, 'token');
      await writeFile(path, 'hunter3');
      const users = [
        { name: 'other', user: { 'token-file': join(folder, 'missing') } },
        { name: 'u', user },
      ];
      const found = createKubeconfigs().parse(kubeconfig({ more: { users } }));
      assert.equal(found.token, 'hunter2');
      assert.match(refusal(kubeconfig({ user: { token: undefined, 'token-file': path } })), /names a file/);
      assert.equal(await readFile(path, 'utf8'), 'hunter3');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
