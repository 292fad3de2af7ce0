import type { Mode } from '../api/plan.ts';
import type { Run, StepStatus } from '../api/run.ts';
import type { JsonRecord } from '../kube/json.ts';
import { isRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { predictLoss } from '../view/predicted-loss.ts';
import { amountWords, lossWords } from '../view/words.ts';
import { argument, output, type CliCommand, type Input, type OptionSpec } from './command.ts';
import { confirm, yesOption } from './confirm.ts';
import { CliError, exitCodes, type ExitCode } from './exit-codes.ts';
import type { Host } from './host.ts';
import {
  deadlineMs,
  findPlan,
  findRunOf,
  management,
  runResource,
  type FoundPlan,
  type FoundRun,
  type Management,
} from './plans.ts';

/** A Run as a word is about to be put on it. `wire`: its spec as it stands, for a list is replaced as a whole. */
export interface Addressed {
  readonly run: Run;
  readonly wire: JsonRecord;
  readonly input: Input;
  readonly by: string;
  readonly now: number;
}

/** One thing that a person may say to a Run. */
export interface Word {
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** `Pause checkout-1`, once it is known which. @throws CliError where the Run cannot be asked for it as it stands. */
  readonly doing: (addressed: Addressed) => string;
  /** What goes into `spec`. Asked again after each conflict, with `shown`: what `doing` had said. */
  readonly spec: (addressed: Addressed) => JsonRecord;
  readonly also?: (addressed: Addressed) => readonly string[];
  /** For which mode the loss is foretold; default: the Run's, and forced while it has none. */
  readonly mode?: (addressed: Addressed) => Mode;
}

export const reasonOption: OptionSpec = Object.freeze({
  flags: '--reason <text>',
  says: 'why; it is recorded',
  required: true,
});
export const byOption: OptionSpec = Object.freeze({
  flags: '--by <name>',
  says: 'who says it; default: your user name here (claimed, unverified)',
});

const steeringOptions: readonly OptionSpec[] = Object.freeze([
  yesOption,
  { flags: '--run <name>', says: 'another Run than the one under way' },
  output,
]);

/** Writes are refused with 409 while the operator writes its status: read again, and look whether it still holds. */
const attempts = 10;

export function steering(word: Word): CliCommand {
  return {
    usage: word.usage,
    summary: word.summary,
    options: [...word.options, ...steeringOptions],
    work: (host, input) => say(word, host, input),
  };
}

async function say(word: Word, host: Host, input: Input): Promise<ExitCode> {
  const cluster = await management(host, input);
  const plan = await findPlan(cluster, argument(input, 0));
  const name = input.text('run') ?? underWay(plan);
  let found = await findRunOf(cluster, plan, name);
  const doing = word.doing(addressed(found, host, input));
  await confirm(host, input, {
    doing,
    plan: `${plan.plan.namespace}/${plan.plan.name}`,
    ...wayOf(plan, found.run),
    loss: lossOf(plan, found.run, word.mode?.(addressed(found, host, input))),
    also: word.also?.(addressed(found, host, input)) ?? [],
  });
  // What was confirmed is what is written: an operator's write in between is read, and the word judged again.
  for (let attempt = 1; ; attempt++) {
    found = await findRunOf(cluster, plan, name);
    const again = addressed(found, host, input);
    if (word.doing(again) !== doing) {
      throw new CliError(
        exitCodes.refused,
        `${name} has changed meanwhile (now: ${word.doing(again)}); look at its status, and say it again.`,
      );
    }
    const written = await tryToWrite(cluster, found, word.spec(again));
    if (written !== undefined) return told(host, input, doing, plan, written);
    if (attempt === attempts) {
      throw new CliError(exitCodes.failed, `${name} changes too fast to be written to; try again.`);
    }
  }
}

function underWay({ plan, status: { currentRun } }: FoundPlan): string {
  if (currentRun?.uid === undefined) {
    throw new CliError(exitCodes.refused, `No Run of ${plan.namespace}/${plan.name} is under way.`);
  }
  return currentRun.name;
}

function addressed({ object, run }: FoundRun, host: Host, input: Input): Addressed {
  if (isTerminalPhase(run.status.phase)) {
    throw new CliError(
      exitCodes.refused,
      `${run.name} is over (${run.status.phase}): nothing can be said to it any more.`,
    );
  }
  const wire = isRecord(object.spec) ? object.spec : {};
  return { run, wire, input, by: input.text('by') ?? host.user, now: host.now() };
}

/** undefined: somebody wrote in between. */
async function tryToWrite(
  { client, namespace }: Management,
  { object, run }: FoundRun,
  spec: JsonRecord,
): Promise<JsonRecord | undefined> {
  const { uid, resourceVersion } = object.metadata;
  try {
    const written = await client.patch(
      { ...runResource, namespace, name: run.name },
      { metadata: { uid, resourceVersion }, spec },
      { type: 'merge', deadlineMs },
    );
    return isRecord(written.spec) ? written.spec : {};
  } catch (error) {
    if (isKubeError(error, 'Conflict')) return undefined;
    throw error;
  }
}

function told(host: Host, input: Input, doing: string, { plan }: FoundPlan, spec: JsonRecord): ExitCode {
  if (input.text('output') === 'json') host.out(`${JSON.stringify({ done: doing, spec }, undefined, 2)}\n`);
  else {
    host.out(
      `Recorded: ${doing}. \`kubectl drplan status ${plan.name} -n ${plan.namespace}\` shows what becomes of it.\n`,
    );
  }
  return exitCodes.ok;
}

function wayOf({ plan }: FoundPlan, run: Run): { readonly from: string; readonly to: string } {
  const to = run.spec.targetRegion;
  const from = run.status.sourceRegion ?? plan.spec.regions.find((region) => region !== to) ?? '';
  return { from, to };
}

/** What the Run has measured, else what it asks to be accepted, else what its samples foretell. */
function lossOf({ plan, status }: FoundPlan, run: Run, mode: Mode = run.status.mode ?? 'Forced'): readonly string[] {
  const { recovery, samples } = run.status;
  if (recovery.length > 0) return recovery.map((one) => `${one.database}: ${lossWords(one)}`);
  const target = run.spec.targetRegion;
  return predictLoss({ plan, status, target, samples }, mode).map(
    (one) => `${one.database}: ${lossHold(run, one.database)?.message ?? amountWords(one)}`,
  );
}

/** What a promotion asks to be accepted: newer and surer than what the samples foretell, and not to stand beside it. */
export function lossHold({ status }: Run, database?: string): StepStatus['waitsFor'] {
  return status.steps.find(
    ({ outcome, subject, waitsFor }) =>
      outcome === undefined &&
      waitsFor?.reason === 'DataLossUnaccepted' &&
      (database === undefined || subject === database),
  )?.waitsFor;
}

/** A list of the spec with one entry more; those with the same values at all `keys` give way. Objects as they are on the wire. */
export function listWith(
  wire: JsonRecord,
  field: string,
  entry: JsonRecord,
  ...keys: readonly string[]
): readonly unknown[] {
  const had: unknown = wire[field];
  const items: readonly unknown[] = Array.isArray(had) ? had : [];
  const isSame = (item: unknown): boolean =>
    keys.length > 0 && isRecord(item) && keys.every((key) => item[key] === entry[key]);
  return [...items.filter((item) => !isSame(item)), entry];
}
