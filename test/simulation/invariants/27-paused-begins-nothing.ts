import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import type { ObjectLog, Version } from '../object-log.ts';
import { begun, phaseOf, TERMINAL, time } from './reading.ts';

/** Who says one of these says so after the pause, or knowing of it. Nobody says that a position is late. */
const ofPeople = ['Requested', 'Reverted', 'PlanDeleted'];

interface Held {
  readonly log: ObjectLog;
  readonly before: Version;
  readonly version: Version;
}

/**
 * What was written of Runs that were paused, by whoever knew of it: a status is refused that was decided on another
 * version of the Run.
 */
function whilePaused(history: History): readonly Held[] {
  return history.runs.flatMap((log) =>
    log.versions.flatMap((version, index) => {
      const before = log.versions[index - 1];
      const paused = before?.spec.desiredState === 'Paused' && version.spec.desiredState === 'Paused';
      return paused && !TERMINAL.includes(phaseOf(before)) ? [{ log, before, version }] : [];
    }),
  );
}

function takenBack({ status }: Version): boolean {
  const { abort } = status as { readonly abort?: { readonly reason: string } };
  return abort !== undefined && ofPeople.includes(abort.reason);
}

export const pausedBeginsNothing: Invariant = {
  number: 27,
  name: 'a paused run begins nothing, and takes nothing back but on a word',
  premise: (history) =>
    whilePaused(history).some(({ version }) =>
      version.steps.some(({ effect, outcome }) => effect !== 'None' && outcome === undefined),
    ),
  violations: (history) =>
    whilePaused(history)
      .filter(({ version }) => !takenBack(version))
      .flatMap(({ log, before, version }) =>
        begun(before, version).map(
          ({ id, intent }) => `${log.name} was paused, and began ${id} (${intent.action}) at ${time(version.at)}`,
        ),
      ),
};
