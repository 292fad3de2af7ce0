import { exitCodes, type ExitCode } from './exit-codes.ts';

/** Exit code of a program whose output could not be written, and what is to be said of it; nothing where nobody reads. */
export function lostOutput(error: Error): { readonly code: ExitCode; readonly says: string } {
  if ('code' in error && error.code === 'EPIPE') return { code: exitCodes.outputClosed, says: '' };
  return { code: exitCodes.failed, says: `The output cannot be written: ${error.message}\n` };
}

/**
 * Node takes no notice of SIGPIPE: that a reader has gone (`… | head -1`) is an error of the stream, which nobody awaits. Output
 * is written once a command has done what it was asked, so no request is broken off by ending there.
 */
export function endWithItsReader({ stdout, stderr, exit }: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exit'>): void {
  stdout.on('error', (error: Error) => {
    const { code, says } = lostOutput(error);
    stderr.write(says);
    exit(code);
  });
  // What is written here comes before the work or tells of its failure: neither is to break off what a person asked for, and
  // there is nowhere left to tell of it. The exit code does.
  stderr.on('error', () => undefined);
}
