import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseBackup, ensureSlot, identify, isInRecovery, timelineHistory } from './base-backup.ts';
import type { Source } from './base-backup.ts';
import { layout, writeReplication } from './configuration.ts';
import { readControlData } from './control-file.ts';
import type { Installation } from './installation.ts';
import { openServer } from './server.ts';
import type { Server } from './server.ts';

/** What the operator's Job is told (see `rebuild-request.ts` for the environment it comes in). */
export interface RebuildRequest {
  /** The local server's folder. */
  readonly folder: string;
  /** The Run, which names the preserved copy. */
  readonly run: string;
  readonly epoch: number;
  /** The new primary. */
  readonly source: Source;
  readonly systemIdentifier: string;
  /** The new primary's timeline when it was promoted; a later one is accepted, an earlier one is not. */
  readonly timeline: number;
  /** Where that timeline began; empty: not compared. */
  readonly switchpoint: string;
  readonly slot: string;
}

export interface RebuildResult {
  /** Where the diverged data lie, untouched since their server's clean stop. */
  readonly preservedAt: string;
  /** False: this Run had rebuilt it before, and it was only seen to that it runs. */
  readonly rebuilt: boolean;
}

/** Written beside the data, so that a second attempt goes on where the first one ended, wherever that was. */
interface Progress {
  readonly run: string;
  readonly state: 'Copied' | 'Swapped';
  readonly preservedAt: string;
}

/**
 * Makes the local server a standby of the new primary. The copy is complete before anything of the old data moves,
 * and those are renamed, never overwritten. May be run again after any interruption.
 * @throws Error with a sentence when it refuses; nothing was changed then.
 */
export async function rebuild(
  request: RebuildRequest,
  installation: Installation,
  report: (message: string) => void,
): Promise<RebuildResult> {
  const files = layout(request.folder);
  const server = await openServer(request.folder, installation);
  const before = await readProgress(files.rebuild, request.run);
  if (before?.state === 'Swapped' && (await exists(files.data))) {
    report(`run ${request.run} has rebuilt ${server.name} already`);
    await server.start();
    return { preservedAt: before.preservedAt, rebuilt: false };
  }
  await checkSource(request, server);
  const progress = before ?? (await copy(request, installation, server, report));
  await swap(files.data, stagingOf(request), progress.preservedAt, server);
  await writeReplication(request.folder, {
    host: request.source.host,
    port: request.source.port,
    slot: request.slot,
    password: request.source.password,
    applicationName: server.name,
  });
  await installation.adopt(request.folder);
  await writeFile(files.rebuild, JSON.stringify({ ...progress, state: 'Swapped' } satisfies Progress));
  report(`preserved the diverged data at ${progress.preservedAt}; starting ${server.name} as a standby`);
  await server.start();
  return { preservedAt: progress.preservedAt, rebuilt: true };
}

function stagingOf(request: RebuildRequest): string {
  return `${layout(request.folder).data}.rebuilding-${request.run}`;
}

/** The whole copy beside the data that it will replace; only then is it noted. */
async function copy(
  request: RebuildRequest,
  installation: Installation,
  server: Server,
  report: (message: string) => void,
): Promise<Progress> {
  const { source, run, slot } = request;
  const files = layout(request.folder);
  const staging = stagingOf(request);
  await checkLocal(request, files.data);
  report(`stopping ${server.name}`);
  await server.stop('fast');
  report(`copying ${source.host}:${String(source.port)}, WAL kept by slot ${slot}`);
  await ensureSlot(source, slot);
  await rm(staging, { recursive: true, force: true });
  await baseBackup(source, staging, `rebuild ${run}`);
  await writeFile(join(staging, 'standby.signal'), '');
  await installation.adopt(staging);
  const progress: Progress = { run, state: 'Copied', preservedAt: await freeName(`${files.data}.diverged-${run}`) };
  await writeFile(files.rebuild, JSON.stringify(progress));
  return progress;
}

/** Two renames, either of which may have been done already: what the copy still lies beside is the old data. */
async function swap(data: string, staging: string, preservedAt: string, server: Server): Promise<void> {
  if (!(await exists(staging))) return;
  // Somebody may have started it again since the copy.
  await server.stop('fast');
  if (await exists(data)) await rename(data, preservedAt);
  await rename(staging, data);
}

async function checkSource(
  request: RebuildRequest,
  local: { readonly host: string; readonly port: number },
): Promise<void> {
  const { source } = request;
  const name = `${source.host}:${String(source.port)}`;
  if (source.host === local.host && source.port === local.port) {
    throw new Error(`Refused: ${name} is the server to rebuild itself; name the new primary.`);
  }
  const found = await identify(source);
  if (found.systemIdentifier !== request.systemIdentifier) {
    throw new Error(
      `Refused: ${name} has system identifier ${found.systemIdentifier}, expected ${request.systemIdentifier}: it is another database.`,
    );
  }
  if (await isInRecovery(source)) {
    throw new Error(`Refused: ${name} is a standby itself; a rebuild copies from the primary.`);
  }
  if (found.timeline < request.timeline) {
    throw new Error(
      `Refused: ${name} is on timeline ${String(found.timeline)}, before the promoted ${String(request.timeline)}.`,
    );
  }
  if (request.switchpoint !== '' && request.timeline > 1) {
    const history = await timelineHistory(source, request.timeline);
    const last = history.trim().split('\n').at(-1)?.split('\t')[1];
    if (last !== request.switchpoint) {
      throw new Error(
        `Refused: timeline ${String(request.timeline)} of ${name} began at ${last ?? 'no position'}, expected ${request.switchpoint}.`,
      );
    }
  }
}

async function checkLocal(request: RebuildRequest, data: string): Promise<void> {
  const local = await readControlData(data);
  if (local.systemIdentifier !== request.systemIdentifier) {
    throw new Error(
      `Refused: ${data} has system identifier ${local.systemIdentifier}, expected ${request.systemIdentifier}: it is another database.`,
    );
  }
  const source = await identify(request.source);
  if (!local.standby && local.timeline >= source.timeline) {
    throw new Error(
      `Refused: the local server is a primary on timeline ${String(local.timeline)}, and the source is not ahead (${String(source.timeline)}): it is the current primary, not an old one.`,
    );
  }
}

async function readProgress(path: string, run: string): Promise<Progress | undefined> {
  if (!(await exists(path))) return undefined;
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('run' in value) || !('state' in value) || !('preservedAt' in value)) return undefined;
  const { state, preservedAt } = value;
  if (value.run !== run || (state !== 'Copied' && state !== 'Swapped') || typeof preservedAt !== 'string') {
    return undefined;
  }
  return { run, state, preservedAt };
}

async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${String(number)}`;
    if (!(await exists(name))) return name;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
