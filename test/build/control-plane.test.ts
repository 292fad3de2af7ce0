import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import { cacheFolder, KEY, PROGRAMS, programPaths } from '../../scripts/control-plane/programs.ts';

const NAMES = PROGRAMS.map(({ name }) => name).toSorted();

/**
 * Stands for Go: knows the two commands that are used, notes what it was asked, and "builds" a file that says so.
 * `BROKEN` names the program that does not compile, `HANGS` the one whose build does not end.
 */
const GO = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const args = process.argv.slice(2);
appendFileSync(process.env.ASKED, JSON.stringify({ args, mod: args[0] === 'build' ? readFileSync('go.mod', 'utf8') : '' }) + '\\n');
if (args[0] === 'mod') {
  const mod = join(process.env.HOME, 'kubernetes.mod');
  writeFileSync(mod, 'replace (\\n\\tk8s.io/api => ./staging/src/k8s.io/api\\n\\tk8s.io/kms => ./staging/src/k8s.io/kms\\n\\tx => y v1\\n)\\n');
  console.log(JSON.stringify({ GoMod: mod }));
} else {
  const out = args[args.indexOf('-o') + 1];
  const name = basename(out);
  console.error('some/package');
  if (process.env.BROKEN === name) {
    console.error('undefined: somewhere.go:7');
    process.exit(1);
  }
  if (process.env.HANGS === name) setTimeout(() => undefined, 600_000);
  else writeFileSync(out, 'built ' + name);
}
`;

interface Asked {
  readonly args: readonly string[];
  readonly mod: string;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the build of a control plane', function () {
  this.timeout(60_000);
  const homes: string[] = [];
  afterEach(async () => {
    for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true });
  });

  async function bench(withGo = true) {
    const home = await mkdtemp(join(tmpdir(), 'maestro-go-'));
    homes.push(home);
    const bin = join(home, 'bin');
    const asked = join(home, 'asked');
    await mkdir(bin);
    await writeFile(asked, '');
    if (withGo) {
      await writeFile(join(bin, 'go'), GO);
      await chmod(join(bin, 'go'), 0o755);
    }
    const environment = { PATH: bin, HOME: home, ASKED: asked };
    const folder = cacheFolder({ XDG_CACHE_HOME: join(home, '.cache') });
    const start = (more: Readonly<Record<string, string>> = {}) =>
      spawn(process.execPath, [join(ROOT, 'scripts', 'control-plane.ts')], {
        cwd: home,
        env: { ...environment, XDG_CACHE_HOME: join(home, '.cache'), ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const run = async (more: Readonly<Record<string, string>> = {}): Promise<Ended> => await ended(start(more));
    const questions = async (): Promise<readonly Asked[]> =>
      (await readFile(asked, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Asked);
    return { folder, start, run, questions };
  }

  it('puts each program into a folder that is named for all versions, and says where', async () => {
    const { folder, run, questions } = await bench();
    const { code, out, err } = await run();
    assert.equal(code, 0, err);
    assert.equal(out, `${folder}\n`);
    assert.ok(folder.endsWith(join('maestro-dr', 'control-plane', KEY)));
    assert.match(KEY, /^kubernetes-1\.35\.4_etcd-3\.6\.7_kwok-0\.7\.0_\w+-\w+$/);
    assert.deepEqual((await readdir(folder)).toSorted(), NAMES);
    assert.equal(await readFile(programPaths(folder).kwok, 'utf8'), 'built kwok');
    for (const name of NAMES) assert.match(err, new RegExp(`^${name}: built in`, 'm'));
    const builds = (await questions()).filter(({ args }) => args[0] === 'build');
    const apiServer = builds.find(({ args }) => args.at(-1) === 'k8s.io/kubernetes/cmd/kube-apiserver');
    assert.match(apiServer?.mod ?? '', /^require k8s\.io\/kubernetes v1\.35\.4$/m);
    assert.match(apiServer?.mod ?? '', /^replace k8s\.io\/kms => k8s\.io\/kms v0\.35\.4$/m);
    assert.ok(!apiServer?.mod.includes('replace x'), 'only what lies in its own checkout is replaced');
    assert.match(apiServer?.args.join(' ') ?? '', /gitVersion=v1\.35\.4 .*gitMinor=35/);
  });

  it('builds nothing twice', async () => {
    const { run, questions } = await bench();
    await run();
    const before = (await questions()).length;
    const again = await run();
    assert.equal(again.code, 0);
    assert.equal(again.err, '');
    assert.equal((await questions()).length, before);
  });

  it('keeps what is whole when one does not compile, and goes on there', async () => {
    const { folder, run, questions } = await bench();
    const broken = await run({ BROKEN: 'etcd' });
    assert.equal(broken.code, 1);
    assert.match(broken.err, /^go build .*ended with 1:\nsome\/package\nundefined: somewhere\.go:7$/m);
    const kept = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
    assert.deepEqual((await readdir(folder)).toSorted(), kept);
    const before = (await questions()).length;
    assert.equal((await run()).code, 0);
    const later = (await questions()).slice(before).map(({ args }) => args.at(-1));
    assert.deepEqual(later, ['go.etcd.io/etcd/server/v3', 'sigs.k8s.io/kwok/cmd/kwok']);
  });

  it('leaves nothing half when it is interrupted', async () => {
    const { folder, start, run } = await bench();
    const child = start({ HANGS: 'kube-scheduler' });
    const outcome = ended(child);
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (text.toString().includes('kube-scheduler: k8s.io')) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, err } = await outcome;
    assert.equal(code, 1);
    assert.match(err, /SIGINT: the build is given up; what is finished is kept$/m);
    assert.deepEqual((await readdir(folder)).toSorted(), ['kube-apiserver', 'kube-controller-manager']);
    assert.equal((await run()).code, 0);
  });

  it('says what to install where there is no Go', async () => {
    const { run } = await bench(false);
    const { code, err } = await run();
    assert.equal(code, 1);
    assert.match(err, /^Go is missing: install it \(https:\/\/go\.dev\/dl\), 1\.25 or later, then run this again\./m);
    assert.doesNotMatch(err, /at .*\.ts:/);
  });
});

async function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, out, err };
}
