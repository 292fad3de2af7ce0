import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { go, type GoOptions } from './go.ts';
import type { GoModule } from './programs.ts';

const STAGED = /^\s*(?:replace\s+)?(\S+) => \.\/staging\/src\/\S+$/gm;

/** Makes `cwd` a module that needs this one and nothing else. */
export async function createModule(module: GoModule, options: GoOptions): Promise<void> {
  const { path, version, staged } = module;
  const own = staged === undefined ? '' : await readFile(await goModOf(module, options), 'utf8');
  const replaced = [...own.matchAll(STAGED)].map(([, name]) => name ?? '');
  if (staged !== undefined && replaced.length === 0) {
    throw new Error(`the go.mod of ${path} ${version} replaces nothing by ./staging: its layout has changed`);
  }
  const lines = [
    'module control-plane',
    'go 1.25.0',
    `require ${path} ${version}`,
    ...replaced.map((name) => `replace ${name} => ${name} ${staged ?? ''}`),
  ];
  await writeFile(join(options.cwd, 'go.mod'), `${lines.join('\n')}\n`);
}

async function goModOf({ path, version }: GoModule, options: GoOptions): Promise<string> {
  const answer: unknown = JSON.parse(await go(['mod', 'download', '-json', `${path}@${version}`], options));
  if (typeof answer === 'object' && answer !== null && 'GoMod' in answer && typeof answer.GoMod === 'string') {
    return answer.GoMod;
  }
  throw new Error(`go mod download said nothing of the go.mod of ${path} ${version}`);
}
