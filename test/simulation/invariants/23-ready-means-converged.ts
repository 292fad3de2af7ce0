import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import type { ObjectLog, Version } from '../object-log.ts';
import { versionAt } from '../object-log.ts';
import { phaseOf, recordMoves, TERMINAL, time } from './reading.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
}

/** What people change at rest is seen by the next look. */
const NOTICED_MS = 20_000;

function readyIn({ status }: Version): Condition | undefined {
  const { conditions = [] } = status as { readonly conditions?: readonly Condition[] };
  return conditions.find(({ type }) => type === 'Ready');
}

/** The versions in which the operator says Ready, with the generation that the plan then had. */
function said({ versions }: ObjectLog): readonly { readonly version: Version; readonly generation: number }[] {
  let generation = 1;
  return versions.flatMap((version, index) => {
    const before = versions[index - 1];
    const edited = before !== undefined && JSON.stringify(before.spec) !== JSON.stringify(version.spec);
    if (edited) generation += 1;
    return readyIn(version)?.status === 'True' && !edited && version.user !== 'ana' ? [{ version, generation }] : [];
  });
}

const main = (history: History): readonly ObjectLog[] => history.plans.filter(({ name }) => name === 'checkout');

export const readyMeansConverged: Invariant = {
  number: 23,
  name: 'Ready=True only when everything has converged at the current generation',
  premise: (history) =>
    history.runs.length > 0 && main(history).some((log) => said(log).some(({ generation }) => generation > 1)),
  violations: (history) =>
    main(history).flatMap((log) =>
      said(log).flatMap(({ version, generation }) => {
        const { at, spec, status } = version;
        const wrong: string[] = [];
        if (readyIn(version)?.observedGeneration !== generation) {
          wrong.push(`at generation ${String(readyIn(version)?.observedGeneration)} of ${String(generation)}`);
        }
        if (spec.activeRegion !== status.activeRegion) wrong.push(`in ${String(status.activeRegion)}`);
        const moved = recordMoves(history).findLast((move) => move.at <= at);
        if (moved !== undefined && moved.to !== spec.activeRegion && (moved.own || moved.at + NOTICED_MS <= at)) {
          wrong.push(`while the record leads to ${moved.to}`);
        }
        // A Run of an earlier plan of this name is not this plan's.
        const open = history.runs.find((run) => {
          const then = versionAt(run, at);
          return (
            then !== undefined &&
            (run.versions[0]?.at ?? 0) >= (log.versions[0]?.at ?? 0) &&
            run.versions[0]?.at !== at &&
            !TERMINAL.includes(phaseOf(then)) &&
            phaseOf(then) !== ''
          );
        });
        if (open !== undefined) wrong.push(`while ${open.name} was under way`);
        return wrong.map((why) => `Ready in ${String(spec.activeRegion)} at ${time(at)}, ${why}`);
      }),
    ),
};
