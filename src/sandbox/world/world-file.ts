import { join } from 'node:path';
import type { RegionName } from './names.ts';

/** What somebody needs who wants to use a running world; written to `world.json` in its folder. All ports are on 127.0.0.1. */
export interface WorldFile {
  readonly folder: string;
  readonly kubeconfigs: {
    /** A person's, and the operator's own. */
    readonly management: string;
    readonly operator: string;
    readonly regions: Readonly<Record<RegionName, string>>;
  };
  /** The certificate authority of every server here (PEM). */
  readonly ca: string;
  readonly route53Url: string;
  readonly nameServers: readonly { readonly name: string; readonly port: number }[];
  readonly shop: { readonly name: string; readonly ports: Readonly<Record<string, number>> };
  readonly frontDoorPort: number;
  readonly dependencyPort: number;
  readonly regions: Readonly<Record<RegionName, RegionEntry>>;
  /** Files that hold one password each, mode 0600. */
  readonly passwords: Readonly<Record<'postgres' | 'maestro' | 'replicator' | 'shop', string>>;
  /** The YAML files that were applied, in their order. */
  readonly audits: {
    readonly management: string;
    readonly route53: string;
    readonly regions: Readonly<Record<RegionName, string>>;
  };
}

export interface RegionEntry {
  readonly apiPort: number;
  readonly balancerPort: number;
  readonly edgePort: number;
  readonly postgresql: { readonly port: number; readonly folder: string; readonly log: string };
}

/** Where things lie below the world's folder. */
export function paths(folder: string) {
  return {
    world: join(folder, 'world.json'),
    ca: join(folder, 'ca.crt'),
    kubeconfig: (name: string) => join(folder, 'kubeconfigs', `${name}.yaml`),
    cluster: (name: string) => join(folder, 'clusters', name),
    network: join(folder, 'network'),
    postgresql: (region: string) => join(folder, 'postgresql', region),
    password: (role: string) => join(folder, 'passwords', role),
    manifests: (name: string) => join(folder, 'manifests', name),
    operator: join(folder, 'operator'),
    clients: join(folder, 'clients'),
    scratch: join(folder, 'scratch'),
  } as const;
}
