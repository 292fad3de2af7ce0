import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import type { Mutant } from '../../scripts/break.ts';
import { swapExport } from '../../scripts/break.ts';
import { bundle, ROOT } from '../../scripts/build.ts';
import { mutants } from '../mutants/index.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

const folder = relative(ROOT, join(import.meta.dirname, 'fixtures/break'));
const swapOf = (name: string, module = 'gate.ts', mutant = 'mutant.ts'): Mutant => ({
  module: `${folder}/${module}`,
  export: name,
  mutant: `${folder}/${mutant}`,
});

async function output(swap?: Mutant): Promise<string> {
  return inTemporaryFolder(async (out) => {
    const outfile = join(out, 'program.cjs');
    const entry = `${folder}/program.ts`;
    await bundle({ entry, outfile, program: 'toy', ...(swap === undefined ? {} : { swap }) });
    const { stdout, stderr, status } = spawnSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  });
}

describe('scripts/break: one export swapped while bundling', function () {
  this.timeout(120_000);

  it('leaves the program as it is without a swap', async () => {
    assert.equal(await output(), 'false blocked 10 needs right');
  });

  it('swaps a function for importers, re-exports and the calls of its own module, and the mutant sees the original', async () => {
    assert.equal(await output(swapOf('isOpen')), 'true promoted 10 needs right');
  });

  it('swaps a constant and nothing else', async () => {
    assert.equal(await output(swapOf('threshold')), 'false blocked 11 needs right');
  });

  it('gives a constant mutant the original to build on', async () => {
    assert.equal(await output(swapOf('rule')), 'false blocked 10 needs wrong');
  });

  it('fails when the module is gone', async () => {
    await assert.rejects(output(swapOf('isOpen', 'moved.ts')), /moved\.ts does not exist/);
  });

  it('fails when the export is gone, and when it is only re-exported', async () => {
    await assert.rejects(output(swapOf('gone')), /gate\.ts declares no exported function or constant "gone"/);
    await assert.rejects(
      output(swapOf('isOpen', 'again.ts')),
      /again\.ts declares no exported .*"isOpen" \(a re-export/,
    );
  });

  it('fails when the mutant does not export it', async () => {
    await assert.rejects(output(swapOf('promote')), /mutant\.ts declares no exported function or constant "promote"/);
  });

  it('fails when nothing bundled uses the module', async () => {
    await assert.rejects(output(swapOf('idle', 'unused.ts')), /unused\.ts is not in the bundle/);
  });

  it('finds the module, the export and the replacement of every mutant in the table', () => {
    for (const swap of Object.values(mutants)) swapExport(ROOT, swap);
  });
});

describe('scripts/build --break', function () {
  this.timeout(120_000);
  const build = (...args: string[]): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts'), ...args], { encoding: 'utf8', timeout: 60_000 });

  it('names the mutants it knows when asked for another', () => {
    const { status, stderr } = build('--break', 'no-such-mutant', '--outfile', '/nowhere/x.cjs');
    assert.equal(status, 1);
    assert.match(stderr, /There is no mutant "no-such-mutant"; test\/mutants\/index\.ts knows: /);
  });
});
