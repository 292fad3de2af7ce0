import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { bundle, ROOT } from '../../scripts/build.ts';
import { krewFiles } from '../../scripts/krew.ts';
import { kubectl } from '../support/kubectl.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

describe('the plugin', function () {
  this.timeout(240_000);

  it('is found by kubectl under its name on the PATH', async () => {
    await inTemporaryFolder(async (folder) => {
      const outfile = join(folder, 'kubectl-drplan');
      await bundle({ entry: 'src/cli/kubectl-drplan.ts', outfile, program: 'kubectl-drplan', command: true });
      const path = `${folder}:${join(process.execPath, '..')}:/usr/bin:/bin`;
      const env = { PATH: path, HOME: folder, KUBECONFIG: join(folder, 'none') };
      const run = (argv: readonly string[]) => spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8', env });
      const found = run([await kubectl(), 'drplan', '--version']);
      assert.equal(found.stdout, '0.1.0\n', found.stderr);
      const example = join(ROOT, 'docs/examples/checkout.yaml');
      const printed = run([await kubectl(), 'drplan', 'runbook', 'checkout', '-f', example, '--to', 'us-west-2']);
      assert.equal(printed.status, 0, printed.stderr);
      assert.ok(printed.stdout.endsWith('*   **Database Team**\n'), 'a pipe gets all of it');
      const refused = run([await kubectl(), 'drplan', 'status', 'checkout']);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /^The kubeconfig cannot be used: /);
    });
  });

  it('is packed for krew: an executable file and the licence, and a manifest with their hash', async () => {
    const { archive, manifest } = krewFiles(
      new TextEncoder().encode('#!/bin/sh\necho here\n'),
      'licence',
      'https://example.com/drplan.zip',
    );
    const { spec } = parse(manifest) as { readonly spec: { readonly platforms: readonly Record<string, unknown>[] } };
    assert.equal(spec.platforms.length, 4);
    for (const platform of spec.platforms) {
      assert.equal(platform['sha256'], createHash('sha256').update(archive).digest('hex'));
      assert.equal(platform['bin'], 'kubectl-drplan');
    }
    assert.deepEqual(Object.keys(unzipSync(archive)), ['kubectl-drplan', 'LICENSE']);
    const again = krewFiles(
      new TextEncoder().encode('#!/bin/sh\necho here\n'),
      'licence',
      'https://example.com/drplan.zip',
    );
    assert.deepEqual(again.archive, archive, 'equal inputs, equal bytes');
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, 'kubectl-drplan');
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, unzipSync(archive)['kubectl-drplan'] ?? '');
      chmodSync(file, 0o755);
      assert.equal(spawnSync(file, { encoding: 'utf8' }).stdout, 'here\n');
    });
  });

  it('is the bin of the package, which is built before it is packed and holds nothing else', async () => {
    const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
    const { bin, scripts } = JSON.parse(text) as { readonly bin: unknown; readonly scripts: Record<string, string> };
    assert.deepEqual(bin, { 'kubectl-drplan': 'dist/kubectl-drplan.cjs' });
    assert.equal(scripts['prepack'], scripts['build']);
    await inTemporaryFolder(async (folder) => {
      // As the repository lies there after a build, in little.
      const beside = [
        'dist/kubectl-drplan.cjs.map',
        'dist/maestro-dr.cjs',
        'src/main.ts',
        'crds/plan.yaml',
        'Makefile',
      ];
      for (const file of ['dist/kubectl-drplan.cjs', 'LICENSE', 'README.md', ...beside]) {
        mkdirSync(join(folder, file, '..'), { recursive: true });
        writeFileSync(join(folder, file), 'content\n');
      }
      writeFileSync(join(folder, 'package.json'), text);
      const argv = ['pack', '--dry-run', '--json', '--ignore-scripts'];
      const packed = spawnSync('npm', argv, { cwd: folder, encoding: 'utf8' });
      assert.equal(packed.status, 0, packed.stderr);
      const [tarball] = JSON.parse(packed.stdout) as readonly {
        readonly files: readonly { readonly path: string }[];
      }[];
      assert.deepEqual(tarball?.files.map(({ path }) => path).sort(), [
        'LICENSE',
        'README.md',
        'dist/kubectl-drplan.cjs',
        'package.json',
      ]);
    });
  });
});
