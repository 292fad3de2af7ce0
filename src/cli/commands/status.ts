import { conditionOf } from '../../api/conditions.ts';
import { isKubeError, type KubeError } from '../../kube/kube-error.ts';
import { coloured, plain } from '../../view/paint.ts';
import { statusText } from '../../view/status-text.ts';
import { statusView, type StatusView } from '../../view/status.ts';
import { argument, output, type CliCommand, type Input } from '../command.ts';
import { CliError, exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { lookForLeases } from '../operator-leases.ts';
import { findPlan, findRunOf, management, type FoundPlan, type FoundRun, type Management } from '../plans.ts';

const everyMs = 1_000;
const clearScreen = '\u001b[H\u001b[2J\u001b[3J';

export const status: CliCommand = {
  usage: 'status <plan>',
  summary: 'one screen: where it is, since when, what it waits for, and the command to type',
  options: [
    { flags: '-w, --watch', says: 'again with each change, until the run is over' },
    { flags: '--run <name>', says: 'another Run than the one under way, or the last' },
    { flags: '--exit-code', says: 'end with 10 where a person is waited for, 11 where it is not well' },
    output,
  ],
  async work(host, input) {
    const cluster = await management(host, input);
    if (input.flag('watch')) return await watch(host, cluster, input);
    const { view } = await look(host, cluster, input);
    host.out(textOf(view, host, input));
    return codeOf(view, input);
  },
};

async function watch(host: Host, cluster: Management, input: Input): Promise<ExitCode> {
  let { view, isOver } = await look(host, cluster, input);
  let shown = '';
  for (;;) {
    const text = textOf(view, host, input);
    if (host.terminal) host.out(`${clearScreen}${text}`);
    // Ages run on: without a terminal only what has changed is worth a line.
    else if (unaged(view) !== shown) host.out(text);
    if (isOver) return codeOf(view, input);
    shown = unaged(view);
    await host.sleep(everyMs);
    const next = await nextLook(host, cluster, input);
    // After a complaint it is worth a line that it is seen again.
    if (next.complained) shown = '';
    ({ view, isOver } = next.seen);
  }
}

/** The next look that succeeds: an API server that fails over with the rest is away for a while, and a token expires. */
async function nextLook(
  host: Host,
  cluster: Management,
  input: Input,
): Promise<{ readonly seen: Seen; readonly complained: boolean }> {
  let said = '';
  for (;;) {
    try {
      return { seen: await look(host, cluster, input), complained: said !== '' };
    } catch (error) {
      if (!mayPass(error)) throw error;
      // A line, and once: a long outage must not scroll what was seen last off the screen.
      const complaint = error.message.trim().replace(/\s*\n\s*/g, ' ');
      if (complaint !== said) host.err(`It cannot be looked at, and is tried again: ${complaint}\n`);
      said = complaint;
      await host.sleep(everyMs);
    }
  }
}

/** Whatever the cluster or the kubeconfig answers, but that the plan or its Run is gone; a defect of the program does not pass. */
function mayPass(error: unknown): error is KubeError | CliError {
  return isKubeError(error) || (error instanceof CliError && error.exitCode !== exitCodes.notFound);
}

function textOf(view: StatusView, host: Host, input: Input): string {
  if (input.text('output') === 'json') return `${JSON.stringify(view, undefined, 2)}\n`;
  return statusText(view, host.colour ? coloured : plain);
}

/** `isOver`: the Run that is shown has ended, and no other is to be followed. */
interface Seen {
  readonly view: StatusView;
  readonly isOver: boolean;
}

async function look(host: Host, cluster: Management, input: Input): Promise<Seen> {
  const asked = input.text('run');
  const [{ found, run }, leases] = await Promise.all([planAndRun(cluster, input, asked), lookForLeases(cluster)]);
  const view = statusView({
    plan: found.plan,
    status: found.status,
    leases,
    now: host.now(),
    ...(run === undefined ? {} : { run: run.run }),
  });
  return { view, isOver: view.run?.finished === true && (asked !== undefined || !isRunAwaited(found)) };
}

async function planAndRun(
  cluster: Management,
  input: Input,
  asked: string | undefined,
): Promise<{ readonly found: FoundPlan; readonly run: FoundRun | undefined }> {
  const found = await findPlan(cluster, argument(input, 0));
  if (asked !== undefined) return { found, run: await findRunOf(cluster, found, asked) };
  const name = currentRun(found);
  return { found, run: name === undefined ? undefined : await runIfThere(cluster, found, name) };
}

/** The plan's status names its last Run also after somebody deleted it; the plan is worth a look without it. */
async function runIfThere(cluster: Management, found: FoundPlan, name: string): Promise<FoundRun | undefined> {
  try {
    return await findRunOf(cluster, found, name);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === exitCodes.notFound) return undefined;
    throw error;
  }
}

/**
 * Whether a Run is asked for that is not there yet: the wish was not looked at since it was said, the Run is named only, or waits
 * until it may be made. The last one has ended then, and its end is not the one that somebody follows.
 */
function isRunAwaited({ object: { metadata }, status }: FoundPlan): boolean {
  const isUnseen = metadata.generation !== undefined && metadata.generation !== status.observedGeneration;
  const isNamed = status.currentRun !== undefined && status.currentRun.uid === undefined;
  const held = conditionOf(status.conditions, 'Ready')?.reason;
  return isUnseen || isNamed || held === 'RunsCapped' || held === 'EpochUnproven';
}

/** A Run that is named and not made yet is shown as soon as it is there. */
function currentRun({ status: { currentRun: current, lastRun } }: FoundPlan): string | undefined {
  if (current?.uid !== undefined) return current.name;
  return lastRun?.name;
}

function unaged(view: StatusView): string {
  return JSON.stringify(view, (key, value: unknown) => (key.endsWith('Ms') ? undefined : value));
}

function codeOf(view: StatusView, input: Input): ExitCode {
  if (!input.flag('exitCode')) return exitCodes.ok;
  const { run, operator } = view;
  // Before anybody is asked for a word: nobody would hear it.
  if (operator?.state === 'Absent') return exitCodes.notWell;
  if (run?.waits.some(({ person }) => person) === true) return exitCodes.person;
  const ready = view.conditions.find(({ type }) => type === 'Ready')?.status;
  const goesOn = run !== undefined && !run.finished;
  return ready === 'True' || goesOn ? exitCodes.ok : exitCodes.notWell;
}
