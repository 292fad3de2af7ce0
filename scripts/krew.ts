import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { stringify } from 'yaml';
import { version } from '../src/version.ts';
import { ROOT } from './build.ts';

/** Where Node runs the same file; krew has no name for "everywhere". */
const platforms = [
  { os: 'linux', arch: 'amd64' },
  { os: 'linux', arch: 'arm64' },
  { os: 'darwin', arch: 'amd64' },
  { os: 'darwin', arch: 'arm64' },
] as const;

export interface KrewFiles {
  readonly archive: Uint8Array;
  readonly manifest: string;
}

/**
 * The archive that krew unpacks and the manifest that tells it where (https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/).
 * The plugin is one executable file with the licence beside it. Equal inputs give equal bytes.
 */
export function krewFiles(program: Uint8Array, licence: string, uri: string): KrewFiles {
  const file = (content: Uint8Array, mode: number): Zippable[string] => [
    content,
    // Unix modes, and a time that does not change: a build is to be repeatable.
    { os: 3, attrs: mode << 16, mtime: new Date(Date.UTC(2026, 0, 1)) },
  ];
  const archive = zipSync({ 'kubectl-drplan': file(program, 0o755), LICENSE: file(strToU8(licence), 0o644) });
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const manifest = stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'drplan' },
    spec: {
      version: `v${version}`,
      shortDescription: 'Preview, follow and steer disaster recovery plans',
      description:
        'Shows what a failover of a Maestro DR plan would do, where one is and what it waits for, gives a word to it, and prints the runbook for when the operator is dead.\n',
      caveats: 'Needs Node.js 24 or later on the PATH.\n',
      platforms: platforms.map(({ os, arch }) => ({
        selector: { matchLabels: { os, arch } },
        uri,
        sha256,
        files: [
          { from: 'kubectl-drplan', to: '.' },
          { from: 'LICENSE', to: '.' },
        ],
        bin: 'kubectl-drplan',
      })),
    },
  });
  return { archive, manifest };
}

function main(): void {
  const { values } = parseArgs({ options: { uri: { type: 'string' } } });
  if (values.uri === undefined) {
    throw new Error('--uri is missing: say where the archive will lie, https://…/drplan.zip');
  }
  const program = readFileSync(join(ROOT, 'dist', 'kubectl-drplan.cjs'));
  const { archive, manifest } = krewFiles(program, readFileSync(join(ROOT, 'LICENSE'), 'utf8'), values.uri);
  const folder = join(ROOT, 'dist', 'krew');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'drplan.zip'), archive);
  writeFileSync(join(folder, 'drplan.yaml'), manifest);
  console.log('dist/krew/drplan.zip\ndist/krew/drplan.yaml');
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
