import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/** A watch over every PostgreSQL server whose data lie under one folder. */
export interface Guard {
  /** Ends the servers that still run there, and the folder if so asked. Resolves when that is done. */
  end(): Promise<void>;
}

/**
 * Servers run in sessions of their own, so that a Ctrl-C or a crash of the sandbox does not tear them down half-way;
 * this sees to it that they do not outlive it either. A shell waits on a pipe of which only this process holds the
 * other end: however this process ends, SIGKILL included, the pipe closes and the shell ends every server whose
 * `postmaster.pid` lies under `root`, whoever started it.
 */
export function guardFolder(root: string, options: { readonly remove: boolean }): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'maestro-guard', root, options.remove ? 'remove' : 'keep'], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const closed = once(shell, 'close');
  // Neither the shell nor the pipe keeps the process alive.
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  shell.stdin.on('error', () => {
    // The shell is gone already; `close` tells.
  });
  return {
    end: async () => {
      shell.ref();
      shell.stdin.end();
      await closed;
    },
  };
}

/**
 * Plain sh: it must run where there is nothing else. A process is only signalled if its command line names the data
 * folder (numbers are used again). Two empty passes are wanted, for a rebuild may be starting one. Shared memory of a
 * killed server has no other owner than its postmaster.pid (line 7: key, identifier).
 */
const SCRIPT = `
root=$1
trap '' INT TERM HUP QUIT
cat >/dev/null
servers() {
  find "$root" -name postmaster.pid 2>/dev/null | while IFS= read -r file; do
    pid=$(head -n 1 "$file" 2>/dev/null)
    data=\${file%/postmaster.pid}
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || continue
    { tr '\\0' ' ' <"/proc/$pid/cmdline" || ps -p "$pid" -o command=; } 2>/dev/null | grep -qF -- "$data" || continue
    echo "$pid"
  done
}
empty=0
tries=0
while [ $empty -lt 2 ] && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  found=$(servers)
  if [ -z "$found" ]; then
    empty=$((empty + 1))
  else
    empty=0
    for pid in $found; do
      kill -CONT "$pid" 2>/dev/null
      if [ $tries -gt 50 ]; then kill -KILL "$pid"; else kill -QUIT "$pid"; fi
    done
  fi
  sleep 0.1
done 2>/dev/null
if command -v ipcrm >/dev/null 2>&1; then
  find "$root" -name postmaster.pid 2>/dev/null | while IFS= read -r file; do
    ipcrm -m "$(sed -n 7p "$file" | tr -s ' ' | sed 's/^ //' | cut -d ' ' -f 2)" 2>/dev/null
  done
fi
# A program of the sandbox that has not noticed yet may write into it while it is removed: again, then.
tries=0
while [ "$2" = remove ] && [ -e "$root" ] && [ $tries -lt 50 ]; do
  tries=$((tries + 1))
  rm -rf "$root" 2>/dev/null
  [ -e "$root" ] && sleep 0.2
done
exit 0
`;
