import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { go } from './go.ts';
import { createModule } from './modules.ts';
import { programPaths, PROGRAMS, type ControlPlane, type GoModule, type Program } from './programs.ts';

export interface BuildOptions {
  /** Where the programs lie in the end. */
  readonly folder: string;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Between two lines of progress, ms. */
  readonly everyMs?: number;
}

/**
 * What is not there yet is built, each program apart and renamed to its place when it is whole: interrupted, the next
 * call goes on where this one was; at once with another, the later one replaces the earlier's by its equal.
 * @throws GoFailure
 */
export async function buildControlPlane(options: BuildOptions): Promise<ControlPlane> {
  const { folder, say } = options;
  const missing = PROGRAMS.filter(({ name }) => !existsSync(join(folder, name)));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    say(`Building ${names} from source into ${folder}: some minutes, once.`);
    await mkdir(folder, { recursive: true });
    const scratch = await mkdtemp(join(folder, '.building-'));
    try {
      await buildAll(missing, scratch, options);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  return programPaths(folder);
}

async function buildAll(missing: readonly Program[], scratch: string, options: BuildOptions): Promise<void> {
  const made = new Map<GoModule, string>();
  for (const program of missing) {
    const { module } = program;
    const cwd = made.get(module) ?? join(scratch, `module-${String(made.size)}`);
    if (!made.has(module)) {
      await mkdir(cwd);
      await createModule(module, { cwd, ...signalOf(options) });
      made.set(module, cwd);
    }
    await build(program, cwd, scratch, options);
  }
}

/**
 * For all packages: neither inlining nor what a debugger reads. Programs for a test are built more often than they are
 * busy: a third less time to compile, and tests of the same length.
 */
const GCFLAGS = 'all=-l -dwarf=false';

async function build(program: Program, cwd: string, scratch: string, options: BuildOptions): Promise<void> {
  const { name, module } = program;
  const { folder, say, everyMs = 20_000 } = options;
  const begun = Date.now();
  const seconds = (): string => `${String(Math.round((Date.now() - begun) / 1_000))} s`;
  let compiled = 0;
  say(`${name}: ${module.path} ${module.version}`);
  const progress = setInterval(() => {
    say(`${name}: ${String(compiled)} packages compiled after ${seconds()}`);
  }, everyMs);
  try {
    const out = join(scratch, name);
    const ldflags = ['-s', '-w', ...module.ldflags].join(' ');
    await go(['build', '-v', '-trimpath', `-gcflags=${GCFLAGS}`, '-ldflags', ldflags, '-o', out, program.package], {
      cwd,
      line: (text) => {
        // A download's line begins with "go: "; a package's is its path.
        if (!text.startsWith('go: ')) compiled += 1;
      },
      ...signalOf(options),
    });
    await rename(out, join(folder, name));
  } finally {
    clearInterval(progress);
  }
  say(`${name}: built in ${seconds()}`);
}

function signalOf({ signal }: BuildOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
