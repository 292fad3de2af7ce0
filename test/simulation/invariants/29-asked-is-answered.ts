import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { lastVersion, type ObjectLog, type Version } from '../object-log.ts';
import { isRefused, type Word, wordsOf } from './asked.ts';
import { phaseOf } from './reading.ts';

interface Asked {
  readonly log: ObjectLog;
  readonly version: Version;
  readonly word: Word;
}

/** What the spec of each Run asks for at its end. One that is not its plan's says so, and does nothing that is asked. */
function asked(history: History): readonly Asked[] {
  return history.runs.flatMap((log) => {
    const version = lastVersion(log);
    const isOut = version === undefined || log.deletedAt !== undefined || phaseOf(version) === 'Superseded';
    return isOut ? [] : wordsOf(log).map((word) => ({ log, version, word }));
  });
}

export const askedIsAnswered: Invariant = {
  number: 29,
  name: 'what people ask of a run is done, or refused in its status',
  premise: (history) => asked(history).length > 0,
  violations: (history) =>
    asked(history)
      .filter(({ version, word }) => !word.isDone && !isRefused(version, word.request))
      .map(({ log, version, word }) => `${log.name} ended in ${phaseOf(version)} without a word on ${word.request}`),
};
