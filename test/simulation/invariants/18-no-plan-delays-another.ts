import type { Invariant } from './invariant.ts';
import { milestoneOf } from './reading.ts';

/** What a neighbour may cost: its looks share the operator's limits, so some ms, never a step. */
const SLACK_MS = 3_000;

export const noPlanDelaysAnother: Invariant = {
  number: 18,
  name: 'a malformed or hung plan never delays another',
  premise: ({ told, runs }) => told.badPlan !== undefined && told.undisturbed !== undefined && runs.length > 0,
  violations({ told, runs }) {
    const twin = told.undisturbed;
    if (told.badPlan === undefined || twin === undefined) return [];
    return runs.flatMap((log) => {
      const other = twin.runs.find(({ name }) => name === log.name);
      const alone = other === undefined ? undefined : took(other);
      const here = took(log);
      if (alone === undefined) return [];
      if (here !== undefined && here <= alone + SLACK_MS) return [];
      return [
        `${log.name} took ${String(here ?? 'for ever')} ms beside ${told.badPlan ?? ''}, and ${String(alone)} ms alone`,
      ];
    });
  },
};

function took(log: Parameters<typeof milestoneOf>[0]): number | undefined {
  const end = milestoneOf(log, 'sustained');
  const start = log.versions[0]?.at;
  return end === undefined || start === undefined ? undefined : end - start;
}
