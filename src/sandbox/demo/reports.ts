import { cp, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * While the story is told its reports lie in the world's folder, which goes away with the world however that ends: a
 * folder of their own would stay where the demo is interrupted before it can name it.
 */
export async function reportsWithin(folder: string): Promise<string> {
  const reports = join(folder, 'reports');
  await mkdir(reports, { recursive: true, mode: 0o700 });
  return reports;
}

/** A copy that stays; to be named at once. @returns its folder, undefined where there is nothing to keep. */
export async function bringOut(reports: string, made: (folder: string) => void): Promise<string | undefined> {
  if ((await readdir(reports)).length === 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-reports-'));
  made(folder);
  await cp(reports, folder, { recursive: true });
  return folder;
}
