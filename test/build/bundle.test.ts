import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { bundle, nodeCheck } from '../../scripts/build.ts';
import { bundleFaults } from '../../scripts/check-bundle.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

/** The exit code and words of the check that heads each bundle, under a Node of the given version. */
function startUnder(version: string): { readonly code: number | undefined; readonly said: string } {
  const result: { code: number | undefined; said: string } = { code: undefined, said: '' };
  runInNewContext(nodeCheck('maestro-dr'), {
    process: {
      version: `v${version}`,
      versions: { node: version },
      execPath: '/usr/bin/node',
      exit: (code: number) => {
        result.code = code;
      },
    },
    console: {
      error: (text: string) => {
        result.said += text;
      },
    },
  });
  return result;
}

describe('the bundle', function () {
  this.timeout(240_000);
  const programs = [
    { entry: 'src/main.ts', program: 'maestro-dr' },
    { entry: 'src/cli/kubectl-drplan.ts', program: 'kubectl-drplan' },
  ];

  for (const { entry, program } of programs) {
    it(`of ${program} holds nothing of sandbox, tests and scripts, and starts from an empty folder`, async () => {
      await inTemporaryFolder(async (folder) => {
        const outfile = join(folder, 'bin', `${program}.cjs`);
        const empty = join(folder, 'empty');
        mkdirSync(empty);
        assert.deepEqual(bundleFaults(await bundle({ entry, outfile, program })), []);
        const { status, stdout, stderr } = spawnSync(process.execPath, [outfile, '--version'], {
          cwd: empty,
          encoding: 'utf8',
          timeout: 120_000,
          env: { PATH: '/nowhere' },
        });
        assert.equal(status, 0, stderr);
        assert.match(stdout, /\d+\.\d+\.\d+/);
      });
    });
  }

  it('holds client-node’s KubeConfig, and none of its classes for the kinds of Kubernetes', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const { entry, program } of programs) {
        const outfile = join(folder, `${program}.cjs`);
        const { outputs } = await bundle({ entry, outfile, program });
        const kept = Object.values(outputs)
          .flatMap(({ inputs }) => Object.entries(inputs))
          .filter(([path, { bytesInOutput }]) => path.includes('@kubernetes/client-node/') && bytesInOutput > 0);
        const paths = kept.map(([path]) => path.replace(/^.*client-node\//, ''));
        assert.ok(paths.includes('dist/config.js'), `${program} has no KubeConfig`);
        assert.deepEqual(
          paths.filter((path) => /^dist\/gen\/(models|apis|types)\//.test(path)),
          [],
        );
        const bytes = kept.reduce((total, [, { bytesInOutput }]) => total + bytesInOutput, 0);
        assert.ok(bytes < 100_000, `${program} holds ${String(bytes)} bytes of it`);
      }
    });
  });

  it('says which Node it needs below 24, and starts from 24 on', () => {
    assert.deepEqual(startUnder('20.20.2'), {
      code: 1,
      said: 'maestro-dr needs Node.js 24 or later, but this is v20.20.2 (/usr/bin/node).',
    });
    assert.equal(startUnder('22.1.0').code, 1);
    assert.deepEqual(startUnder('24.0.0'), { code: undefined, said: '' });
    assert.deepEqual(startUnder('100.1.0'), { code: undefined, said: '' });
  });

  it('is refused when the sandbox, a test or a missing package is in it', () => {
    const input = (...paths: string[]): { bytes: number; imports: { path: string; kind: 'import-statement' }[] } => ({
      bytes: 1,
      imports: paths.map((path) => ({ path, kind: 'import-statement' })),
    });
    const faults = bundleFaults({
      inputs: {
        'src/main.ts': input('src/view/page.ts'),
        'src/view/page.ts': input('src/sandbox/world.ts'),
        'src/sandbox/world.ts': input(),
        'test/mutants/fence.ts': input(),
      },
      outputs: {
        'dist/maestro-dr.cjs': {
          bytes: 1,
          inputs: {},
          exports: [],
          imports: [
            { path: 'node:fs', kind: 'require-call', external: true },
            { path: 'fs', kind: 'require-call', external: true },
            { path: 'pg-native', kind: 'require-call', external: true },
            { path: 'left-pad', kind: 'require-call', external: true },
          ],
        },
      },
    });
    assert.deepEqual(faults, [
      'src/sandbox/world.ts is in the bundle, imported by src/view/page.ts.',
      'test/mutants/fence.ts is in the bundle, imported by the entry point.',
      '"left-pad" is not in the bundle, which must run from an empty folder.',
    ]);
  });
});
