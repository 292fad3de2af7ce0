import { Command, CommanderError, Option } from 'commander';
import { isKubeError } from '../kube/kube-error.ts';
import { version } from '../version.ts';
import { commonOptions, type CliCommand, type Input, type OptionSpec } from './command.ts';
import { commands } from './commands/index.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';

/** Reads the command line (without the program's own name), does the work, and gives the exit code. Never throws. */
export async function runCli(argv: readonly string[], host: Host): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command('kubectl-drplan')
    .description('Disaster recovery plans: preview, status, runbook, and a word to a run.')
    .version(version)
    .usage('COMMAND PLAN [options]   (or: kubectl drplan COMMAND PLAN [options])')
    .showHelpAfterError('(kubectl drplan help COMMAND tells more)');
  // As kubectl has them: before the command or after it. What stands after it counts.
  program.enablePositionalOptions();
  for (const option of commonOptions) program.addOption(made(option).hideHelp());
  for (const command of commands) {
    program.addCommand(
      defined(command, program, async (input) => {
        code = await command.work(host, input);
      }),
    );
  }
  program.exitOverride();
  for (const each of [program, ...program.commands]) {
    each.exitOverride();
    each.configureOutput({ writeOut: (text) => host.out(text), writeErr: (text) => host.err(text) });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, host);
  }
}

function failed(error: unknown, host: Host): number {
  // commander has said it already; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CliError) {
    host.err(`${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? error.message : String(error);
  host.err([text, ...adviceOn(error)].map((line) => `${line}\n`).join(''));
  return exitCodes.failed;
}

/** What to do about it, for what the API server says itself names no way out. */
function adviceOn(error: unknown): readonly string[] {
  if (!isKubeError(error)) return [];
  if (error.outcomeUnknown) return ['It may have been taken: look with status before you repeat it.'];
  if (isKubeError(error, 'Unauthorized')) {
    return ['Your credentials are not taken: sign in anew, or name another kubeconfig or context.'];
  }
  if (isKubeError(error, 'Forbidden')) {
    return [
      'Ask for the ClusterRole maestro-dr-viewer to look, maestro-dr-editor to move, maestro-dr-approver for a word to a Run.',
    ];
  }
  if (isKubeError(error, 'Unreachable', 'Timeout')) {
    return [
      'If it stays so, go on by the runbook: each region has it as a ConfigMap, and `runbook -f` makes it from the YAML.',
    ];
  }
  return [];
}

function defined(
  { usage, summary, options }: CliCommand,
  program: Command,
  act: (input: Input) => Promise<void>,
): Command {
  const [name = '', ...parameters] = usage.split(' ');
  const command = new Command(name).summary(summary).description(summary);
  for (const parameter of parameters) command.argument(parameter);
  for (const option of [...options, ...commonOptions]) command.addOption(made(option));
  return command.action(async () => {
    await act(inputOf(command, program));
  });
}

function made({ flags, says, required, repeats, choices }: OptionSpec): Option {
  const option = new Option(flags, says);
  if (required === true) option.makeOptionMandatory();
  if (choices !== undefined) option.choices([...choices]);
  if (repeats === true) {
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

function inputOf(command: Command, program: Command): Input {
  const given: Readonly<Record<string, unknown>> = { ...program.opts(), ...command.opts() };
  return {
    args: command.args,
    text: (option) => (typeof given[option] === 'string' ? given[option] : undefined),
    flag: (option) => given[option] === true,
    texts: (option) => {
      const found: unknown = given[option];
      return Array.isArray(found) ? found.filter((item): item is string => typeof item === 'string') : [];
    },
  };
}
