import type { ExitCode } from './exit-codes.ts';
import type { Host } from './host.ts';

/** What was typed, read by name. */
export interface Input {
  readonly args: readonly string[];
  text(option: string): string | undefined;
  flag(option: string): boolean;
  texts(option: string): readonly string[];
}

/** `repeats`: may be given several times. */
export interface OptionSpec {
  readonly flags: string;
  readonly says: string;
  readonly required?: boolean;
  readonly repeats?: boolean;
  readonly choices?: readonly string[];
}

/** One command: its arguments, and the function that does the work. */
export interface CliCommand {
  /** `approve <plan>`, as commander reads it. */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  readonly work: (host: Host, input: Input) => Promise<ExitCode>;
}

/** Options that every command has. */
export const commonOptions: readonly OptionSpec[] = Object.freeze([
  { flags: '-n, --namespace <name>', says: "the plan's namespace; default: the context's" },
  { flags: '--kubeconfig <file>', says: 'default: $KUBECONFIG, ~/.kube/config' },
  { flags: '--context <name>', says: 'the context of the management cluster; default: the current one' },
]);

export const output: OptionSpec = Object.freeze({
  flags: '-o, --output <form>',
  says: 'text, or json for programs',
  choices: ['text', 'json'],
});

/** The nth argument, which commander has seen to be there. */
export function argument(input: Input, index: number): string {
  const found = input.args[index];
  if (found === undefined) throw new Error(`argument ${String(index)} is missing though the usage asks for it`);
  return found;
}
