/**
 * Every test that needs Node alone, in processes side by side: nobody waits for another's stories, or for a demo to start.
 * Each part is printed when it has ended, the longer one as it goes; closes with the counts of both.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const MOCHA = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');

/** Of about the same length but for the last named. What counts over several files (the contract matrix) lies in one part as a whole. */
const STORIES = ['test/scenarios/**', 'test/faults/**', 'test/commands/**'];
/** They start programs, and wait for them more than they work. */
const PROGRAMS = ['test/sandbox/demo/**', 'test/build/**'];
const filesIn = (folders: readonly string[]): readonly string[] => folders.map((folder) => `${folder}/*.test.ts`);
const PARTS = [
  ['stories', filesIn(STORIES)],
  ['everything else', ['test/**/*.test.ts', ...[...STORIES, ...PROGRAMS].flatMap((folder) => ['--ignore', folder])]],
  ['programs', filesIn(PROGRAMS)],
] as const;

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Part {
  readonly name: string;
  readonly status: number;
  readonly text: string;
}

let shown = 0;

function showDots(count: number): void {
  for (let more = count; more > 0; more -= 1) {
    shown += 1;
    process.stdout.write(shown % 100 === 0 ? '.\n' : '.');
  }
}

/** Dots are shown as they come; the rest of a part's lines when it has ended, so that the two do not mix. */
function run(name: string, args: readonly string[]): Promise<Part> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MOCHA, ...args], { cwd: ROOT, stdio: ['inherit', 'pipe', 'pipe'] });
    const texts: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        texts.push(text);
        if (/^\.+\n?$/.test(text)) showDots(text.trim().length);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const ended = signal === null ? '' : `\n${name} was ended by ${signal}.\n`;
      resolve({ name, status: code ?? 1, text: `${texts.join('').replaceAll(/^\.+$\n?/gm, '')}${ended}` });
    });
  });
}

function countsOf({ text }: Part): Counts | undefined {
  const last = [...text.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (last === undefined) return undefined;
  const [, passed, failed, skipped] = last;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

const begun = performance.now();
const parts = await Promise.all(
  PARTS.map(async ([name, args]) => {
    const part = await run(name, args);
    process.stdout.write(`\n\n== ${name}\n${part.text.trim()}\n\n`);
    return part;
  }),
);
const counts = parts.map(countsOf);
const sum = (of: keyof Counts): number => counts.reduce((total, one) => total + (one?.[of] ?? 0), 0);
const untold = parts.filter((_, index) => counts[index] === undefined);
for (const { name, status } of untold) console.error(`${name} ended with ${String(status)} before its counts.`);
console.log(`all parts in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
console.log(`${String(sum('passed'))} passed, ${String(sum('failed'))} failed, ${String(sum('skipped'))} skipped`);
process.exitCode = parts.every(({ status }) => status === 0) && untold.length === 0 ? 0 : 1;
