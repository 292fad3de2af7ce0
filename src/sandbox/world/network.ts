import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../postgresql/server.ts';
import { networkFiles, type NetworkConfig } from '../programs/network-config.ts';
import { balancerName, EAST, NAME_SERVERS, REGIONS, SHOP_NAME, ZONE, type RegionName } from './names.ts';
import { AddressTaken, startProgram, type Program } from './program.ts';
import { paths } from './world-file.ts';

const HOST = '127.0.0.1';
const ENTRY = join(import.meta.dirname, '..', 'programs', 'network-main.ts');
const ATTEMPTS = 5;
const TTL = 3;
/** The second server learns of a change later than the first, as Route 53's do. */
const DELAYS_MS = [150, 400];

export interface Network {
  readonly config: NetworkConfig;
  readonly audit: string;
  readonly route53Url: string;
  readonly program: Program;
}

export async function startNetwork(
  folder: string,
  balancerPorts: Readonly<Record<RegionName, number>>,
): Promise<Network> {
  const own = paths(folder).network;
  await mkdir(own, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt++) {
    const config = await draw(own, balancerPorts);
    const path = join(own, 'config.json');
    await writeFile(path, JSON.stringify(config), { mode: 0o600 });
    try {
      const program = await startProgram({ args: [ENTRY, path], cwd: own, log: join(own, 'program.log') });
      const route53Url = `http://${HOST}:${String(config.route53Port)}`;
      return { config, audit: networkFiles(own).audit, route53Url, program };
    } catch (error) {
      if (!(error instanceof AddressTaken) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function draw(folder: string, balancerPorts: Readonly<Record<RegionName, number>>): Promise<NetworkConfig> {
  const nameServers = await Promise.all(
    NAME_SERVERS.map(async (name, index) => ({ name, port: await freePort(HOST), delayMs: DELAYS_MS[index] ?? 0 })),
  );
  return {
    folder,
    zone: ZONE,
    nameServers,
    route53Port: await freePort(HOST),
    insyncMs: 500,
    records: [
      ...REGIONS.map((region) => ({ name: balancerName(region), type: 'A' as const, ttl: 60, value: HOST })),
      { name: SHOP_NAME, type: 'CNAME', ttl: TTL, value: balancerName(EAST) },
    ],
    frontDoor: { port: await freePort(HOST), name: SHOP_NAME },
    ports: Object.fromEntries(REGIONS.map((region) => [balancerName(region), balancerPorts[region]])),
    dependencyPort: await freePort(HOST),
  };
}
