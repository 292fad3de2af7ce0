const POLL_MS = 250;

/**
 * For programs of the sandbox that are somebody's child: they end when their parent is gone, however it went. The
 * system hands orphans to another parent, and that is what is watched; pipes and signals do not survive a SIGKILL.
 */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, POLL_MS).unref();
}
