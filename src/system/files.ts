import { readFile } from 'node:fs/promises';
import type { Files } from '../ports/files.ts';
import { PortError } from '../ports/port-error.ts';

export function createFiles(): Files {
  return {
    read: async (path) => {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
        throw new PortError('Unreachable', `cannot read ${path}: ${code}`);
      }
    },
  };
}
