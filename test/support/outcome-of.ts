import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a program said, and how it ended. Rejects where it could not be started. */
export async function outcomeOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Outcome> {
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, out, err };
}
