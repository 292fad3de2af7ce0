import type { Fact } from '../../api/fact.ts';
import { peerOf } from '../../api/plan.ts';
import { compareLsn } from '../../drivers/databases/lsn.ts';
import type { PlanFacts } from './facts.ts';

/**
 * How far the standby lies behind, ms, on the operator's own clock: now minus the newest sample it has replayed, or 0
 * when it has replayed the newest of all. An idle primary has no lag, and needs no heartbeat (design/POSTGRESQL.md).
 */
export function replicationLag(facts: PlanFacts, database: string, active: string): Fact<number> {
  const standby = facts.observed.databases[`${database}@${peerOf(facts.plan.spec, active)}`]?.fact;
  if (standby === undefined) return { known: false, why: 'NotAsked', detail: 'not looked at yet', since: facts.now };
  if (!standby.known) return { known: false, why: standby.why, detail: standby.detail, since: standby.since };
  const samples = facts.samples.filter((s) => s.database === database && s.region === active);
  const newest = samples.at(-1);
  if (newest === undefined) {
    return {
      known: false,
      why: 'NotAsked',
      detail: 'no position of the active region was sampled yet',
      since: facts.now,
    };
  }
  const { position } = standby.value;
  if (compareLsn(newest.lsn, position) <= 0) {
    // Everything sampled is there; of a source that cannot be seen, what it did since then is not known.
    const source = facts.observed.databases[`${database}@${active}`]?.fact;
    if (source?.known !== true) {
      const why = source?.why ?? 'NotAsked';
      return { known: false, why, detail: 'the active region does not tell its position', since: facts.now };
    }
    return { known: true, value: 0, at: standby.at, generation: standby.generation };
  }
  const covered = samples.findLast((s) => compareLsn(s.lsn, position) <= 0);
  if (covered === undefined) {
    return { known: false, why: 'NotAsked', detail: 'the standby lies behind the oldest sample', since: facts.now };
  }
  return {
    known: true,
    value: Math.max(0, standby.at.wall - covered.at),
    at: standby.at,
    generation: standby.generation,
  };
}
