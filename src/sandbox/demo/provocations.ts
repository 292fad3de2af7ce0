import { signal } from '../postgresql/processes.ts';
import { execute, walSenders, type Administrator } from './witnesses/database.ts';

/** What the demo does to an operator that should stand it. Each is undone by what it returns. */

/**
 * The processes that send WAL stand still: connections live, nothing arrives. A promotion that does not wait for the
 * source's last position loses what was acknowledged meanwhile.
 */
export async function slowReplication(primary: Administrator): Promise<{ readonly from: number; release(): number }> {
  const senders = await walSenders(primary);
  for (const pid of senders) signal(pid, 'SIGSTOP');
  return {
    from: Date.now(),
    release: () => {
      for (const pid of senders) signal(pid, 'SIGCONT');
      return Date.now();
    },
  };
}

/** The external service that the shop depends on: traffic waits for it. */
export async function setDependency(port: number, state: 'red' | 'green'): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${String(port)}/healthz`, {
    method: 'PUT',
    body: state,
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the dependency does not turn ${state}: HTTP ${String(response.status)}`);
}

/**
 * An administrator shuts the shop out, after everything was found well and before the name is moved. Whoever moves it
 * on the strength of what was true a moment ago leads customers to a region that turns them away.
 */
export async function shutOut(primary: Administrator): Promise<{ letIn(): Promise<void> }> {
  await execute(primary, 'ALTER ROLE shop NOLOGIN');
  await execute(primary, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'`);
  return { letIn: () => execute(primary, 'ALTER ROLE shop LOGIN') };
}
