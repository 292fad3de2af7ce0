import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { createKubeClient } from '../kube/client.ts';
import { createLimiter } from '../kube/limiter.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';
import { createClock } from '../system/clock.ts';
import { createFiles } from '../system/files.ts';
import { createHttp } from '../system/http.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { personsAccess } from './kubeconfig.ts';
import { renewedAccess } from './renewed-access.ts';

/** The person's own terminal, machine and network. */
export function createTerminalHost(): Host {
  const clock = createClock();
  const ports = { clock, http: createHttp(), files: createFiles() };
  const { stdin, stdout, stderr, env } = process;
  const terminal = stdout.isTTY;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    terminal,
    // https://no-color.org
    colour: terminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    interactive: stdin.isTTY && stderr.isTTY,
    ask: (question) => askOn(stdin, stderr, question),
    now: () => clock.wall(),
    sleep: (ms) => clock.sleep(ms),
    user: userName(),
    readFile: async (path) => {
      try {
        return path === '-' ? await readAll(stdin) : await readFile(path, 'utf8');
      } catch (error) {
        throw new CliError(
          exitCodes.failed,
          `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    },
    connect: async ({ kubeconfig, context }) => {
      const first = await personsAccess(kubeconfig, context, env);
      const load = async (): Promise<ClusterAccess> => (await personsAccess(kubeconfig, first.context, env)).access;
      const { access, http } = renewedAccess(ports, first.access, load);
      const limiter = createLimiter(clock, { ratePerSecond: 20, burst: 40, maxInFlight: 8 });
      const client = createKubeClient({ ports: { ...ports, http }, access, cluster: 'management', limiter });
      return { client, namespace: first.namespace };
    },
  };
}

/** What was typed; nothing where it ended with Ctrl-C, Ctrl-D or the terminal itself, which are no answer either. */
export async function askOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  question: string,
): Promise<string> {
  const lines = createInterface({ input, output });
  try {
    return await new Promise((resolve) => {
      const ended = (): void => {
        output.write('\n');
        resolve('');
      };
      // A question is left open for ever where its input merely ends.
      lines.once('close', ended);
      lines.question(question).then((typed) => {
        lines.off('close', ended);
        resolve(typed);
      }, ended);
    });
  } finally {
    lines.close();
  }
}

async function readAll(input: NodeJS.ReadStream): Promise<string> {
  input.setEncoding('utf8');
  let text = '';
  for await (const part of input) text += String(part);
  return text;
}

/** A user without an entry in the password file has no name (a container's number). */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    return `unknown (${error instanceof Error && 'code' in error ? String(error.code) : 'no name'})`;
  }
}
