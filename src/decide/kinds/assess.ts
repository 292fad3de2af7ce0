import type { Mode } from '../../api/plan.ts';
import type { Evidence, StepStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { ageMs } from '../../ports/clock.ts';
import { checkOf, databaseAt, hold, seenAt, unknownEvidence, type Context } from '../context.ts';
import { modeCommand } from '../commands.ts';
import type { Need } from '../facts.ts';
import { done, wait, type StepRule } from '../judgement.ts';

/** A receiver whose connection has ended must not have moved for this long before its silence counts (mode Auto). */
const receiverSilentMs = 10_000;

/** While it is `streaming`: for the answer to its question to arrive, and a look to see that. */
const answerMs = 5_000;

/** For the first looks to come back, hung ones too. */
const firstLooksMs = 5_000;

interface Health {
  readonly verdict: 'Healthy' | 'Down' | 'Unclear';
  readonly evidence: readonly Evidence[];
}

/** Confirms the impact and its scope, and with it the mode. Planned never turns into Forced by itself. */
export const assess: StepRule = {
  needs: (_step, ctx) => needs(ctx),
  judge(step, ctx) {
    const health = healthOf(ctx);
    const settled = settledMode(ctx);
    if (settled !== undefined && !hasLooked(step, ctx)) {
      return wait(hold('Observing', `Looking at ${ctx.source} and ${ctx.target} once.`, health.evidence));
    }
    if (settled !== undefined) {
      return done(
        'Succeeded',
        { what: `mode ${settled.mode}: ${settled.why}`, at: ctx.facts.now.wall, value: { mode: settled.mode } },
        ...health.evidence,
      );
    }
    if (health.verdict === 'Unclear' && stillWatching(step, ctx)) {
      return wait(
        hold('Observing', `Watching whether ${ctx.source} is silent towards its standby too.`, health.evidence),
      );
    }
    if (health.verdict === 'Unclear') {
      return wait(
        hold(
          'ModeUndecided',
          `Cannot tell whether ${ctx.source} is healthy or down; a person decides the mode.`,
          health.evidence,
          modeCommand(ctx, replicates(ctx) ? 'Planned' : 'Forced'),
        ),
      );
    }
    const mode: Mode = health.verdict === 'Healthy' ? 'Planned' : 'Forced';
    const what = `mode ${mode}: ${ctx.source} was observed ${health.verdict === 'Healthy' ? 'healthy and replicating' : 'down'}`;
    return done('Succeeded', { what, at: ctx.facts.now.wall, value: { mode } }, ...health.evidence);
  },
};

/** Whoever approves a mode that was set is to be shown what there was to see, though it decides nothing. */
function hasLooked({ readyAt }: StepStatus, ctx: Context): boolean {
  if (readyAt !== undefined && ctx.facts.now.wall - readyAt >= firstLooksMs) return true;
  const sides = ctx.spec.databases.flatMap(({ name }) =>
    [ctx.source, ctx.target].map((region) => ctx.facts.observed.databases[`${name}@${region}`]),
  );
  return [ctx.facts.observed.regions[ctx.source], ...sides].every((seen) => seen !== undefined);
}

/** Every database is seen on both sides, streaming: then the mode that loses nothing is the one to offer. */
function replicates(ctx: Context): boolean {
  return (
    ctx.spec.databases.length > 0 && ctx.spec.databases.every((d) => databaseHealth(ctx, d.name).verdict === 'Healthy')
  );
}

function needs(ctx: Context): Need[] {
  return [
    { kind: 'Region', region: ctx.source },
    { kind: 'Region', region: ctx.target },
    ...ctx.spec.databases.flatMap((d): Need[] => [
      { kind: 'Database', name: d.name, region: ctx.source },
      { kind: 'Database', name: d.name, region: ctx.target },
    ]),
  ];
}

/** A receiver has to be watched for a while before its silence says anything: nobody is asked before that. */
function stillWatching(step: StepStatus, ctx: Context): boolean {
  const { readyAt } = step;
  if (readyAt === undefined) return ctx.spec.databases.length > 0;
  return ctx.spec.databases.some(({ name }) => ctx.facts.now.wall - readyAt < watchMs(ctx, name, readyAt));
}

/** What moved while it was watched, or whose source is seen, is not going to turn out silent: it is not waited for. */
function watchMs(ctx: Context, name: string, readyAt: number): number {
  const { fact, streaks } = databaseAt(ctx, name, ctx.target);
  const moved = (streaks.receiver?.since.wall ?? 0) > readyAt + firstLooksMs;
  const open = fact.known && !moved && !databaseAt(ctx, name, ctx.source).fact.known;
  return firstLooksMs + ((open ? silenceMs(fact.value) : undefined) ?? receiverSilentMs);
}

/**
 * ms for which a receiver must not have moved before that is silence; undefined: its standing still says nothing. An
 * idle primary sends nothing by itself: only when the standby has heard nothing for half of its timeout does it ask, and
 * a primary that is there answers.
 */
function silenceMs({ receiver }: DatabaseState): number | undefined {
  if (receiver?.streaming !== true) return receiverSilentMs;
  const { timeoutMs = 60_000 } = receiver;
  return timeoutMs === 0 ? undefined : Math.max(receiverSilentMs, timeoutMs / 2 + answerMs);
}

function settledMode(ctx: Context): { readonly mode: Mode; readonly why: string } | undefined {
  if (ctx.run.spec.mode !== undefined) return { mode: ctx.run.spec.mode, why: 'set on the Run' };
  const policy = ctx.spec.failover.mode;
  return policy === 'Auto' ? undefined : { mode: policy, why: 'set in the plan' };
}

function healthOf(ctx: Context): Health {
  const region = regionHealth(ctx);
  const databases = ctx.spec.databases.map((d) => databaseHealth(ctx, d.name));
  const evidence = [...region.evidence, ...databases.flatMap((d) => d.evidence)];
  if (databases.length === 0) return { verdict: region.verdict, evidence };
  if (databases.every((d) => d.verdict === 'Healthy')) {
    // A source whose API is dead or whose probe is red is not observed healthy, however well its databases do: what
    // that means (its pods can be neither stopped nor counted, its clients may be out) is for a person to weigh.
    return { verdict: region.verdict === 'Healthy' ? 'Healthy' : 'Unclear', evidence };
  }
  // One database down decides it, but only beside an independent sign: a red probe or a dead API.
  const down = databases.some((d) => d.verdict === 'Down') && databases.every((d) => d.verdict !== 'Unclear');
  return { verdict: down && region.verdict === 'Down' ? 'Down' : 'Unclear', evidence };
}

/** Healthy: a primary whose standby streams. Down: unreachable from here and silent towards its standby. */
function databaseHealth(ctx: Context, name: string): Health {
  const source = databaseAt(ctx, name, ctx.source);
  const target = databaseAt(ctx, name, ctx.target);
  if (!target.fact.known) {
    return { verdict: 'Unclear', evidence: [unknownEvidence(`${name}@${ctx.target}`, target.fact)] };
  }
  const standby = target.fact.value;
  const streaming = standby.receiver?.streaming === true;
  const seen = seenAt(
    target.fact,
    `${name}@${ctx.target}: ${standby.role}, receiver ${streaming ? 'streaming' : 'not streaming'}`,
  );
  if (source.fact.known) {
    const healthy = source.fact.value.role === 'Primary' && standby.role === 'Replica' && streaming;
    return {
      verdict: healthy ? 'Healthy' : 'Unclear',
      evidence: [seenAt(source.fact, `${name}@${ctx.source}: ${source.fact.value.role}`), seen],
    };
  }
  const lost = unknownEvidence(`${name}@${ctx.source}`, source.fact);
  const silentHere = source.fact.why === 'Unreachable' || source.fact.why === 'Timeout';
  // What answers is there, even if it cannot be trusted.
  const unreachable = silentHere && source.fact.answered !== true;
  const streak = target.streaks.receiver;
  // To the last look, not to now: a look that hangs has seen nothing stand still.
  const silentMs = streak === undefined ? 0 : ageMs(target.fact.at, streak.since);
  const neededMs = silenceMs(standby);
  const silent = standby.role === 'Replica' && neededMs !== undefined && silentMs >= neededMs;
  const witness = seenAt(target.fact, `receiver of ${name}@${ctx.target} ${stillness(neededMs, silent)}`);
  return { verdict: unreachable && silent ? 'Down' : 'Unclear', evidence: [lost, seen, witness] };
}

function stillness(neededMs: number | undefined, silent: boolean): string {
  if (neededMs === undefined) {
    return 'never asks its upstream (wal_receiver_timeout 0): its standing still says nothing';
  }
  const needed = `${String(neededMs / 1000)} s`;
  return silent ? `unmoved for at least ${needed}` : `moved less than ${needed} ago, or was watched for less`;
}

/** Down: its API does not answer, or one of its probes is red. Healthy needs both; no probes: the API alone. */
function regionHealth(ctx: Context): Health {
  const api = ctx.facts.observed.regions[ctx.source]?.fact;
  const prefix = `probe/${ctx.source}/`;
  const probes = Object.keys(ctx.facts.observed.checks).filter((key) => key.startsWith(prefix));
  const results = probes.map((key) => ({ key, fact: checkOf(ctx, key).fact }));
  const evidence: Evidence[] = results.map(({ key, fact }) =>
    fact.known
      ? seenAt(fact, `${key}: ${fact.value.ok ? 'green' : 'red'}, ${fact.value.detail}`)
      : unknownEvidence(key, fact),
  );
  if (api === undefined) return { verdict: 'Unclear', evidence };
  const apiEvidence = api.known
    ? seenAt(api, `API of ${ctx.source} answers`)
    : unknownEvidence(`API of ${ctx.source}`, api);
  const all = [apiEvidence, ...evidence];
  const apiDead = !api.known && (api.why === 'Unreachable' || api.why === 'Timeout');
  const red = results.some(({ fact }) =>
    fact.known ? !fact.value.ok : fact.why === 'Unreachable' || fact.why === 'Timeout',
  );
  if (apiDead || red) return { verdict: 'Down', evidence: all };
  const green = api.known && results.every(({ fact }) => fact.known && fact.value.ok);
  return { verdict: green ? 'Healthy' : 'Unclear', evidence: all };
}
