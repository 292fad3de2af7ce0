/** Everything that an installation may set, frozen at start. Times in ms. */
export interface Config {
  /** The operator's own namespace: its Lease, the Regions' kubeconfigs, the samples. */
  readonly namespace: string;
  readonly leaseName: string;
  /** Of this replica; a life of it adds its incarnation. */
  readonly identity: string;
  readonly leaseMs: number;
  /** How long one effect may take; below the lease. */
  readonly effectMs: number;
  /** Difference allowed between the clocks of two replicas. */
  readonly skewMs: number;
  /** Deadline of one call to an API server. */
  readonly kubeMs: number;
  /** Deadline of one look at a database, a record, a workload. */
  readonly lookMs: number;
  /** How long a pass waits for looks under way. */
  readonly graceMs: number;
  /** A look younger than this serves again. */
  readonly reuseMs: number;
  /** The same for a look at a record, which no write relies on: it compares and swaps. */
  readonly recordReuseMs: number;
  /** The same for where the record of a plan at rest leads. */
  readonly headingReuseMs: number;
  /** The same for a look at whose cluster answers in a region, which all runs share. */
  readonly regionReuseMs: number;
  /** How often a plan at rest is looked at, where there are few. */
  readonly restMs: number;
  /** How many looks at databases a second all plans at rest may cost together (decide/plan/rest.ts). */
  readonly restLooksPerSecond: number;
  /** Sessions at a time for all plans at rest together: a start with a thousand plans opens no thousand connections. */
  readonly restSessions: number;
  /** One that takes longer makes room for the next. */
  readonly restHoldMs: number;
  /** From so many plans on workloads at rest are watched rather than asked for, Secrets that open are read seldom, and samples saved so. */
  readonly fleetFrom: number;
  /** How often a Region is looked at. */
  readonly regionMs: number;
  /** Samples are saved at most this often; in a fleet half as often. */
  readonly saveMs: number;
  /** Deadline of one message to a contact. */
  readonly notifyMs: number;
  readonly workers: number;
  /** Runs that may move something at one time; more wait. */
  readonly maxRuns: number;
  readonly drivers: DriverSettings;
}

export interface DriverSettings {
  /** HTTP checks and messages may go to loopback, link-local and API-server addresses: only where everything is on one machine. */
  readonly allowLocalChecks: boolean;
  /** Name server -> where it is asked instead. */
  readonly dnsServers?: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
}

export const defaultConfig: Config = Object.freeze({
  namespace: 'maestro-dr-system',
  leaseName: 'maestro-dr',
  identity: 'maestro-dr',
  leaseMs: 15_000,
  effectMs: 5_000,
  skewMs: 1_000,
  kubeMs: 5_000,
  lookMs: 4_000,
  graceMs: 300,
  reuseMs: 150,
  recordReuseMs: 1_000,
  headingReuseMs: 300_000,
  regionReuseMs: 1_000,
  restMs: 5_000,
  restLooksPerSecond: 0.8,
  restSessions: 24,
  restHoldMs: 250,
  fleetFrom: 5,
  regionMs: 10_000,
  saveMs: 5_000,
  notifyMs: 10_000,
  workers: 16,
  maxRuns: 50,
  drivers: Object.freeze({ allowLocalChecks: false }),
});
