import { acceptance, acknowledged, overlaps } from '../shop/attempts.ts';
import type { Evidence } from './evidence.ts';
import { figuresOf, type Figures } from './figures.ts';

/** A rule of DESIGN.md §3 or of the demo, judged by what the witnesses saw. */
export interface Verdict {
  readonly invariant: string;
  readonly holds: boolean;
  /** With the numbers that were compared. */
  readonly says: string;
}

type Rule = (evidence: Evidence, figures: Figures) => Omit<Verdict, 'invariant'>;

const HELD_MS = 5_000;
const SLACK_MS = 1_000;

/** In the order of the story. Names are what a broken operator is told by. */
const RULES: Readonly<Record<string, Rule>> = {
  'link-held': ({ forced }) =>
    judged(forced.killedAt - forced.heldAt >= HELD_MS, `replication was held for ${seconds(forced.killedAt - forced.heldAt)} before the kill`),
  'orders-were-lost': (_evidence, { lost }) =>
    judged(lost.length > 0, `${String(lost.length)} acknowledged orders are not in the west`),
  'asked-before-promoting': ({ forced }) => {
    const asked = forced.words.map(({ reason }) => reason);
    const wanted = ['ApprovalRequired', 'FenceNotProven', 'DataLossUnaccepted'].filter((gate) => !asked.includes(gate));
    const early = forced.words.filter(({ promotionsBefore }) => promotionsBefore > 0);
    return judged(
      wanted.length === 0 && early.length === 0,
      wanted.length > 0
        ? `the run never waited for ${wanted.join(', ')}`
        : early.length > 0
          ? `PostgreSQL had promoted before the word on ${early.map(({ reason }) => reason).join(', ')}`
          : `${asked.join(', ')}: each was asked for before PostgreSQL's log knew of a promotion`,
    );
  },
  'one-promotion': onePromotion,
  'bound-holds': (_evidence, { exposureMs, reportedBoundMs, reportedGrade }) =>
    judged(
      reportedBoundMs !== undefined && exposureMs <= reportedBoundMs && reportedBoundMs <= 3 * exposureMs,
      `exposed for ${seconds(exposureMs)}, reported ${reportedGrade} ${reportedBoundMs === undefined ? 'nothing' : seconds(reportedBoundMs)}; wanted exposure <= reported <= 3 x exposure`,
    ),
  'outage-as-reported': ({ ttlMs }, { outage, switchedMs }) =>
    judged(
      outage !== undefined && !outage.open && switchedMs !== undefined && Math.abs(switchedMs - outage.ms) <= ttlMs + SLACK_MS,
      `traffic had moved ${switchedMs === undefined ? 'never' : seconds(switchedMs)} after the kill, the clients were out for ${outage === undefined ? '0 s' : seconds(outage.ms)}; at most ${seconds(ttlMs + SLACK_MS)} apart`,
    ),
  'no-dual-writers': ({ clients }) => {
    const both = overlaps(acceptance(clients));
    return judged(
      both.length === 0,
      both.length === 0
        ? 'no order was accepted by one region while the other accepted one'
        : `${String(both.length)} times orders were accepted by both regions in overlapping time`,
    );
  },
  'traffic-after-open': trafficAfterOpen,
  'dns-by-compare-and-swap': dnsWrites,
  'standing-fence': ({ back }, { afterFence, postReturn, fencedAt, writableAt }) => {
    const reported = back.reported.recovery[0]?.postReturnCommits;
    const fenced = fencedAt === undefined || writableAt === undefined ? undefined : fencedAt - writableAt;
    return judged(
      fenced !== undefined && afterFence.length === 0 && reported === postReturn.length,
      fenced === undefined
        ? `the east was never seen to turn the shop away after its return; ${String(postReturn.length)} orders were acknowledged there`
        : `fenced ${seconds(fenced)} after it was writable; ${String(postReturn.length)} orders acknowledged there before, ${String(afterFence.length)} after; reported ${String(reported)}`,
    );
  },
  'lost-orders-preserved': preserved,
  'rebuilt-from-the-west': ({ forced, back }) => {
    const same = back.east.systemIdentifier === forced.after.systemIdentifier;
    const newer = back.east.timeline > forced.before.timeline;
    return judged(
      same && newer && back.east.inRecovery,
      `the east is ${back.east.inRecovery ? 'a standby' : 'a primary'} on timeline ${String(back.east.timeline)}${same ? '' : ', of another system'}`,
    );
  },
  'planned-loses-nothing': ({ planned, clients }, { plannedLost }) =>
    judged(
      planned.reported.mode === 'Planned' && plannedLost.length === 0 && planned.words.length === 0 && servedBack(clients, planned.askedAt),
      `mode ${planned.reported.mode}; ${String(plannedLost.length)} acknowledged orders are not in the east`,
    ),
  'initial-topology': ({ planned }) =>
    judged(
      !planned.east.inRecovery && planned.west.inRecovery && planned.east.systemIdentifier === planned.west.systemIdentifier,
      `the east is a ${planned.east.inRecovery ? 'standby' : 'primary'}, the west a ${planned.west.inRecovery ? 'standby' : 'primary'}`,
    ),
  'fixpoint-is-quiet': ({ quiet }) => {
    const { mutations } = quiet;
    const [first] = mutations;
    return judged(
      mutations.length === 0,
      `${String(mutations.length)} mutations in ${seconds(quiet.until - quiet.from)}${first === undefined ? '' : `, first ${first.what} in ${first.where} by ${first.who}`}`,
    );
  },
};

