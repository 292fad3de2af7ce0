import { peerOf, type Database, type PlanSpec } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';

const phase = 'Reconstitution';

/** ms: for some readings of all the WAL that an old primary wrote since, which take minutes each (drivers/index.ts). */
const compareMs = 15 * 60_000;

/** The old source: stood down, fenced for good, compared before anything rewinds it, rebuilt, protecting again. */
export function reconstitution(spec: PlanSpec, source: string): Step[] {
  const target = peerOf(spec, source);
  const observed = spec.traffic.length === 0 ? ['soak'] : spec.traffic.map((t) => `observed/${t.name}`);
  const standDowns = spec.workloads.map((w): Step => ({
    id: `stand-down/${w.name}`,
    kind: 'StandDown',
    phase,
    subject: w.name,
    region: source,
    after: observed,
    effect: 'Reversible',
  }));
  return [
    ...standDowns,
    ...spec.databases.flatMap((d) => wayBack(d, source, target)),
    {
      id: 'report',
      kind: 'Report',
      phase,
      effect: 'None',
      after: ['soak', ...standDowns.map((step) => step.id), ...spec.databases.map((d) => `protect/${d.name}`)],
    },
  ];
}

function wayBack({ name }: Database, source: string, target: string): Step[] {
  const there = { phase, subject: name, region: source } as const;
  return [
    // From the override on, not from the promotion: a writer that comes back in between holds the promotion up.
    { ...there, id: `finish-fence/${name}`, kind: 'FinishFence', after: [`fence/${name}`], effect: 'Reversible' },
    {
      ...there,
      id: `compare/${name}`,
      kind: 'Compare',
      after: [`finish-fence/${name}`, `open/${name}`],
      effect: 'None',
      deadlineMs: compareMs,
    },
    {
      ...there,
      id: `rebuild/${name}`,
      kind: 'Rebuild',
      after: [`compare/${name}`, `checkpoint/${name}`, 'soak'],
      effect: 'Irreversible',
    },
    {
      ...there,
      id: `protect/${name}`,
      kind: 'Protect',
      region: target,
      after: [`rebuild/${name}`],
      effect: 'Reversible',
    },
  ];
}
