import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kubectl } from './kubectl.ts';
import { outcomeOf, type Outcome } from './outcome-of.ts';

/** The real kubectl, in a folder of its own and with nothing of this machine's configuration. */
export interface Kubectl {
  run(...args: readonly string[]): Promise<Outcome>;
  /** It must end with 0 and warn of nothing. @returns its stdout. */
  ok(...args: readonly string[]): Promise<string>;
  /** A manifest in its folder, by which `-f` may name it. */
  write(file: string, ...objects: readonly object[]): Promise<void>;
  end(): Promise<void>;
}

const TIMEOUT_MS = 100_000;

export async function createKubectl(kubeconfig: string): Promise<Kubectl> {
  const binary = await kubectl();
  const folder = await mkdtemp(join(tmpdir(), 'maestro-dr-kubectl-'));
  const config = join(folder, 'config');
  await writeFile(config, kubeconfig, { mode: 0o600 });
  const run = async (...args: readonly string[]): Promise<Outcome> => {
    const child = spawn(binary, args, {
      cwd: folder,
      env: { KUBECONFIG: config, HOME: folder, PATH: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    return await outcomeOf(child);
  };
  return {
    run,
    ok: async (...args) => {
      const { code, out, err } = await run(...args);
      assert.equal(code, 0, `kubectl ${args.join(' ')}: ${err}`);
      assert.equal(err, '', `kubectl ${args.join(' ')} warned`);
      return out;
    },
    write: async (file, ...objects) => {
      await writeFile(join(folder, file), objects.map((object) => stringify(object)).join('---\n'));
    },
    end: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