export function judge(evidence: Evidence): readonly Verdict[] {
  const figures = figuresOf(evidence);
  return Object.entries(RULES).map(([invariant, rule]) => ({ invariant, ...rule(evidence, figures) }));
}

function judged(holds: boolean, says: string): Omit<Verdict, 'invariant'> {
  return { holds, says };
}

/** By the server's own log and its timeline's history, both of which count every promotion there ever was. */
function onePromotion({ forced, planned, logs }: Evidence): Omit<Verdict, 'invariant'> {
  const west = logs.west.promotions.length;
  const east = logs.east.promotions.length;
  const { before, after } = forced;
  const forcedOnce = after.timeline === before.timeline + 1 && after.history.length === before.history.length + 1;
  const plannedOnce = planned.east.timeline === after.timeline + 1 && planned.east.history.length === after.history.length + 1;
  return judged(
    west === 1 && east === 1 && forcedOnce && plannedOnce,
    `promotions: west ${String(west)}, east ${String(east)}; timelines ${String(before.timeline)}, ${String(after.timeline)}, ${String(planned.east.timeline)}`,
  );
}

/** Who was led to a region by its new answer was served there: its database had been opened before. */
function trafficAfterOpen({ clients, dnsChanges, names, forced, planned }: Evidence): Omit<Verdict, 'invariant'> {
  const refusedAfter = (to: string, region: string, from: number, until: number): number => {
    const moved = dnsChanges.find((change) => change.accepted && change.to === to && change.at >= from)?.at;
    if (moved === undefined) return 0;
    return clients.filter((a) => a.region === region && !a.acknowledged && a.sent >= moved && a.sent < until).length;
  };
  const west = refusedAfter(names.west, 'us-west-2', forced.killedAt, planned.askedAt);
  const east = refusedAfter(names.east, 'us-east-1', planned.askedAt, Number.POSITIVE_INFINITY);
  return judged(
    west + east === 0,
    `${String(west)} orders were refused by the west after the name led there, ${String(east)} by the east`,
  );
}

/** Two moves, two batches: each deletes what it replaces, none is an UPSERT, epochs rise, nothing third is named. */
function dnsWrites({ dnsChanges, dns, names }: Evidence): Omit<Verdict, 'invariant'> {
  const accepted = dnsChanges.filter((change) => change.accepted);
  const moves = accepted.map(({ to }) => to ?? '-');
  const epochs = accepted.map(({ epoch }) => epoch ?? 0);
  const rising = epochs.every((epoch, index) => epoch > (epochs[index - 1] ?? 0));
  const upserts = accepted.filter(({ changes }) => changes.some((change) => change.startsWith('UPSERT'))).length;
  const swapped = accepted.every(({ changes }) => changes.some((change) => change.startsWith('DELETE')));
  const strange = dns.filter(({ says }) => says !== names.east && says !== names.west);
  const inOrder = moves.length === 2 && moves[0] === names.west && moves[1] === names.east;
  return judged(
    inOrder && rising && upserts === 0 && swapped && strange.length === 0,
    `accepted batches led to ${moves.join(', then ') || 'nowhere'} with epochs ${epochs.join(', ')}; ${String(upserts)} UPSERTs; servers answered ${String(strange.length)} times neither`,
  );
}

/**
 * What the preserved copy holds beyond the west is what the clients miss: the lost, and what the east took after its
 * return. An order whose answer never arrived may be there too; nobody was promised it.
 */
function preserved(evidence: Evidence, { lost, postReturn }: Figures): Omit<Verdict, 'invariant'> {
  const { back, clients, pinned, forced } = evidence;
  if (back.preserved === undefined) return judged(false, 'no copy of the diverged data was preserved');
  const kept = new Set([...forced.rows, ...back.rows].map(({ id }) => id));
  const beyond = new Set(back.preserved.filter((id) => !kept.has(id)));
  const missed = [...lost, ...postReturn].map(({ order }) => order);
  const missing = missed.filter((id) => !beyond.has(id));
  const unanswered = new Set([...clients, ...pinned].filter((a) => !a.acknowledged).map(({ order }) => order));
  const known = new Set(acknowledged([...clients, ...pinned]).map(({ order }) => order));
  const unexplained = [...beyond].filter((id) => !missed.includes(id) && (known.has(id) || !unanswered.has(id)));
  return judged(
    missing.length === 0 && unexplained.length === 0,
    `the preserved copy holds ${String(beyond.size)} orders that the west lacks, the clients miss ${String(missed.length)}: ${String(missing.length)} not in the copy, ${String(unexplained.length)} nobody placed`,
  );
}

function servedBack(clients: Evidence['clients'], askedAt: number): boolean {
  return acknowledged(clients).some(({ region, t }) => t > askedAt && region === 'us-east-1');
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
