import { peerOf, type Plan } from '../api/plan.ts';

/** A Lease by which an operator leads, as it was read. Times in wall ms. */
export interface SeenLease {
  readonly namespace: string;
  readonly name: string;
  /** Absent: given up, or never held. */
  readonly holder?: string;
  /** Absent where the Lease does not say it. */
  readonly renewedAt?: number;
  readonly durationMs?: number;
}

/** All Leases that a person can see, by whichever operator they are. */
export type LeaseLook =
  | {
      readonly seen: true;
      readonly leases: readonly SeenLease[];
      /**
       * Wall ms by the clock that `renewedAt` is of, the API server's; absent where it was not said. The person's own machine
       * may be wrong by any amount, and tells nothing of whether somebody lives.
       */
      readonly now?: number;
    }
  | { readonly seen: false; readonly why: string };

export interface LeaseView {
  readonly namespace: string;
  readonly name: string;
  readonly holder?: string;
  /** Silent: held, and not renewed for longer than it is good for. */
  readonly state: 'Renewed' | 'Silent' | 'Released' | 'Unknown';
  /** How long ago; negative: its time is ahead of the API server's. */
  readonly renewedMs?: number;
  readonly durationMs?: number;
}

export interface OperatorView {
  /** Absent: nobody carries anything out, and what the status says is as it was left. Unknown is neither alive nor dead. */
  readonly state: 'Leading' | 'Absent' | 'Unknown';
  /** Why nothing was seen. */
  readonly why?: string;
  /** The one renewed last first. */
  readonly leases: readonly LeaseView[];
  /** What to type where nobody leads: to look for the pods, or to do without. */
  readonly commands: readonly string[];
}

/** Whether somebody leads who could act on the plan; an operator serves the plans of all namespaces. */
export function operatorView(look: LeaseLook, runbook: string): OperatorView {
  if (!look.seen) return { state: 'Unknown', why: look.why, leases: [], commands: [] };
  const leases = look.leases
    .map((lease) => leaseView(lease, look.now))
    .sort((a, b) => (a.renewedMs ?? Infinity) - (b.renewedMs ?? Infinity));
  const state = stateOf(leases);
  const pods = leases.map(({ namespace }) => `kubectl get pods -n ${namespace}`);
  return { state, leases, commands: state === 'Absent' ? [...pods, runbook] : [] };
}

function stateOf(leases: readonly LeaseView[]): OperatorView['state'] {
  if (leases.some(({ state }) => state === 'Renewed')) return 'Leading';
  // Without any Lease somebody may be about to make one, or nobody was ever installed here.
  return leases.length === 0 || leases.some(({ state }) => state === 'Unknown') ? 'Unknown' : 'Absent';
}

function leaseView({ renewedAt, ...lease }: SeenLease, now: number | undefined): LeaseView {
  const renewedMs = renewedAt === undefined || now === undefined ? undefined : now - renewedAt;
  return { ...lease, state: leaseState(lease, renewedMs), ...(renewedMs === undefined ? {} : { renewedMs }) };
}

function leaseState(
  { holder, durationMs }: Omit<SeenLease, 'renewedAt'>,
  renewedMs: number | undefined,
): LeaseView['state'] {
  if (holder === undefined) return 'Released';
  if (renewedMs === undefined || durationMs === undefined) return 'Unknown';
  // A time to come proves nothing: it may have been written long ago, by a clock that was wrong.
  if (renewedMs < -durationMs) return 'Unknown';
  return renewedMs <= durationMs ? 'Renewed' : 'Silent';
}

/** To go on without an operator: to where the Run goes, else to where the plan is wanted, else away from where it is. */
export function runbookCommand(
  plan: Plan,
  active: string | undefined,
  run: { readonly to: string; readonly finished: boolean } | undefined,
): string {
  const { activeRegion: wanted } = plan.spec;
  const elsewhere = active === undefined || active === wanted ? peerOf(plan.spec, wanted) : wanted;
  const to = run === undefined || run.finished ? elsewhere : run.to;
  return `kubectl drplan runbook ${plan.name} -n ${plan.namespace} --to ${to}`;
}
