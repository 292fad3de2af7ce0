import { setTimeout as pause } from 'node:timers/promises';
import { signal } from '../postgresql/processes.ts';
import { balancerName, type RegionName } from '../world/names.ts';
import type { Stage } from './stage.ts';
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

/**
 * A broken operator has led the name there already. Then the shop stays shut until one of its customers has come to the
 * door, or would have: their caches may hold the old answer for all of its TTL, and harm that nobody met is not seen.
 */
export async function untilTurnedAway(
  { clients, dns }: Pick<Stage, 'clients' | 'dns'>,
  region: RegionName,
  { since, mostMs }: { readonly since: number; readonly mostMs: number },
): Promise<void> {
  if (!dns.answers().some(({ says }) => says === balancerName(region))) return;
  const late = Date.now() + mostMs;
  const isTurnedAway = async (): Promise<boolean> =>
    (await clients.attempts()).some((a) => a.region === region && !a.acknowledged && a.sent >= since);
  while (Date.now() < late && !(await isTurnedAway())) await pause(100);
}
