import type { Mode } from '../../api/plan.ts';
import { pastNoReturn } from '../../decide/abort.ts';
import { argument, type CliCommand } from '../command.ts';
import { CliError, exitCodes, refused } from '../exit-codes.ts';
import { steering, type Addressed } from '../steering.ts';

export const mode: CliCommand = steering({
  usage: 'mode <plan> <mode>',
  summary: 'settle a run as Planned or Forced where that is undecided; once, and refused where it is decided',
  options: [],
  doing: (addressed) => {
    const asked = askedMode(addressed);
    const { name, spec, status } = addressed.run;
    if (status.mode === asked) throw refused(`${name} is ${asked} already.`);
    if (status.mode !== undefined) {
      const instead = pastNoReturn(status)
        ? 'it can no longer be aborted, either: do what it waits for, or fail back once it is over.'
        : `abort it, and make another with failover.mode ${asked} in the plan.`;
      throw refused(`${name} is ${status.mode}, and does not change that: ${instead}`);
    }
    if (spec.mode !== undefined) {
      throw refused(`The mode of ${name} is set to ${spec.mode} already, and can be set only once.`);
    }
    if (spec.desiredState === 'Aborted' || status.abort !== undefined) {
      throw refused(`${name} is being aborted: no mode is decided any more.`);
    }
    return `Settle ${name} as ${asked}; it can be set only once`;
  },
  also: (addressed) => {
    const hold = addressed.run.status.steps.find(({ waitsFor }) => waitsFor?.reason === 'ModeUndecided')?.waitsFor;
    return hold === undefined ? [meaning[askedMode(addressed)]] : [hold.message, meaning[askedMode(addressed)]];
  },
  mode: askedMode,
  spec: (addressed) => ({ mode: askedMode(addressed) }),
});

const meaning: Readonly<Record<Mode, string>> = Object.freeze({
  Planned:
    'Planned: nothing is promoted before it has all that the source committed; if that cannot be, the source stays.',
  Forced: 'Forced: goes without the source, for one that is down; what its standby does not have is lost.',
});

function askedMode({ input }: Addressed): Mode {
  const text = argument(input, 1);
  if (text === 'Planned' || text === 'Forced') return text;
  throw new CliError(exitCodes.usage, `mode: "${text}" is none; say Planned or Forced.`);
}
