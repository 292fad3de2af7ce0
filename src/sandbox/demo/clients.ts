import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAttempts, type Attempt } from '../shop/attempts.ts';
import { startProgram, type Program } from '../world/program.ts';
import { paths, type WorldFile } from '../world/world-file.ts';
import type { RegionName } from '../world/names.ts';

const ENTRY = join(import.meta.dirname, '..', 'shop', 'client-main.ts');

export interface Clients {
  readonly program: Program;
  attempts(): Promise<readonly Attempt[]>;
}

/** Customers who find the shop by its name, each with a DNS cache of its own that honours the TTL. */
export async function startClients(file: WorldFile, count: number, everyMs: number): Promise<Clients> {
  const [server] = file.nameServers;
  if (server === undefined) throw new Error('the world has no name server');
  const to = ['--name', file.shop.name, '--dns', `127.0.0.1:${String(server.port)}`];
  return await start(file, 'clients', count, everyMs, [...to, '--ports', JSON.stringify(file.shop.ports)]);
}

/** One that never asks DNS again: it knows the address of that region's balancer and stays with it. */
export async function startPinned(file: WorldFile, region: RegionName, everyMs: number): Promise<Clients> {
  return await start(file, 'pinned', 1, everyMs, [
    '--pinned',
    `127.0.0.1:${String(file.regions[region].balancerPort)}`,
  ]);
}

async function start(
  file: WorldFile,
  name: string,
  count: number,
  everyMs: number,
  to: readonly string[],
): Promise<Clients> {
  const folder = paths(file.folder).clients;
  const log = join(folder, `${name}.jsonl`);
  const program = await startProgram({
    args: [ENTRY, '--log', log, '--clients', String(count), '--every', String(everyMs), '--prefix', name, ...to],
    cwd: folder,
    log: join(folder, `${name}.log`),
    ready: (line) => line.startsWith('{"running"'),
  });
  return { program, attempts: async () => (existsSync(log) ? parseAttempts(await readFile(log, 'utf8')) : []) };
}
