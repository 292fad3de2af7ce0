import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Authority } from '../certificates.ts';
import { createLink, type Link } from '../link.ts';
import { createCredentials, createPrimary, createStandbyFrom } from '../postgresql/create.ts';
import { findInstallation, type Installation } from '../postgresql/installation.ts';
import type { Server } from '../postgresql/server.ts';
import { EAST, slotOf, WEST, type RegionName } from './names.ts';
import { paths } from './world-file.ts';

export interface Databases {
  readonly installation: Installation;
  readonly servers: Readonly<Record<RegionName, Server>>;
  /** What the west's standby streams through, as long as it follows the east's first primary. */
  readonly replication: Link;
  readonly passwords: Readonly<Record<'postgres' | 'maestro' | 'replicator' | 'shop', string>>;
}

/** A primary in the east and its streaming standby in the west. */
export async function startDatabases(folder: string, authority: Authority): Promise<Databases> {
  const at = paths(folder);
  await mkdir(at.scratch, { recursive: true, mode: 0o700 });
  const installation = await findInstallation(at.scratch);
  const credentials = createCredentials();
  for (const role of ['postgres', 'maestro', 'replicator', 'shop'] as const) {
    const path = at.password(role);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, credentials[role], { mode: 0o600 });
  }
  const common = async (region: RegionName) => ({
    name: region,
    folder: at.postgresql(region),
    ca: authority.ca,
    certificate: await authority.issue({ names: ['127.0.0.1', 'localhost', `pg.${region}.example.com`] }),
    credentials,
    installation,
  });
  const east = await createPrimary(await common(EAST));
  const replication = await createLink({ target: east });
  const west = await createStandbyFrom(east, {
    ...(await common(WEST)),
    via: replication,
    slot: slotOf(WEST),
  });
  return { installation, servers: { [EAST]: east, [WEST]: west }, replication, passwords: credentials };
}
