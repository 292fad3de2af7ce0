import { parseDuration } from '../../../src/api/duration.ts';
import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { lastVersion, type ObjectLog } from '../object-log.ts';
import { modeOf, promotions, sourceOf, targetOf, time, type Promotion } from './reading.ts';

interface Recovery {
  readonly database: string;
  readonly grade: string;
  readonly loss?: string;
  readonly lostCommits?: number;
  readonly postReturnCommits?: number;
}

const forced = (history: History): readonly Promotion[] =>
  promotions(history).filter(
    ({ act, run }) => run !== undefined && modeOf(run) === 'Forced' && act.database === history.databases[0],
  );

/** Only a history's one forced run can be judged by what is there at its end. */
function judged(history: History): { readonly run: ObjectLog; readonly at: number } | undefined {
  const all = forced(history);
  const [first] = all;
  if (first?.run === undefined || all.some(({ run }) => run !== first.run)) return undefined;
  return { run: first.run, at: first.act.at };
}

export const lossWithinBound: Invariant = {
  number: 8,
  name: 'a forced failover loses at most the bound it reported; where none can be given it says so',
  premise: (history) => judged(history) !== undefined && recoveryOf(history) !== undefined,
  violations(history) {
    const one = judged(history);
    const recovery = recoveryOf(history);
    if (one === undefined || recovery === undefined) return [];
    const rows = history.ends[`${recovery.database}-${targetOf(one.run)}`]?.rows ?? new Set<string>();
    const source = sourceOf(one.run);
    const before = history.attempts.filter(
      ({ acknowledged, region, at }) => acknowledged && region === source && at < one.at,
    );
    const lost = before.filter(({ id }) => !rows.has(id));
    const [first] = lost;
    const last = before.at(-1);
    if (first === undefined || last === undefined) return [];
    const exposure = last.at - first.at;
    const parsed = recovery.loss === undefined ? undefined : parseDuration(recovery.loss);
    const bound = typeof parsed === 'number' ? parsed : undefined;
    const claimed = recovery.grade === 'Bounded' || recovery.grade === 'Measured';
    const found: string[] = [];
    if (claimed && bound === undefined) found.push(`${one.run.name} grades its loss ${recovery.grade} and names none`);
    if (claimed && bound !== undefined && exposure > bound) {
      found.push(
        `${one.run.name} reports at most ${recovery.loss ?? ''}, but orders of ${String(exposure)} ms from ${time(first.at)} on are gone`,
      );
    }
    // A source that came back before the promotion took orders again: they are counted apart.
    const counted = (recovery.lostCommits ?? 0) + (recovery.postReturnCommits ?? 0);
    if (recovery.grade === 'Measured' && counted < lost.length) {
      found.push(
        `${one.run.name} counts ${String(counted)} lost commits, the clients miss ${String(lost.length)} orders`,
      );
    }
    return found;
  },
};

function recoveryOf(history: History): Recovery | undefined {
  const run = judged(history)?.run;
  const { recovery = [] } = (run === undefined ? {} : (lastVersion(run)?.status ?? {})) as {
    readonly recovery?: readonly Recovery[];
  };
  return recovery.find(({ database }) => database === history.databases[0]);
}
