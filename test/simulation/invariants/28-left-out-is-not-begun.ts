import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { isRefused } from './asked.ts';
import { begun, stepIn, time } from './reading.ts';

interface LeftOut {
  readonly step: string;
}

/** First attempts and others, of a step that people had left out, and nobody refused it. */
function begunAllTheSame(history: History): readonly string[] {
  return history.runs.flatMap((log) =>
    log.versions.flatMap((version, index) => {
      const before = log.versions[index - 1];
      const { skips = [] } = (before?.spec ?? {}) as { readonly skips?: readonly LeftOut[] };
      if (before === undefined || skips.length === 0) return [];
      return begun(before, version)
        .filter(({ intent }) => intent.action === 'Do')
        .filter(({ id }) => skips.some(({ step }) => step === id) && !isRefused(version, `Skip ${id}`))
        .map(({ id }) => `${log.name} began ${id} at ${time(version.at)}, which people had left out`);
    }),
  );
}

export const leftOutIsNotBegun: Invariant = {
  number: 28,
  name: 'a step that people leave out is not begun any more',
  premise: (history) =>
    history.runs.some(({ versions }) =>
      versions.some((version) => {
        const { skips = [] } = version.spec as { readonly skips?: readonly LeftOut[] };
        return skips.some(({ step }) => {
          const found = stepIn(version, step);
          return found !== undefined && found.effect !== 'None' && found.intent === undefined;
        });
      }),
    ),
  violations: begunAllTheSame,
};
