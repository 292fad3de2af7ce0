import type { Evidence } from '../../api/run.ts';
import { PRESERVED_AT } from '../../drivers/workloads/job/names.ts';
import { discardCommand } from '../commands.ts';
import { hold, jobAt, stepOf, type Context } from '../context.ts';
import { done, wait, type Judgement } from '../judgement.ts';

/**
 * The old primary streams as a standby again. Whatever it alone had is gone from it then, so that is done only where
 * there was nothing, where the Job names the copy that it kept, or where a person said that none need be kept. A Job
 * that names none may have kept one or not: a person looks. `job`: its name.
 */
export function rebuilt(ctx: Context, name: string, job: string): Judgement {
  const streams = `${name}@${ctx.source} streams from ${ctx.target}`;
  const at = ctx.facts.now.wall;
  const kept = keptAt(ctx, name);
  if (kept !== undefined) return done('Succeeded', { what: streams, at, value: { preservedAt: kept } });
  const diverged = divergedWords(ctx, name);
  if (diverged === undefined) return done('Succeeded', { what: streams, at });
  const word = ctx.run.spec.discardDiverged;
  if (word !== undefined) {
    const what = `${streams}; ${word.by} said (claimed, unverified) that what diverged need not be kept: ${word.reason}`;
    return done('Succeeded', { what, at });
  }
  const message = `Database ${name} in ${ctx.source} was rebuilt, and ${unnamed(ctx, name, job, diverged)}`;
  const evidence = stepOf(ctx.status, `compare/${name}`)?.outcome?.evidence ?? [];
  return wait(hold('PreservationUnproven', message, evidence, discardCommand(ctx)));
}

/** Where the Job says that the copy lies, as far as it is still there to say so. */
function keptAt(ctx: Context, name: string): string | undefined {
  const { fact } = jobAt(ctx, name, ctx.source);
  const named = fact.known && fact.value.exists ? fact.value.preservedAt?.trim() : undefined;
  return named === '' ? undefined : named;
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

function unnamed(ctx: Context, name: string, job: string, diverged: string): string {
  const { fact } = jobAt(ctx, name, ctx.source);
  const record = 'where there is a copy; or record that none need be kept.';
  return fact.known && fact.value.exists
    ? `Job ${job} does not say where it kept ${diverged}. Annotate the Job with ${PRESERVED_AT} ${record}`
    : `Job ${job} is not there, which would say where it kept ${diverged}. Skip this step with the place as your reason ${record}`;
}
