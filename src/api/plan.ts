/**
 * A plan as the program sees it: durations in ms, unions instead of "exactly one of", every default filled in. Made
 * from the wire form in one place (parse-plan.ts); pinned in a Run as canonical JSON, so it holds plain data only.
 */
export interface Plan {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  /** How many ended Runs are kept. Of the plan and not of what is pinned: a Run has no use for it. */
  readonly historyLimit: number;
  readonly spec: PlanSpec;
}

/**
 * What a Run still asks of its plan once it has pinned it: that it is there, and meant as before. Nothing else of it can
 * stop a Run, an edit that cannot be carried out least of all.
 */
export interface PlanWish {
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly spec: Pick<PlanSpec, 'activeRegion'>;
}

export interface PlanSpec {
  /** How DNS and databases know this plan; default `<namespace>/<name>`. */
  readonly identity: string;
  readonly activeRegion: string;
  readonly enforcement: 'Act' | 'Observe';
  readonly regions: readonly [string, string];
  readonly objectives: Objectives;
  readonly failover: FailoverPolicy;
  readonly databases: readonly Database[];
  readonly workloads: readonly Workload[];
  readonly traffic: readonly TrafficRecord[];
  readonly dependencyChecks: readonly HttpCheck[];
  readonly smokeTests: readonly SmokeTest[];
  readonly contacts: readonly Contact[];
}

export interface Objectives {
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** Where the RTO clock starts. */
  readonly clockStart: 'Disruption' | 'Detected' | 'Declared' | 'Started';
}

export type Mode = 'Planned' | 'Forced';
export type ModePolicy = 'Auto' | Mode;
export type ApprovalPolicy = 'Never' | 'Forced' | 'Always';
export type FencingPolicy = 'Verified' | 'BestEffort' | 'None';

export interface FailoverPolicy {
  readonly mode: ModePolicy;
  readonly approval: ApprovalPolicy;
  readonly fencing: FencingPolicy;
  readonly cooldownMs: number;
  readonly drainMs: number;
  readonly soakMs: number;
  readonly deadlines: Deadlines;
}

/** Each in ms. Past it a step is Blocked, never rolled back (but a planned run's position: see DESIGN.md §2). */
export interface Deadlines {
  readonly quiesce: number;
  readonly fence: number;
  readonly position: number;
  readonly promote: number;
  readonly workloads: number;
  readonly traffic: number;
}

export interface SecretRef {
  readonly name: string;
  /** Default `tls.crt`-style keys are the reader's; absent means the conventional ones. */
  readonly key?: string;
}

/** One member per driver; `kind` names the folder under drivers/databases. */
export interface PostgresqlDatabase {
  readonly kind: 'postgresql';
  readonly name: string;
  readonly database: string;
  readonly servers: Readonly<Record<string, PostgresqlServer>>;
  /** Fenced, and opened again. */
  readonly applicationRoles: readonly string[];
  /** Not fenced; every report lists them. */
  readonly administrativeRoles: readonly string[];
  readonly replicationRoles: readonly string[];
  readonly applicationProbe?: { readonly secretRef: SecretRef; readonly table: string };
  /** A Job (batch/v1 JobSpec template as written) that makes the old primary a standby of the new one. */
  readonly rebuild?: { readonly jobTemplate: Readonly<Record<string, unknown>> };
}

export interface PostgresqlServer {
  readonly host: string;
  readonly port: number;
  /** Secret in the plan's namespace of the management cluster: username, password, and optionally ca.crt. */
  readonly secretRef: SecretRef;
  readonly sslMode: 'verify-full' | 'verify-ca' | 'disable';
  /** The slot the other side's standby streams from when this server is primary. */
  readonly slot?: string;
}

export type Database = PostgresqlDatabase;

/** One member per driver; `kind` names the folder under drivers/workloads. */
export interface WorkloadTarget {
  readonly apiVersion: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'CronJob';
  readonly name: string;
}

export interface Workload {
  readonly name: string;
  readonly wave: number;
  readonly uses: readonly string[];
  /** Stopped in the source before the fence, and never started in the target before the databases it uses are open. */
  readonly quiesce: boolean;
  readonly target: WorkloadTarget;
  /**
   * Of a CronJob, 1 is that its schedule runs and 0 that it is suspended. The plan says neither: it is always quiesced,
   * suspended where it stands by, and where it is active as it was in the source.
   */
  readonly active: { readonly replicas: number } | { readonly replicasFrom: 'Source' };
  readonly standby: { readonly replicas: number };
}

export interface Route53Record {
  readonly kind: 'route53';
  readonly name: string;
  readonly hostedZoneId: string;
  readonly recordName: string;
  readonly type: 'A' | 'AAAA' | 'CNAME';
  /** Seconds. */
  readonly ttl: number;
  /** Region -> record values. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export type TrafficRecord = Route53Record;

export interface HttpExpectation {
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Accepted status codes; empty means 200-299. */
  readonly statuses: readonly number[];
  /** The body must contain this text. */
  readonly bodyContains?: string;
  /** The name the certificate must carry. */
  readonly tlsServerName?: string;
  /** PEM, from the plan. */
  readonly caBundle?: string;
  /** Connect here instead of resolving the URL's host; Host and TLS name stay the URL's. */
  readonly address?: string;
  readonly timeoutMs: number;
  /** Consecutive successes wanted. */
  readonly successes: number;
}

export interface HttpCheck {
  readonly name: string;
  readonly http: HttpExpectation;
}

export interface SmokeTest {
  readonly name: string;
  readonly when: 'BeforeTraffic' | 'AfterTraffic';
  /** One for each region, or the same for both. */
  readonly http: Readonly<Record<string, HttpExpectation>>;
}

/** The order of a plan's contacts is the order in which they are called. */
export interface Contact {
  readonly role: string;
  readonly name?: string;
  /** How they are reached; absent: named in reports alone. */
  readonly channel?: Channel;
}

/** One member per driver; `kind` names the folder under drivers/notifiers. The Secret lies in the plan's namespace. */
export type Channel = SlackChannel | WebhookChannel;

export interface SlackChannel {
  readonly kind: 'slack';
  readonly secretRef: { readonly name: string; readonly key: string };
}

export interface WebhookChannel {
  readonly kind: 'webhook';
  readonly secretRef: { readonly name: string };
}

/** Its size is whether its schedule runs. */
export function isScheduled({ target }: Pick<Workload, 'target'>): boolean {
  return target.kind === 'CronJob';
}

/** The other of the plan's two regions. */
export function peerOf(spec: Pick<PlanSpec, 'regions'>, region: string): string {
  const [first, second] = spec.regions;
  return region === first ? second : first;
}
