import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ShellAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One bash into which a person pastes block after block: its variables stay from one to the next. */
export interface PersonShell {
  paste(block: string): Promise<ShellAnswer>;
  close(): Promise<void>;
}

export async function openShell(env: Readonly<Record<string, string>>): Promise<PersonShell> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-shell-'));
  const child = spawn('bash', ['--noprofile', '--norc'], { stdio: 'pipe', env: { ...env } });
  const out = collected(child, 'stdout');
  const err = collected(child, 'stderr');
  let count = 0;
  return {
    async paste(block) {
      count += 1;
      const file = join(folder, `${String(count)}.sh`);
      const end = `--- end of block ${String(count)} `;
      await writeFile(file, `${block}\n`);
      // A file, and nothing on stdin: what a command reads there must not be the next block.
      child.stdin.write(`. ${file} < /dev/null; CODE=$?; echo; echo "${end}$CODE"; echo "${end}" >&2\n`);
      const [said, wrong] = await Promise.all([out.until(end), err.until(end)]);
      const code = Number(said.rest.trim());
      return { code, out: said.before.trimEnd(), err: wrong.before.trimEnd() };
    },
    async close() {
      const ended = once(child, 'close');
      child.stdin.end();
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Collected {
  /** What came before the mark, and the rest of its line. */
  until(mark: string): Promise<{ readonly before: string; readonly rest: string }>;
}

function collected(child: ChildProcess, name: 'stdout' | 'stderr'): Collected {
  let text = '';
  let wake: (() => void) | undefined;
  let ended = false;
  child[name]?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    wake?.();
  });
  child.once('close', () => {
    ended = true;
    wake?.();
  });
  return {
    async until(mark) {
      for (;;) {
        const at = text.indexOf(mark);
        const line = at < 0 ? -1 : text.indexOf('\n', at);
        if (line >= 0) {
          const found = { before: text.slice(0, at), rest: text.slice(at + mark.length, line) };
          text = text.slice(line + 1);
          return found;
        }
        if (ended) throw new Error(`the shell ended: ${text}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
