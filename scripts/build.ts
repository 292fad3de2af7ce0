import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { Metafile } from 'esbuild';
import { swapExport } from './break.ts';
import type { Mutant } from './break.ts';
import { bundleFaults } from './check-bundle.ts';
import { shakeClientNode, shakeUndici } from './shake.ts';

export const ROOT = join(import.meta.dirname, '..');

/** Before anything else of the bundle: a bundle for Node 24 fails below it in ways that name nothing. */
export function nodeCheck(program: string): string {
  return [
    '"use strict";',
    'if (Number(process.versions.node.split(".")[0]) < 24) {',
    `  console.error(${JSON.stringify(`${program} needs Node.js 24 or later, but this is `)} + process.version + " (" + process.execPath + ").");`,
    '  process.exit(1);',
    '}',
  ].join('\n');
}

/**
 * @field entry the source file, relative to `root`.
 * @field format `cjs` ships; `esm` is for a test that imports a mutated operator.
 * @field command whether people start it by its name: kubectl finds a plugin by its executable file.
 */
export interface Bundle {
  readonly root?: string;
  readonly entry: string;
  readonly outfile: string;
  readonly program: string;
  readonly format?: 'cjs' | 'esm';
  readonly swap?: Mutant;
  readonly command?: boolean;
}

/** One file that runs from an empty folder, with its source map beside it. @throws Error with esbuild's messages. */
export async function bundle({
  root = ROOT,
  entry,
  outfile,
  program,
  format = 'cjs',
  swap,
  command = false,
}: Bundle): Promise<Metafile> {
  if (!existsSync(resolve(root, entry))) throw new Error(`${entry} does not exist, so ${program} cannot be built.`);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: resolve(root, outfile),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format,
    sourcemap: 'external',
    metafile: true,
    // Only what runs: the source is a string of the process, and one character outside ASCII in a comment doubles it.
    minifyWhitespace: true,
    legalComments: 'eof',
    external: ['pg-native'],
    banner: format === 'cjs' ? { js: `${command ? '#!/usr/bin/env node\n' : ''}${nodeCheck(program)}` } : {},
    plugins: [shakeClientNode, shakeUndici, ...(swap === undefined ? [] : [swapExport(root, swap)])],
    logLevel: 'silent',
    // A CommonJS file has no import.meta, and an import that is not exported would be undefined at run time.
    logOverride: { 'empty-import-meta': 'error', 'import-is-undefined': 'error' },
  });
  if (command) chmodSync(resolve(root, outfile), 0o755);
  return metafile;
}

const PROGRAMS = [
  { entry: 'src/main.ts', program: 'maestro-dr', meta: 'meta.json', command: false },
  { entry: 'src/cli/kubectl-drplan.ts', program: 'kubectl-drplan', meta: 'kubectl-drplan.meta.json', command: true },
] as const;

async function ship(): Promise<void> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  for (const { entry, program, meta, command } of PROGRAMS) {
    const outfile = `dist/${program}.cjs`;
    const metafile = await bundle({ entry, outfile, program, command });
    writeFileSync(join(ROOT, 'dist', meta), JSON.stringify(metafile));
    const faults = bundleFaults(metafile);
    if (faults.length > 0) throw new Error(faults.join('\n'));
    const bytes = metafile.outputs[outfile]?.bytes ?? 0;
    console.log(`${outfile} ${(bytes / 1e6).toFixed(1)} MB`);
  }
}

async function shipBroken(name: string, outfile: string | undefined): Promise<void> {
  const { mutants } = await import('../test/mutants/index.ts');
  const swap = mutants[name];
  if (swap === undefined) {
    throw new Error(
      `There is no mutant "${name}"; test/mutants/index.ts knows: ${Object.keys(mutants).join(', ') || 'none'}.`,
    );
  }
  if (outfile === undefined) {
    throw new Error('--break needs --outfile, so that no broken program lies where the shipped one belongs.');
  }
  if (resolve(outfile).startsWith(join(ROOT, 'dist'))) {
    throw new Error('--outfile lies in dist, where only the shipped program belongs.');
  }
  mkdirSync(dirname(resolve(outfile)), { recursive: true });
  await bundle({ entry: 'src/main.ts', outfile: resolve(outfile), program: 'maestro-dr', swap });
  console.log(`${outfile}: ${swap.module}#${swap.export} swapped for ${swap.mutant}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { break: { type: 'string' }, outfile: { type: 'string' } } });
  if (values.break === undefined) await ship();
  else await shipBroken(values.break, values.outfile);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
