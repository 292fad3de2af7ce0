import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** The images that the sandbox knows, and the program that each is. Pods of any other become ready after a delay. */
const PROGRAMS: Readonly<Record<string, string>> = Object.freeze({
  'maestro-sandbox/shop': join(ROOT, 'shop', 'server-main.ts'),
  'maestro-sandbox/rebuild': join(ROOT, 'postgresql', 'rebuild-main.ts'),
});

/** @returns the program's path; `image` may carry a tag. */
export function programOf(image: string): string | undefined {
  const name = image.split(':', 1)[0] ?? '';
  return Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
}
