import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/**
 * The operator as one file in the world's folder: what `make build` ships, or a broken one. Built by a process of its
 * own, so that nothing of the operator is loaded here.
 */
export async function buildOperator(outfile: string, broken: string | undefined): Promise<void> {
  const script = join(ROOT, 'scripts', 'build.ts');
  const args = broken === undefined ? [script] : [script, '--break', broken, '--outfile', outfile];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 120_000 });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`the operator could not be built: ${said}`, { cause: error });
  }
  if (broken === undefined) await copyFile(join(ROOT, 'dist', 'maestro-dr.cjs'), outfile);
}
