import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../certificates.ts';
import type { JsonObject } from '../models/kube-api/index.ts';
import { numberAt, stringAt } from '../models/kube-api/json.ts';
import { guardFolder, type Guard } from '../postgresql/guard.ts';
import { startCluster, writePrivate, type Cluster, type ClusterOptions } from './clusters.ts';
import { startDatabases, type Databases } from './databases.ts';
import { collectionPath, KubeRefusal, type KubeClient } from './kube-client.ts';
import { managementManifests, manifestText, regionManifests, type Manifest, type ManifestFacts } from './manifests.ts';
import { EAST, NAMESPACE, REGIONS, SHOP_NAME, WEST, type RegionName } from './names.ts';
import { startNetwork, type Network } from './network.ts';
import { planManifest } from './plan.ts';
import type { Program } from './program.ts';
import { paths, type WorldFile } from './world-file.ts';

export interface World {
  readonly file: WorldFile;
  readonly management: Cluster;
  readonly regions: Readonly<Record<RegionName, Cluster>>;
  readonly network: Network;
  readonly databases: Databases;
  /** Ends with the world; the first added is the last ended. */
  adopt(program: Program): void;
  /** The region is gone at one instant: API server, pods, balancer, edge and PostgreSQL. @returns that instant, ms. */
  destroy(region: RegionName): Promise<number>;
  /** It comes back as it was, on the same ports and data; its database last. @returns when that was writable, ms. */
  restore(region: RegionName): Promise<number>;
  /** Ends every process; removes the folder unless it is kept. */
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Leave the folder behind. Default false. */
  readonly keep?: boolean;
  readonly say?: (what: string) => void;
  /** What stands for an API server and all that it runs. Default: the sandbox's own. */
  readonly cluster?: (options: ClusterOptions) => Promise<Cluster>;
}

/** How many shops the active region has, and the other. */
const REPLICAS = { active: 2, standby: 1 } as const;
const READY_MS = 120_000;

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'maestro-sandbox-'));
  const guard = guardFolder(folder, { remove: options.keep !== true });
  const programs: Program[] = [];
  try {
    return await build(folder, guard, programs, options);
  } catch (error) {
    await end(programs, guard);
    throw error;
  }
}

async function build(folder: string, guard: Guard, programs: Program[], options: WorldOptions): Promise<World> {
  const { say = () => undefined, cluster: start = startCluster } = options;
  const at = paths(folder);
  const authority = await createAuthority('maestro sandbox');
  await writeFile(at.ca, authority.ca);
  const started = async (name: string, region: boolean): Promise<Cluster> => {
    const cluster = await start({ folder, name, authority, region });
    programs.push(cluster.program());
    return cluster;
  };
  say('starting three API servers and a PostgreSQL primary with its standby');
  const starting = [
    started('management', false),
    started(EAST, true),
    started(WEST, true),
    startDatabases(folder, authority),
  ] as const;
  // What is still starting when another fails is awaited too, for it must be ended.
  await Promise.allSettled(starting);
  const [management, east, west, databases] = await Promise.all(starting);
  const regions = { [EAST]: east, [WEST]: west };
  say('starting Route 53, two name servers and the front door');
  const network = await startNetwork(folder, { [EAST]: balancerPort(east), [WEST]: balancerPort(west) });
  programs.push(network.program);
  const file = await describe(folder, { management, regions, network, databases, ca: authority.ca });
  say('applying the manifests');
  const manifests = await writeManifests(file, { management, regions, network, databases, ca: authority.ca });
  for (const region of REGIONS) await apply(regions[region].client, manifests.regions[region]);
  await apply(management.client, manifests.management);
  await Promise.all(REGIONS.map((region) => shopsReady(regions[region].client)));
  return {
    file,
    management,
    regions,
    network,
    databases,
    adopt: (program) => programs.push(program),
    destroy: (region) => destroy(regions[region], databases, region),
    restore: async (region) => {
      await regions[region].restart();
      programs.push(regions[region].program());
      await shopsReady(regions[region].client);
      databases.replication.restore();
      await databases.servers[region].start();
      return Date.now();
    },
    stop: async () => {
      await databases.replication.close();
      await end(programs, guard);
    },
  };
}

async function destroy(cluster: Cluster, databases: Databases, region: RegionName): Promise<number> {
  const at = Date.now();
  await Promise.all([cluster.program().kill(), databases.servers[region].kill()]);
  // What the dead server held open is reset by its kernel; what was held back on the way is lost with it.
  databases.replication.cut();
  return at;
}

async function end(programs: readonly Program[], guard: Guard): Promise<void> {
  await Promise.allSettled([...programs].reverse().map((program) => program.stop()));
  await guard.end();
}

function balancerPort({ name, region }: Cluster): number {
  if (region === undefined) throw new Error(`${name} is no region`);
  return region.balancerPort;
}

