import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { host, serverName } from '../../scenarios/names.ts';
import type { ObjectLog, Version } from '../object-log.ts';
import { targetOf, time } from './reading.ts';

interface Intended {
  readonly log: ObjectLog;
  readonly database: string;
  readonly at: number;
  /** The last time before it at which a person wrote the Run's spec. */
  readonly wordAt: number;
}

/** First intents to promote of Runs whose spec had been written by a person before. */
function intended(history: History): readonly Intended[] {
  return history.runs.flatMap((log) =>
    history.databases.flatMap((database) => {
      const index = log.versions.findIndex(({ steps }) =>
        steps.some(({ id, intent }) => id === `promote/${database}` && intent !== undefined),
      );
      const version = log.versions[index];
      const wordAt = lastWord(log.versions.slice(0, Math.max(0, index)));
      return version === undefined || wordAt === undefined ? [] : [{ log, database, at: version.at, wordAt }];
    }),
  );
}

function lastWord(versions: readonly Version[]): number | undefined {
  // A label or an annotation is no word: the generation stays.
  const words = ({ spec }: Version): string => JSON.stringify(spec);
  return versions.findLast((version, index) => {
    const before = versions[index - 1];
    return before !== undefined && version.user === 'ana' && words(version) !== words(before);
  })?.at;
}

export const evidenceOfThisGeneration: Invariant = {
  number: 22,
  name: 'evidence older than the current generation counts for nothing',
  premise: (history) => intended(history).length > 0,
  violations: (history) =>
    intended(history).flatMap(({ log, database, at, wordAt }) => {
      const server = host(serverName(database, targetOf(log)));
      const looked = history.looks.some((look) => look.host === server && look.at >= wordAt && look.at <= at);
      if (looked) return [];
      return [
        `${log.name} wanted ${database} promoted at ${time(at)} without a look since its spec changed at ${time(wordAt)}`,
      ];
    }),
};
