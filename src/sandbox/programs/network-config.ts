/** The configuration of `network-main.ts`: what lies outside the regions. Ports are on 127.0.0.1. */
export interface NetworkConfig {
  readonly folder: string;
  readonly zone: { readonly id: string; readonly name: string };
  /** Name servers of the zone and where they listen, UDP and TCP. */
  readonly nameServers: readonly { readonly name: string; readonly port: number; readonly delayMs: number }[];
  readonly route53Port: number;
  /** How long a change stays PENDING. */
  readonly insyncMs: number;
  readonly records: readonly {
    readonly name: string;
    readonly type: 'A' | 'CNAME';
    readonly ttl: number;
    readonly value: string;
  }[];
  /** Resolves `name` over DNS, as a browser would, and leads there. */
  readonly frontDoor: { readonly port: number; readonly name: string };
  /** Name at the end of the CNAME chain -> port: on one machine addresses are few. */
  readonly ports: Readonly<Record<string, number>>;
  /** `GET /healthz` of an external service that the shop depends on. */
  readonly dependencyPort: number;
}

export function networkFiles(folder: string) {
  return { audit: `${folder}/route53-audit.jsonl` } as const;
}
