import type { Evidence } from '../../api/run.ts';
import { PRESERVED_AT } from '../../drivers/workloads/job/names.ts';
import { discardCommand } from '../commands.ts';
import { hold, stepOf, type Context } from '../context.ts';
import { done, wait, type Judgement } from '../judgement.ts';
import { copyNamed, rebuildJobNames, type RebuildJob } from './rebuild-jobs.ts';

/**
 * The old primary streams as a standby again. Whatever it alone had is gone from it then, so that is done only where
 * there was nothing, where a Job names the copy that it kept, or where a person said that none need be kept. A Job
 * that names none may have kept one or not: a person looks. `jobs`: those of the step that are there.
 */
export function rebuilt(ctx: Context, name: string, jobs: readonly RebuildJob[]): Judgement {
  const streams = `${name}@${ctx.source} streams from ${ctx.target}`;
  const at = ctx.facts.now.wall;
  const kept = copyNamed(jobs);
  if (kept !== undefined) return done('Succeeded', { what: streams, at, value: { preservedAt: kept } });
  const diverged = divergedWords(ctx, name);
  if (diverged === undefined) return done('Succeeded', { what: streams, at });
  const word = ctx.run.spec.discardDiverged;
  if (word !== undefined) {
    const what = `${streams}; ${word.by} said (claimed, unverified) that what diverged need not be kept: ${word.reason}`;
    return done('Succeeded', { what, at });
  }
  const message = `Database ${name} in ${ctx.source} was rebuilt, and ${unnamed(ctx, name, jobs, diverged)}`;
  const evidence = stepOf(ctx.status, `compare/${name}`)?.outcome?.evidence ?? [];
  return wait(hold('PreservationUnproven', message, evidence, discardCommand(ctx)));
}

/** Only a comparison that was made and found nothing says that nothing diverged. */
function divergedWords(ctx: Context, name: string): string | undefined {
  const compared = stepOf(ctx.status, `compare/${name}`)?.outcome;
  const read: Evidence['value'] = compared?.state === 'Succeeded' ? compared.evidence[0]?.value : undefined;
  const { lostCommits, postReturnCommits } = read ?? {};
  if (typeof lostCommits !== 'number' || typeof postReturnCommits !== 'number') {
    return `what ${name} held beyond the switchpoint, which could not be read`;
  }
  const commits = lostCommits + postReturnCommits;
  if (commits === 0) return undefined;
  return `the ${commits === 1 ? 'commit' : `${String(commits)} commits`} that ${ctx.target} never had`;
}

function unnamed(ctx: Context, name: string, jobs: readonly RebuildJob[], diverged: string): string {
  const record = 'where there is a copy; or record that none need be kept.';
  const skip = `Skip this step with the place as your reason ${record}`;
  const worked = jobs.findLast(({ fact }) => fact.value.state === 'Succeeded');
  if (worked !== undefined) {
    return `Job ${worked.name} does not say where it kept ${diverged}. Annotate the Job with ${PRESERVED_AT} ${record}`;
  }
  const failed = jobs.at(-1);
  if (failed !== undefined) {
    return `Job ${failed.name}, which failed, does not vouch for a copy of ${diverged}. ${skip}`;
  }
  const asked = rebuildJobNames(ctx, name).at(-1) ?? '';
  return `Job ${asked} is not there, which would say where it kept ${diverged}. ${skip}`;
}
