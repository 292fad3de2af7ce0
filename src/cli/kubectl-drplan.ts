import { endWithItsReader, lostOutput } from './lost-output.ts';
import { runCli } from './program.ts';
import { createTerminalHost } from './terminal-host.ts';

endWithItsReader(process);

/** `kubectl drplan …`, or by its own name: kubectl finds the program as a plugin on the PATH. */
runCli(process.argv.slice(2), createTerminalHost()).then(
  (code) => {
    // Not process.exit: what was written to a pipe must arrive. Nothing else is left to wait for but kept connections.
    process.exitCode = code;
    setImmediate(() => {
      process.stdout.write('', (error) => {
        if (error) process.exitCode = lostOutput(error).code;
        process.exit();
      });
    });
  },
  (error: unknown) => {
    process.stderr.write(`kubectl-drplan stopped: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
