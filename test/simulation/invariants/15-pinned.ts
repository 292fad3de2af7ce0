import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import type { ObjectLog } from '../object-log.ts';
import { phaseOf, TERMINAL, time } from './reading.ts';

/** A plan's spec was written by somebody while the Run was under way. */
function editedMeanwhile(history: History, log: ObjectLog): boolean {
  const from = log.versions.find(({ status }) => status.snapshot !== undefined)?.at;
  const to = log.versions.find((version) => TERMINAL.includes(phaseOf(version)))?.at ?? history.endedAt;
  if (from === undefined) return false;
  return history.plans.some(({ versions }) =>
    versions.some(
      ({ at, spec }, index) =>
        at > from && at < to && JSON.stringify(spec) !== JSON.stringify(versions[index - 1]?.spec ?? spec),
    ),
  );
}

export const pinned: Invariant = {
  number: 15,
  name: 'editing a plan never alters a running run',
  premise: (history) => history.runs.some((log) => editedMeanwhile(history, log)),
  violations: (history) =>
    history.runs.flatMap((log) => {
      const snapshots = new Set(log.versions.map(({ status }) => status.snapshot).filter((text) => text !== undefined));
      const graphs = new Map(
        log.versions
          .filter(({ steps }) => steps.length > 1)
          .map(({ at, steps }) => [JSON.stringify(steps.map(({ id, effect, pretend }) => [id, effect, pretend])), at]),
      );
      return [
        ...(snapshots.size > 1 ? [`${log.name} pinned ${String(snapshots.size)} plans`] : []),
        ...(graphs.size > 1 ? [`${log.name} changed its steps by ${time([...graphs.values()].at(-1) ?? 0)}`] : []),
      ];
    }),
};
