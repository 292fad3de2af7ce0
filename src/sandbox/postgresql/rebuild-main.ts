import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { endWithParent } from '../shop/end-with-parent.ts';
import { findInstallation } from './installation.ts';
import { readRebuildRequest } from './rebuild-request.ts';
import { rebuild } from './rebuild.ts';

/**
 * The image `maestro-sandbox/rebuild`. One JSON line for each step; the last one, which goes to
 * `MAESTRO_TERMINATION_MESSAGE` (a path) as well, says where the diverged data are. Exit 0: the standby has started.
 */
async function main(): Promise<void> {
  endWithParent();
  const say = (entry: Readonly<Record<string, unknown>>): string => {
    const line = JSON.stringify({ time: new Date().toISOString(), ...entry });
    process.stdout.write(`${line}\n`);
    return line;
  };
  let last: string;
  try {
    const request = await readRebuildRequest(process.env);
    const installation = await findInstallation(dirname(request.folder));
    const result = await rebuild(request, installation, (message) => void say({ message }));
    last = say({ message: 'the standby has started', epoch: request.epoch, ...result });
  } catch (error) {
    last = say({ message: error instanceof Error ? error.message : String(error), failed: true });
    process.exitCode = 1;
  }
  const path = process.env['MAESTRO_TERMINATION_MESSAGE'];
  if (path !== undefined) await writeFile(path, last);
}

void main();
