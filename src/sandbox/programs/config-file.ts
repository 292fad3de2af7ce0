import { readFileSync } from 'node:fs';

/** What a program of the sandbox is told: its only argument is the path of a JSON file that the world wrote for it. */
export function readConfigFile(argv: readonly string[]): unknown {
  const [path] = argv;
  if (path === undefined) throw new Error('The path of the configuration file is missing.');
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return value;
}

/** The first line on stdout of a program that is ready for others. */
export function sayReady(what: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ ready: what })}\n`);
}

/** Ends with a sentence. 3: an address was taken, so that whoever chose it may choose another. */
export function failWith(name: string): (error: unknown) => void {
  return (error) => {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(taken ? 3 : 1);
  };
}
