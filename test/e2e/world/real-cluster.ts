import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../../../scripts/control-plane/programs.ts';
import { freePort } from '../../../src/sandbox/postgresql/server.ts';
import { kubeconfigFor } from '../../../src/sandbox/wire/kube-api/index.ts';
import type { Cluster, ClusterOptions } from '../../../src/sandbox/world/clusters.ts';
import { createKubeClient } from '../../../src/sandbox/world/kube-client.ts';
import { NAMESPACE } from '../../../src/sandbox/world/names.ts';
import { AddressTaken, startProgram, type Program } from '../../../src/sandbox/world/program.ts';
import { paths } from '../../../src/sandbox/world/world-file.ts';
import { auditPolicy } from './audit.ts';
import { controlPlaneFiles, MASTERS, type ControlPlaneConfig, type Master } from './control-plane-config.ts';
import { install } from './installation.ts';
import { createApi, type Api } from './kube-api.ts';
import { kwokStages } from './kwok-stages.ts';
import { podToken, regionKubeconfig } from './operator-credentials.ts';

const HOST = '127.0.0.1';
const ENTRY = join(import.meta.dirname, 'control-plane-main.ts');
const ATTEMPTS = 5;

/** Where a cluster of a world keeps what its tests want to read. */
export function filesOf(folder: string, name: string): ReturnType<typeof controlPlaneFiles> {
  return controlPlaneFiles(paths(folder).cluster(name));
}

export interface RealCluster extends Cluster {
  /** As a person with all rights. */
  readonly api: Api;
  readonly ca: string;
  /** Every request of the operator's account: JSON lines, `Access`. */
  readonly access: string;
}

/**
 * In place of the sandbox's API server a real one, with what people install there. The operator's kubeconfig holds a
 * token of the account that is installed, which is in no group but those of ServiceAccounts.
 */
export async function startRealCluster(programs: ControlPlane, options: ClusterOptions): Promise<RealCluster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToStart(programs, options);
    } catch (error) {
      if (!(error instanceof AddressTaken) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryToStart(programs: ControlPlane, options: ClusterOptions): Promise<RealCluster> {
  const { folder, name, authority, region } = options;
  const own = paths(folder).cluster(name);
  const config: ControlPlaneConfig = {
    name,
    folder: own,
    programs,
    ports: { api: await freePort(HOST), etcd: await freePort(HOST), etcdPeer: await freePort(HOST) },
    ca: authority.ca,
    tokens: {
      person: token(),
      controllers: token(),
      scheduler: token(),
      kwok: token(),
      kubelet: token(),
    },
    ...(region ? { region: { balancerPort: await freePort(HOST), edgePort: await freePort(HOST) } } : {}),
  };
  const path = await writeFiles(
    config,
    await authority.issue({ names: [HOST, 'localhost', `api.${name}.example.com`] }),
  );
  const start = (): Promise<Program> => startProgram({ args: [ENTRY, path], cwd: own, log: join(own, 'program.log') });
  let program = await start();
  const api = createApi({ port: config.ports.api, ca: config.ca, token: config.tokens.person });
  try {
    const operator = await prepare(config, api);
    return {
      name,
      api,
      ca: authority.ca,
      access: filesOf(folder, name).access,
      port: config.ports.api,
      ...(config.region === undefined ? {} : { region: config.region }),
      audit: controlPlaneFiles(own).audit,
      client: createKubeClient({ port: config.ports.api, ca: authority.ca, token: config.tokens.person }),
      kubeconfigs: { person: kubeconfig(config, config.tokens.person), operator },
      program: () => program,
      restart: async () => {
        program = await start();
      },
    };
  } catch (error) {
    api.close();
    await program.kill();
    throw error;
  }
}

/** Installs what the place wants. @returns the operator's kubeconfig. */
async function prepare(config: ControlPlaneConfig, api: Api): Promise<string> {
  const person = kubeconfig(config, config.tokens.person);
  if (config.region === undefined) {
    await install('management', person);
    return kubeconfig(config, await podToken(api));
  }
  await install('region', person);
  return await regionKubeconfig(controlPlaneFiles(config.folder).kubeconfig('person'));
}

async function writeFiles(
  config: ControlPlaneConfig,
  tls: { readonly cert: string; readonly key: string },
): Promise<string> {
  const files = controlPlaneFiles(config.folder);
  await mkdir(config.folder, { recursive: true, mode: 0o700 });
  const accounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  const masters = Object.keys(MASTERS) as Master[];
  const path = join(config.folder, 'config.json');
  const texts: Readonly<Record<string, string>> = {
    [path]: JSON.stringify(config),
    [files.ca]: config.ca,
    [files.certificate]: tls.cert,
    [files.key]: tls.key,
    [files.accountKey]: accounts.privateKey,
    [files.accountPublicKey]: accounts.publicKey,
    [files.auditPolicy]: auditPolicy(),
    [files.stages]: kwokStages(),
    [files.tokens]: masters.map((of) => `${config.tokens[of]},${MASTERS[of]},${of},system:masters\n`).join(''),
    ...Object.fromEntries(masters.map((of) => [files.kubeconfig(of), kubeconfig(config, config.tokens[of])])),
  };
  for (const [at, text] of Object.entries(texts)) await writeFile(at, text, { mode: 0o600 });
  return path;
}

function kubeconfig({ name, ports, ca }: ControlPlaneConfig, of: string): string {
  return kubeconfigFor({
    server: `https://${HOST}:${String(ports.api)}`,
    ca,
    token: of,
    namespace: NAMESPACE,
    name,
  });
}

function token(): string {
  return randomBytes(24).toString('base64url');
}
