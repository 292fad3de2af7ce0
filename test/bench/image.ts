import { readFileSync } from 'node:fs';
import { parseDockerfile } from '../tools/dockerfile.ts';

/** How the image starts the bundle: Node's flags and what is in the environment. The bench starts it the same way. */
export interface ImageStart {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error where the Dockerfile's last stage has no CMD of words. */
export function imageStart(): ImageStart {
  const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const instructions = parseDockerfile(text).at(-1)?.instructions ?? [];
  const of = (name: string): readonly string[] =>
    instructions.filter((one) => one.name === name).map(({ rest }) => rest);
  const words: unknown = JSON.parse(of('CMD')[0] ?? 'null');
  if (!Array.isArray(words)) throw new Error('the Dockerfile has no CMD of words');
  const env = of('ENV').flatMap((rest) => rest.split(/\s+/).map((pair): [string, string] => splitPair(pair)));
  return { flags: words.slice(0, -1).map(String), env: Object.fromEntries(env) };
}

function splitPair(pair: string): [string, string] {
  const mark = pair.indexOf('=');
  return [pair.slice(0, mark), pair.slice(mark + 1)];
}
