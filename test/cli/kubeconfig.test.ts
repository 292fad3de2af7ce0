import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stringify } from 'yaml';
import { CliError, exitCodes } from '../../src/cli/exit-codes.ts';
import { personsAccess, type PersonsAccess } from '../../src/cli/kubeconfig.ts';
import { inTemporaryFolder } from '../build/temporary-folder.ts';

interface Written {
  readonly current?: string;
  /** Of each a cluster `https://NAME.FILE`, a user with the token `NAME of FILE`, and a context. */
  readonly names: readonly string[];
  readonly user?: Readonly<Record<string, string>>;
}

/** Runs `work` with a function that writes a kubeconfig, and gives its path. */
async function inFolder(
  work: (write: (file: string, written: Written | string) => string, folder: string) => Promise<void>,
) {
  await inTemporaryFolder(async (folder) => {
    await work((file, written) => {
      const path = join(folder, file);
      writeFileSync(path, typeof written === 'string' ? written : kubeconfigText(file, written));
      return path;
    }, folder);
  });
}

function kubeconfigText(file: string, { current, names, user = {} }: Written): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    ...(current === undefined ? {} : { 'current-context': current }),
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.${file}` } })),
    users: names.map((name) => ({ name, user: { token: `${name} of ${file}`, ...user } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name, namespace: `${name}-${file}` } })),
  });
}

async function of(...files: readonly string[]): Promise<PersonsAccess> {
  return await personsAccess(undefined, undefined, { KUBECONFIG: files.join(delimiter) });
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  let said = '';
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof CliError, String(error));
    assert.equal(error.exitCode, exitCodes.failed);
    said = error.message;
    return true;
  });
  return said;
}

describe('a person’s kubeconfig', () => {
  it('takes the current context of the first of several files that has one, as kubectl does', async () => {
    await inFolder(async (write) => {
      const none = write('none', { names: ['spare'] });
      const first = write('first', { names: ['production'], current: 'production' });
      const second = write('second', { names: ['staging'], current: 'staging' });
      const { access, context, namespace } = await of(none, first, second);
      assert.equal(access.server, 'https://production.first');
      assert.equal(context, 'production');
      assert.equal(namespace, 'production-first');
    });
  });

  it('takes an entry that several files have from the first of them, and knows the others’ contexts', async () => {
    await inFolder(async (write) => {
      const first = write('first', { names: ['production'], current: 'production' });
      const second = write('second', { names: ['production', 'staging'], current: 'staging' });
      const env = { KUBECONFIG: [first, second, first].join(delimiter) };
      assert.equal((await personsAccess(undefined, undefined, env)).access.token, 'production of first');
      assert.equal((await personsAccess(undefined, 'staging', env)).access.token, 'staging of second');
    });
  });

  it('does without those of several files that are not there', async () => {
    await inFolder(async (write, folder) => {
      const there = write('there', { names: ['production'], current: 'production' });
      assert.equal((await of(join(folder, 'gone'), '', there)).access.server, 'https://production.there');
    });
  });

  it('says where it looked and what to do where there is none at all', async () => {
    await inFolder(async (_write, folder) => {
      const home = await refusal(personsAccess(undefined, undefined, { HOME: folder }));
      assert.match(home, /\$KUBECONFIG is not set, and there is no ~\/\.kube\/config; name one with --kubeconfig/);
      assert.match(await refusal(of(join(folder, 'gone'))), /there is no .*gone; name one with --kubeconfig/);
      assert.match(await refusal(personsAccess(join(folder, 'gone'), undefined, {})), /no such file.*gone/);
    });
  });

  it('names the file that is no YAML, and shows nothing of what is in it', async () => {
    await inFolder(async (write) => {
      const broken = write('broken', 'users:\n- name: ana\n  user:\n    token: s3cr3t\n   client: x\n');
      const said = await refusal(of(broken));
      assert.match(said, /broken: .+\(5:4\)\.$/);
      assert.doesNotMatch(said, /s3cr3t/);
    });
  });

  it('refuses to leave out an impersonation: it would act with other rights than kubectl', async () => {
    await inFolder(async (write) => {
      const sudo = write('sudo', { names: ['production'], current: 'production', user: { as: 'viewer' } });
      assert.match(await refusal(of(sudo)), /impersonation \(as: viewer\) is not supported/);
    });
  });
});
