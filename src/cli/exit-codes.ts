/** How the command ended, for scripts. docs/cli.md has the same table; a test holds the two together. */
export const exitCodes = Object.freeze({
  /** It did what was asked. */
  ok: 0,
  /** The cluster or a file could not be read, or something unforeseen. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The plan, its Run or the step does not exist. */
  notFound: 3,
  /** It cannot be asked of the Run as it stands: nothing waits for it, or it is too late. */
  refused: 4,
  /** The person did not confirm, or nobody could be asked. */
  unconfirmed: 5,
  /** The plan cannot be carried out as written. */
  malformed: 6,
  /** With --exit-code: a person is waited for, or would be. */
  person: 10,
  /** With --exit-code: the plan is not Ready, and nothing goes on. */
  notWell: 11,
  /** Whoever read the output went before its end: what a shell says of a program that SIGPIPE ended, kubectl among them. */
  outputClosed: 141,
} as const);

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a sentence instead of a stack. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** It cannot be asked of the Run as it stands. */
export function refused(message: string): CliError {
  return new CliError(exitCodes.refused, message);
}
