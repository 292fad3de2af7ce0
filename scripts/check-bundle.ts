import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const OUTSIDERS = /^(src\/sandbox|test|scripts)\//;
/** Asked for inside a `try` by the package that can do without it. */
const OPTIONAL = ['pg-native', 'bufferutil', 'utf-8-validate'];

/** What must not ship, one sentence each: sources of the sandbox or the tests, and packages left to be found at run time. */
export function bundleFaults({ inputs, outputs }: Metafile): readonly string[] {
  const importerOf = (path: string): string =>
    Object.entries(inputs).find(([, { imports }]) => imports.some((imported) => imported.path === path))?.[0] ??
    'the entry point';
  const outsiders = Object.keys(inputs)
    .filter((path) => OUTSIDERS.test(path))
    .map((path) => `${path} is in the bundle, imported by ${importerOf(path)}.`);
  const missing = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path) && !OPTIONAL.includes(path))
    .map(({ path }) => `"${path}" is not in the bundle, which must run from an empty folder.`);
  return [...outsiders, ...new Set(missing)];
}

function main(): void {
  const dist = join(import.meta.dirname, '../dist');
  const metafiles = readdirSync(dist).filter((name) => name.endsWith('meta.json'));
  const faults = metafiles.flatMap((name) =>
    bundleFaults(JSON.parse(readFileSync(join(dist, name), 'utf8')) as Metafile),
  );
  for (const fault of faults) console.error(fault);
  if (metafiles.length === 0) console.error('dist holds no meta.json: run make build first.');
  process.exitCode = faults.length > 0 || metafiles.length === 0 ? 1 : 0;
}

if (import.meta.main) main();
