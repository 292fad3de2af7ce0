import type { Figure } from './figure.ts';
import { createFleet, plansPerNamespace, readyPlans } from './fleet.ts';

const HOUR_MS = 3_600_000;
/** Until what a start costs is over: the first looks, the first reads of Secrets, the events of adoption. */
const SETTLE_MS = 1_800_000;

interface Counted {
  /** Requests a second by what they go to. */
  readonly kube: number;
  readonly sql: number;
  readonly aws: number;
  readonly other: number;
  /** Statements a second inside the SQL sessions. */
  readonly statements: number;
}

/** The objectives of the users' own runbook template (RTO 4 h, RPO 15 min), and the stricter ones of the design's example. */
const shapes = [
  { plans: 1, rpo: '15m', rto: '4h' },
  { plans: 100, rpo: '15m', rto: '4h', most: 2 },
  { plans: 1_000, rpo: '15m', rto: '4h', most: 5 },
  { plans: 100, rpo: '5m', rto: '30m', most: 2 },
  { plans: 1_000, rpo: '5m', rto: '30m', most: 5 },
] as const;

/**
 * An hour of virtual time in which nothing happens: every request that leaves either replica is counted. The chart
 * installs two, and the one that does not lead asks too: for the lease, and whether it could reach the regions.
 */
export async function restFigures(say: (line: string) => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const shape of shapes) {
    const { plans, rpo } = shape;
    const name = `${String(plans)} ${plans === 1 ? 'plan' : 'plans'}, RPO ${rpo}`;
    say(`at rest with ${name}`);
    const counted = await count(plans, shape);
    const total = counted.kube + counted.sql + counted.aws + counted.other;
    const parts = `API servers ${counted.kube.toFixed(2)}, SQL sessions ${counted.sql.toFixed(2)} (${counted.statements.toFixed(1)} statements/s inside them), AWS ${counted.aws.toFixed(2)}, HTTP checks and DNS ${counted.other.toFixed(2)}`;
    figures.push({
      name: `rest/${name}`,
      value: total,
      unit: 'requests/s',
      ...('most' in shape ? { target: { most: shape.most } } : {}),
      meaning: `mean of an hour at rest, everything that leaves the two replicas counted, each plan with two PostgreSQL servers, two Deployments and a record of its own, ${String(plansPerNamespace)} plans a namespace: ${parts}`,
    });
  }
  return figures;
}

async function count(plans: number, { rpo, rto }: Readonly<Record<'rpo' | 'rto', string>>): Promise<Counted> {
  const stage = createFleet({ plans, rpo, rto });
  stage.start('standby');
  await stage.until('all plans are ready', () => readyPlans(stage) === plans);
  await stage.kernel.run({ maxVirtualMs: SETTLE_MS, maxEvents: Infinity });
  const before = stage.kernel.callCounts();
  const stopped = await stage.kernel.run({ maxVirtualMs: HOUR_MS, maxEvents: Infinity });
  if (stopped.why !== 'time') throw new Error(`the hour at rest ended early: ${stopped.why}`);
  const perSecond = Object.entries(stage.kernel.callCounts()).map(
    ([label, calls]) => [label, ((calls - (before[label] ?? 0)) * 1_000) / HOUR_MS] as const,
  );
  const sum = (matches: (label: string) => boolean): number =>
    perSecond.filter(([label]) => matches(label)).reduce((total, [, rate]) => total + rate, 0);
  if (readyPlans(stage) !== plans) throw new Error('a plan at rest is not ready any more');
  const isSql = (label: string): boolean => label.startsWith('sql.');
  return {
    kube: sum((label) => label.startsWith('kube.')),
    // A session is one exchange with its server: it is opened, its statements go in order, it is closed.
    sql: sum((label) => label === 'sql.connect'),
    statements: sum((label) => isSql(label) && label !== 'sql.connect' && label !== 'sql.close'),
    aws: sum((label) => label.startsWith('route53.')),
    other: sum((label) => !label.startsWith('kube.') && !isSql(label) && !label.startsWith('route53.')),
  };
}
