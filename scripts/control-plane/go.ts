import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class GoFailure extends Error {}

export interface GoOptions {
  readonly cwd: string;
  /** Each line that go writes to stderr: with `-v` one for each package that it compiles. */
  readonly line?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const LAST_LINES = 20;
const MISSING =
  'Go is missing: install it (https://go.dev/dl), 1.25 or later, then run this again. ' +
  'It builds kube-apiserver and etcd, which nothing else brings without a container engine.';

/** @returns what go wrote to stdout. @throws GoFailure with its last words, or a sentence where there is no Go. */
export async function go(args: readonly string[], { cwd, line, signal }: GoOptions): Promise<string> {
  const child = spawn('go', [...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A workspace of whoever calls must not leak into modules that are ours alone. The compiler, which runs once for
    // each package, collects garbage that its end would free: only near the limit, then.
    env: {
      ...process.env,
      GOFLAGS: '-mod=mod',
      GOWORK: 'off',
      CGO_ENABLED: '0',
      GOGC: '800',
      GOMEMLIMIT: '2GiB',
    },
    ...(signal === undefined ? {} : { signal }),
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (text) => {
    last.push(text);
    if (last.length > LAST_LINES) last.shift();
    line?.(text);
  });
  let failed: Error | undefined;
  child.once('error', (error) => {
    failed = 'code' in error && error.code === 'ENOENT' ? new GoFailure(MISSING) : error;
  });
  // Also after an abort: until it has ended, it writes where its caller wants to clean up.
  const code = await new Promise<number>((resolve) => {
    child.once('close', (ended) => {
      resolve(ended ?? 1);
    });
  });
  if (failed !== undefined) throw failed;
  if (code !== 0) throw new GoFailure([`go ${args.join(' ')} ended with ${String(code)}:`, ...last].join('\n'));
  return stdout;
}
