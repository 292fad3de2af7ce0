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
  for (const command of commands) {
    program.addCommand(
      defined(command, async (input) => {
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
  host.err(
    `${text}\n${isKubeError(error) && error.outcomeUnknown ? 'It may have been taken: look with status before you repeat it.\n' : ''}`,
  );
  return exitCodes.failed;
}

function defined({ usage, summary, options }: CliCommand, act: (input: Input) => Promise<void>): Command {
  const [name = '', ...parameters] = usage.split(' ');
  const command = new Command(name).summary(summary).description(summary);
  for (const parameter of parameters) command.argument(parameter);
  for (const option of [...options, ...commonOptions]) command.addOption(made(option));
  return command.action(async () => {
    await act(inputOf(command));
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

function inputOf(command: Command): Input {
  const given: Readonly<Record<string, unknown>> = command.opts();
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