interface Parts {
  readonly management: Cluster;
  readonly regions: Readonly<Record<RegionName, Cluster>>;
  readonly network: Network;
  readonly databases: Databases;
  readonly ca: string;
}

function byRegion<T>(make: (region: RegionName) => T): Record<RegionName, T> {
  return { [EAST]: make(EAST), [WEST]: make(WEST) };
}

async function describe(folder: string, { management, regions, network, databases, ca }: Parts): Promise<WorldFile> {
  const at = paths(folder);
  await writePrivate(at.kubeconfig('management'), management.kubeconfigs.person);
  await writePrivate(at.kubeconfig('operator'), management.kubeconfigs.operator);
  for (const region of REGIONS) await writePrivate(at.kubeconfig(region), regions[region].kubeconfigs.person);
  await mkdir(at.clients, { recursive: true, mode: 0o700 });
  await mkdir(at.operator, { recursive: true, mode: 0o700 });
  const file: WorldFile = {
    folder,
    kubeconfigs: {
      management: at.kubeconfig('management'),
      operator: at.kubeconfig('operator'),
      regions: byRegion((region) => at.kubeconfig(region)),
    },
    ca,
    route53Url: network.route53Url,
    nameServers: network.config.nameServers.map(({ name, port }) => ({ name, port })),
    shop: { name: SHOP_NAME, ports: network.config.ports },
    frontDoorPort: network.config.frontDoor.port,
    dependencyPort: network.config.dependencyPort,
    regions: byRegion((region) => ({
      apiPort: regions[region].port,
      balancerPort: balancerPort(regions[region]),
      edgePort: regions[region].region?.edgePort ?? 0,
      postgresql: {
        port: databases.servers[region].port,
        folder: databases.servers[region].folder,
        log: databases.servers[region].log,
      },
    })),
    passwords: {
      postgres: at.password('postgres'),
      maestro: at.password('maestro'),
      replicator: at.password('replicator'),
      shop: at.password('shop'),
    },
    audits: {
      management: management.audit,
      route53: network.audit,
      regions: byRegion((region) => regions[region].audit),
    },
  };
  await writePrivate(at.world, JSON.stringify(file, undefined, 2));
  return file;
}

interface Manifests {
  readonly management: readonly Manifest[];
  readonly regions: Readonly<Record<RegionName, readonly Manifest[]>>;
}

async function writeManifests(file: WorldFile, { regions, databases, ca }: Parts): Promise<Manifests> {
  const facts: ManifestFacts = {
    ca,
    passwords: databases.passwords,
    regions: byRegion((region) => ({
      kubeconfig: regions[region].kubeconfigs.operator,
      edgePort: file.regions[region].edgePort,
      postgresql: file.regions[region].postgresql,
    })),
  };
  const plan = planManifest({
    frontDoorPort: file.frontDoorPort,
    dependencyPort: file.dependencyPort,
    regions: byRegion((region) => ({
      balancerPort: file.regions[region].balancerPort,
      postgresqlPort: file.regions[region].postgresql.port,
    })),
  });
  const manifests: Manifests = {
    management: [...managementManifests(facts), plan],
    regions: byRegion((region) => regionManifests(region, facts, region === EAST ? REPLICAS.active : REPLICAS.standby)),
  };
  const at = paths(file.folder);
  for (const [name, of] of Object.entries({ management: manifests.management, ...manifests.regions })) {
    for (const manifest of of) await writePrivate(join(at.manifests(name), manifest.file), manifestText(manifest));
  }
  return manifests;
}

async function apply(client: KubeClient, manifests: readonly Manifest[]): Promise<void> {
  for (const { objects } of manifests) {
    for (const object of objects) await createOrPatch(client, object);
  }
}

/** What an installation has brought already, its namespaces above all, is made to say what is wanted here. */
async function createOrPatch(client: KubeClient, object: JsonObject): Promise<void> {
  const collection = collectionPath(object);
  try {
    await client.create(collection, object);
  } catch (error) {
    if (!(error instanceof KubeRefusal) || error.status !== 409) throw error;
    await client.mergePatch(`${collection}/${stringAt(object, 'metadata', 'name') ?? ''}`, object);
  }
}

async function shopsReady(client: KubeClient): Promise<void> {
  await until('the shops are ready', READY_MS, async () => {
    const deployment: JsonObject = await client.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/shop`);
    const wanted = numberAt(deployment, 'spec', 'replicas');
    return numberAt(deployment, 'status', 'readyReplicas') === wanted;
  });
}

/** Asks again and again. @throws Error that says what did not become true. */
export async function until(what: string, ms: number, holds: () => Promise<boolean>, everyMs = 100): Promise<void> {
  const late = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > late) throw new Error(`${what}: not within ${String(ms / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
