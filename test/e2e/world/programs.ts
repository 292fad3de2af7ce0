import { existsSync } from 'node:fs';
import { cacheFolder, programPaths, type ControlPlane } from '../../../scripts/control-plane/programs.ts';

/** The control plane that `make e2e` has built before. @throws Error that says so where it has not. */
export function builtControlPlane(): ControlPlane {
  const programs = programPaths(cacheFolder(process.env));
  const missing = Object.values(programs).filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} not built yet: run make e2e.`);
  return programs;
}
