import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import { version } from '../../src/version.ts';
import { createContext, parseCopy, parseDockerfile, type Copy, type Stage } from './dockerfile.ts';

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

function stagesOf(): readonly [build: Stage, image: Stage] {
  const [build, image, ...more] = parseDockerfile(read('Dockerfile'));
  assert.ok(build !== undefined && image !== undefined);
  assert.deepEqual(more, []);
  return [build, image];
}

const restOf = (stage: Stage, name: string): readonly string[] =>
  stage.instructions.filter((one) => one.name === name).map(({ rest }) => rest);

describe('the Dockerfile', function () {
  // It installs all packages anew.
  this.timeout(900_000);

  it('passes hadolint', () => {
    const { status, stdout, stderr } = spawnSync('hadolint', [join(ROOT, 'Dockerfile')], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    const bad = spawnSync('hadolint', ['-'], { input: 'FROM node\nRUN cd /tmp\n', encoding: 'utf8' });
    assert.match(bad.stdout, /DL3006/, 'hadolint finds an image without a tag');
  });

  it('makes an image of Node 24 that runs as a numbered nobody and holds one file', () => {
    const [build, image] = stagesOf();
    assert.match(build.from, /^node:24-/);
    assert.match(image.from, /nodejs24-.*:nonroot$/);
    assert.deepEqual(restOf(image, 'USER'), ['65532:65532']);
    assert.deepEqual(restOf(image, 'CMD'), ['["--max-semi-space-size=1", "--optimize-for-size", "maestro-dr.cjs"]']);
    assert.equal(restOf(image, 'COPY').length, 1);
    assert.deepEqual(restOf(image, 'RUN'), []);
  });

  it('builds: its steps, one after the other, in a folder that holds what the context does', () => {
    const [build, image] = stagesOf();
    const root = mkdtempSync(join(tmpdir(), 'maestro-dr-image-'));
    try {
      const built = run(build, join(root, 'build-stage'), join(root, 'context'));
      const final = join(root, 'image');
      for (const rest of restOf(image, 'COPY')) {
        const { from, sources, target } = parseCopy(rest);
        assert.equal(from, build.name);
        for (const source of sources) copyInto(join(built, source), join(final, 'app', target));
      }
      assert.deepEqual(filesOf(final), ['app/maestro-dr.cjs']);
      const words = JSON.parse(restOf(image, 'CMD')[0] ?? '[]') as readonly string[];
      const { status, stdout, stderr } = asTheImagesUser(root, join(final, 'app'), [...words, '--version']);
      assert.equal(status, 0, stderr);
      assert.equal(stdout, `${version}\n`);
      assert.deepEqual(filesOf(final), ['app/maestro-dr.cjs']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('lets nothing into the image’s context but what it copies', () => {
    const kept = createContext(read('.dockerignore'));
    const [build] = stagesOf();
    const copied = restOf(build, 'COPY').flatMap((rest) => parseCopy(rest).sources);
    for (const source of copied) assert.ok(kept(source), `${source} is copied, and .dockerignore leaves it out`);
    for (const name of [
      'node_modules',
      'dist',
      '.git',
      'test',
      'deploy',
      'README.md',
      '.env',
      'src/sandbox/start.ts',
    ]) {
      assert.ok(!kept(name), name);
    }
  });
});

/**
 * From a folder that nobody may write. As the image's user where that can be had, by root alone; for anybody else the
 * folder is theirs, and read-only all the same.
 */
function asTheImagesUser(root: string, app: string, words: readonly string[]): ReturnType<typeof spawnText> {
  // mkdtemp makes a folder that another user may not even pass through.
  chmodSync(root, 0o755);
  for (const name of readdirSync(app)) chmodSync(join(app, name), 0o444);
  chmodSync(app, 0o555);
  try {
    return spawnText(words, app, process.getuid?.() === 0 ? { uid: 65532, gid: 65532 } : {});
  } finally {
    chmodSync(app, 0o755);
  }
}

function spawnText(words: readonly string[], cwd: string, user: { readonly uid?: number; readonly gid?: number }) {
  return spawnSync(process.execPath, [...words], { cwd, encoding: 'utf8', env: { NODE_ENV: 'production' }, ...user });
}

/** @returns the stage's file system, with its steps done. */
function run(stage: Stage, root: string, context: string): string {
  fillContext(context);
  let workdir = '/';
  for (const { name, rest } of stage.instructions) {
    const here = join(root, workdir);
    mkdirSync(here, { recursive: true });
    if (name === 'WORKDIR') workdir = rest;
    else if (name === 'COPY') copyAll(parseCopy(rest), context, here);
    else if (name === 'RUN') shell(rest, here);
    else assert.fail(`${name} is not carried out here`);
  }
  return root;
}

/** As `docker build .` sends it. */
function fillContext(context: string): void {
  const kept = createContext(read('.dockerignore'));
  for (const name of readdirSync(ROOT)) {
    if (!kept(name)) continue;
    cpSync(join(ROOT, name), join(context, name), { recursive: true, filter: (path) => kept(relative(ROOT, path)) });
  }
}

function copyAll({ sources, target }: Copy, context: string, here: string): void {
  for (const source of sources) copyInto(join(context, source), join(here, target));
}

/** A file into a folder (`./`), or a folder's content as a folder. */
function copyInto(source: string, target: string): void {
  assert.ok(existsSync(source), `${source} is not there`);
  const into = statSync(source).isDirectory() ? target : join(target, source.slice(dirname(source).length + 1));
  mkdirSync(dirname(into), { recursive: true });
  cpSync(source, into, { recursive: true });
}

function shell(command: string, cwd: string): void {
  // As root in a container: this machine's own npm, none of this checkout's packages.
  const path = (process.env.PATH ?? '').split(':').filter((one) => !one.startsWith(ROOT));
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: path.join(':') },
    timeout: 600_000,
  });
  assert.equal(status, 0, `RUN ${command}\n${stdout}${stderr}`);
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
