import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigFor, type KubeconfigOptions } from '../../src/sandbox/wire/kube-api/index.ts';
import { kubectl } from '../support/kubectl.ts';
import { outcomeOf, type Outcome } from '../support/outcome-of.ts';

/** A person at a shell in a folder of its own, with the real kubectl and nothing else on the path. */
export interface Typist {
  /** What was typed must end with 0. @returns its stdout. */
  typed(command: string): Promise<string>;
  /** What was typed must be refused. @returns its stderr. */
  refused(command: string): Promise<string>;
  write(file: string, object: unknown): Promise<void>;
  /** Puts a program on the path that says what it was called with: for one that no package brings along. */
  stub(program: string): Promise<void>;
  end(): Promise<void>;
}

export async function createTypist(cluster: KubeconfigOptions): Promise<Typist> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-dr-next-'));
  await symlink(await kubectl(), join(folder, 'kubectl'));
  await writeFile(join(folder, 'config'), kubeconfigFor(cluster));
  const type = async (command: string): Promise<Outcome> => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: folder,
      env: { KUBECONFIG: join(folder, 'config'), HOME: folder, PATH: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 200_000,
      killSignal: 'SIGKILL',
    });
    return await outcomeOf(child);
  };
  return {
    typed: async (command) => {
      const { code, out, err } = await type(command);
      assert.equal(code, 0, `${command}: ${err}`);
      return out;
    },
    refused: async (command) => {
      const { code, out, err } = await type(command);
      assert.notEqual(code, 0, `${command}: ${out}`);
      return err;
    },
    write: async (file, object) => {
      await writeFile(join(folder, file), JSON.stringify(object));
    },
    stub: async (program) => {
      await writeFile(join(folder, program), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    },
    end: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A printed command with its blanks filled in. `at`: wall ms, of whatever instant it leaves to say. */
export function filled(command: string, at: number): string {
  return command
    .replaceAll('YOUR-NAME', 'ana')
    .replaceAll(/YOUR-REASON|HOW-YOU-KNOW|WHAT-YOU-MENDED/g, 'seen by a person')
    .replaceAll(/UTC-TIME-IT-STOPPED|UTC-TIME-NOW/g, new Date(at).toISOString())
    .replaceAll('IDENTITY-OF-THE-OTHER-PLAN', 'billing/checkout');
}
