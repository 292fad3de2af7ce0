import { abandonRefused, leftOpen } from '../../decide/steering/abandon.ts';
import type { CliCommand } from '../command.ts';
import { refused } from '../exit-codes.ts';
import { byOption, reasonOption, steering } from '../steering.ts';

export const abandon: CliCommand = steering({
  usage: 'abandon <plan>',
  summary: 'end a run that is past its fence where it stands, and let plan and Run go; nothing is taken back',
  options: [reasonOption, byOption],
  doing: ({ run }) => {
    if (run.spec.abandon !== undefined) {
      throw refused(`${run.name} is being abandoned already, by ${run.spec.abandon.by}.`);
    }
    const why = abandonRefused(run.status);
    if (why !== undefined) {
      throw refused(`${why} \`kubectl drplan abort ${run.spec.planRef.name} -n ${run.namespace}\` does.`);
    }
    return `Abandon ${run.name} as it stands`;
  },
  also: ({ run }) => {
    const open = leftOpen(run.status);
    return [
      'Final: nothing more is done and nothing taken back; a fenced source stays fenced.',
      ...(open.length === 0 ? [] : [`Asked for and not seen done: ${open.join(', ')}.`]),
    ];
  },
  spec: ({ by, input }) => ({ abandon: { by, reason: input.text('reason') ?? '' } }),
});
