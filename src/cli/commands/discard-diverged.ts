import type { StepStatus } from '../../api/run.ts';
import type { CliCommand } from '../command.ts';
import { refused } from '../exit-codes.ts';
import { byOption, reasonOption, steering, type Addressed } from '../steering.ts';

export const discardDiverged: CliCommand = steering({
  usage: 'discard-diverged <plan>',
  summary:
    'let what the old primary alone holds be given up with its rebuild; refused where nothing is left to rebuild',
  options: [reasonOption, byOption],
  doing: (addressed) => {
    const { name, spec } = addressed.run;
    if (spec.discardDiverged !== undefined) {
      throw refused(`${spec.discardDiverged.by} said already that ${name} need keep nothing of what diverged.`);
    }
    return `Give up what diverged of ${toRebuild(addressed).join(', ')} on ${name}`;
  },
  also: (addressed) => [
    ...toRebuild(addressed).map((database) => found(addressed, database)),
    'Final: the rebuild Job is told that no copy need be kept; commits that the new primary never had may be gone for good.',
  ],
  spec: ({ by, input }) => ({ discardDiverged: { by, reason: input.text('reason') ?? '' } }),
});

/** Databases whose old primary is still to be rebuilt: of the others the word would change nothing. */
function toRebuild({ run: { name, status } }: Addressed): readonly string[] {
  const rebuilds = status.steps.filter(({ kind }) => kind === 'Rebuild');
  if (rebuilds.length === 0) throw refused(`${name} rebuilds no database: it has nothing to give up.`);
  const open = rebuilds.filter(({ outcome }) => outcome === undefined);
  if (open.length === 0) throw refused(`${name} has rebuilt all it had to: nothing is left to give up.`);
  return open.map(({ subject = '' }) => subject);
}

function found({ run: { status } }: Addressed, database: string): string {
  const isCompared = ({ kind, subject }: StepStatus): boolean => kind === 'Compare' && subject === database;
  const [evidence] = status.steps.find(isCompared)?.outcome?.evidence ?? [];
  return evidence?.what ?? `${database}: what diverged is not known yet.`;
}
