import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Authority } from '../certificates.ts';
import { freePort } from '../postgresql/server.ts';
import type { ClusterConfig } from '../programs/cluster-config.ts';
import { clusterFiles } from '../programs/cluster-config.ts';
import { kubeconfigFor } from '../wire/kube-api/index.ts';
import { createKubeClient, type KubeClient } from './kube-client.ts';
import { NAMESPACE } from './names.ts';
import { AddressTaken, startProgram, type Program } from './program.ts';
import { paths } from './world-file.ts';

const HOST = '127.0.0.1';
const ENTRY = join(import.meta.dirname, '..', 'programs', 'cluster-main.ts');
const CRDS = join(import.meta.dirname, '..', '..', '..', 'crds');
const ATTEMPTS = 5;

/** An API server's process, which can be lost and come back. */
export interface Cluster {
  readonly name: string;
  readonly port: number;
  /** Where its balancer and its edge listen; absent for the management cluster. */
  readonly region?: NonNullable<ClusterConfig['region']>;
  /** A file of JSON lines, `AuditEntry`. */
  readonly audit: string;
  /** As a person with all rights. */
  readonly client: KubeClient;
  readonly kubeconfigs: { readonly person: string; readonly operator: string };
  program(): Program;
  /** After its program was killed: the same ports, the same state. */
  restart(): Promise<void>;
}

export interface ClusterOptions {
  readonly folder: string;
  readonly name: string;
  readonly authority: Authority;
  readonly region: boolean;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToStart(options);
    } catch (error) {
      // Between our look and its start somebody took a port: others, then.
      if (!(error instanceof AddressTaken) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryToStart({ folder, name, authority, region }: ClusterOptions): Promise<Cluster> {
  const own = paths(folder).cluster(name);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const [person, operator] = [token(), token()];
  const config: ClusterConfig = {
    name,
    clusterUid: randomUUID(),
    folder: own,
    port: await freePort(HOST),
    tls: await authority.issue({ names: [HOST, 'localhost', `api.${name}.example.com`] }),
    tokens: { [person]: 'dana@example.com', [operator]: 'system:serviceaccount:maestro-dr-system:maestro-dr' },
    crds: region ? [] : await definitions(),
    ...(region ? { region: { balancerPort: await freePort(HOST), edgePort: await freePort(HOST) } } : {}),
  };
  const path = join(own, 'config.json');
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  const start = (): Promise<Program> => startProgram({ args: [ENTRY, path], cwd: own, log: join(own, 'program.log') });
  let program = await start();
  const kubeconfig = (of: string): string =>
    kubeconfigFor({
      server: `https://${HOST}:${String(config.port)}`,
      ca: authority.ca,
      token: of,
      namespace: NAMESPACE,
      name,
    });
  return {
    name,
    port: config.port,
    ...(config.region === undefined ? {} : { region: config.region }),
    audit: clusterFiles(own).audit,
    client: createKubeClient({ port: config.port, ca: authority.ca, token: person }),
    kubeconfigs: { person: kubeconfig(person), operator: kubeconfig(operator) },
    program: () => program,
    restart: async () => {
      program = await start();
    },
  };
}

function token(): string {
  return randomBytes(24).toString('base64url');
}

async function definitions(): Promise<readonly string[]> {
  const files = await readdir(CRDS);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => join(CRDS, file));
}

export async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
}
