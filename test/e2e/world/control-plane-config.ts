import { join } from 'node:path';
import type { ControlPlane } from '../../../scripts/control-plane/programs.ts';

/** The configuration of `control-plane-main.ts`: a real API server, and in a region also what else stands there. */
export interface ControlPlaneConfig {
  readonly name: string;
  readonly folder: string;
  readonly programs: ControlPlane;
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number };
  readonly ca: string;
  /** Bearer tokens of group `system:masters`: a person's hands, and each program's own. */
  readonly tokens: Readonly<Record<Master, string>>;
  readonly region?: { readonly balancerPort: number; readonly edgePort: number };
}

/** ms. */
export interface Start {
  readonly startedAt: number;
  readonly readyAt: number;
}

export const MASTERS = Object.freeze({
  person: 'dana@example.com',
  controllers: 'system:kube-controller-manager',
  scheduler: 'system:kube-scheduler',
  kwok: 'kwok',
  kubelet: 'system:node:node-1',
});
export type Master = keyof typeof MASTERS;

/** The region's only node: kwok reports it ready, the sandbox's processes and kwok's pretences are its pods. */
export const NODE = 'node-1';

export function controlPlaneFiles(folder: string) {
  return {
    etcd: join(folder, 'etcd'),
    tokens: join(folder, 'tokens.csv'),
    ca: join(folder, 'ca.crt'),
    certificate: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    accountKey: join(folder, 'accounts.key'),
    accountPublicKey: join(folder, 'accounts.pub'),
    auditPolicy: join(folder, 'audit-policy.yaml'),
    kubeconfig: (of: Master) => join(folder, `${of}.kubeconfig`),
    stages: join(folder, 'kwok.yaml'),
    log: (program: string) => join(folder, `${program}.log`),
    pods: join(folder, 'pods'),
    /** Mutations, as the sandbox's API server writes them. */
    audit: join(folder, 'audit.jsonl'),
    /** Every request of the operator's account, reads too, with what the authorizer said. */
    access: join(folder, 'access.jsonl'),
    /** When the API server was started and when it said that it is ready, each time: JSON lines, `Start`. */
    starts: join(folder, 'starts.jsonl'),
  } as const;
}
