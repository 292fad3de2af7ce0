import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { swapExport, type Mutant } from '../../scripts/break.ts';
import { ROOT } from '../../scripts/build.ts';
import type { StartOperator } from './generate.ts';

/**
 * The program with one function swapped, to be run on simulated ports: the ports' modules stay this process's own, for
 * the errors that ports throw are told apart by their classes.
 */
export async function mutatedOperator(swap: Mutant, folder: string, name: string): Promise<StartOperator> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/operator.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // For the CommonJS packages inside (prom-client): their require of Node's own modules.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    logLevel: 'silent',
    plugins: [
      {
        name: 'ports are shared',
        setup(building) {
          building.onResolve({ filter: /\/ports\/[a-z-]+\.ts$/ }, ({ path, resolveDir }) => ({
            path: pathToFileURL(join(resolveDir, path)).href,
            external: true,
          }));
        },
      },
      swapExport(ROOT, swap),
    ],
  });
  const { startOperator } = (await import(pathToFileURL(outfile).href)) as { readonly startOperator: StartOperator };
  return startOperator;
}
