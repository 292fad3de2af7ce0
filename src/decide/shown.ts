import type { HeardWord, RunStatus } from '../api/run.ts';

/**
 * Keeps with each approval the words that it answers: once the gate is open, no step shows them any more, and the
 * report has to say what its giver saw. `before`: the status that stood when the approval was given.
 */
export function withShown(before: RunStatus, after: RunStatus): RunStatus {
  const words = after.words.map((word) => {
    const shown = word.shown ?? question(before, word);
    return shown === word.shown || shown === undefined ? word : { ...word, shown };
  });
  return words.every((word, index) => word === after.words[index]) ? after : { ...after, words };
}

/** What an approval answers, by the status that stood then. Of another hash nothing was asked: what its giver saw is not known. */
export function question(
  status: RunStatus,
  { gate, evidenceHash }: Pick<HeardWord, 'gate' | 'evidenceHash'>,
): string | undefined {
  const hold = status.steps
    .map(({ waitsFor }) => waitsFor)
    .find((one) => one?.reason === gate && one.evidenceHash === evidenceHash);
  if (hold === undefined) return undefined;
  return [hold.message, ...hold.evidence.map(({ what }) => what)].join(' | ');
}
