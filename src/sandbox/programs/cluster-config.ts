import type { Certificate } from '../certificates.ts';

/** The configuration of `cluster-main.ts`: one API server, and where it is a region's, what else stands in that region. */
export interface ClusterConfig {
  readonly name: string;
  readonly clusterUid: string;
  /** For the pods' folders, the state and the audit log. */
  readonly folder: string;
  readonly port: number;
  readonly tls: Certificate;
  /** Bearer token to user. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Files of CustomResourceDefinitions, YAML. */
  readonly crds: readonly string[];
  /** Absent for the management cluster: it runs nothing. */
  readonly region?: {
    /** The load balancer over the ready pods labelled `app: shop`. */
    readonly balancerPort: number;
    /** Answers `GET /healthz` as long as the region stands. */
    readonly edgePort: number;
  };
}

export function clusterFiles(folder: string) {
  return {
    state: `${folder}/state.json`,
    audit: `${folder}/audit.jsonl`,
    pods: `${folder}/pods`,
  } as const;
}
