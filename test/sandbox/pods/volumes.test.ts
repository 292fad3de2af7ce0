import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunnablePod } from '../../../src/sandbox/models/kube-api/index.ts';
import { mountVolumes, type ReadData } from '../../../src/sandbox/pods/volumes.ts';

const container = { name: 'main', image: 'x', command: [], args: [], ports: [] };

function pod(volumes: RunnablePod['spec'], env: Readonly<Record<string, string>>): RunnablePod {
  return {
    cluster: 'east',
    namespace: 'shop',
    name: 'p',
    uid: 'u',
    labels: {},
    annotations: {},
    ip: '',
    job: false,
    containers: [{ ...container, env }],
    spec: {
      containers: [{ name: 'main', volumeMounts: [{ name: 'tls', mountPath: '/etc/tls' }] }],
      volumes: [{ name: 'tls', ...volumes }],
    },
  };
}

const read: ReadData = (kind, namespace, name) =>
  namespace === 'shop' && name === 'there' ? { 'ca.crt': `${kind} data` } : undefined;

describe('sandbox: volumes of pods that are processes', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volumes-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const env = { CA: '/etc/tls/ca.crt', FOLDER: '/etc/tls', OTHER: '/etc/tlsx', TEXT: 'see /etc/tls/ca.crt' };
  for (const [kind, volume] of [
    ['secret', { secret: { secretName: 'there' } }],
    ['configMap', { configMap: { name: 'there' } }],
  ] as const) {
    it(`puts a ${kind} where the environment then points`, () => {
      const mounted = pod(volume, env);
      const [main] = mounted.containers;
      assert.ok(main !== undefined);
      const found = mountVolumes(mounted, main, folder, read);
      assert.equal(found['CA'], join(found['FOLDER'] ?? '', 'ca.crt'));
      assert.ok(found['CA'].startsWith(folder));
      assert.equal(readFileSync(found['CA'], 'utf8'), `${kind} data`);
      assert.equal(statSync(found['CA']).mode & 0o777, 0o600);
      assert.equal(found['OTHER'], '/etc/tlsx', 'another path that only begins alike');
      assert.equal(found['TEXT'], 'see /etc/tls/ca.crt', 'a text that is no path');
    });
  }

  it('says in the kubelet’s words what is not there', () => {
    const mounted = pod({ secret: { secretName: 'gone' } }, env);
    const [main] = mounted.containers;
    assert.ok(main !== undefined);
    assert.throws(
      () => mountVolumes(mounted, main, folder, read),
      /MountVolume.SetUp failed for volume "tls": secret "gone" not found/,
    );
  });
});
