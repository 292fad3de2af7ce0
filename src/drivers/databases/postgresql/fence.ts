import type { ApplyResult } from '../../outcome.ts';
import type { Attempt } from './attempt.ts';
import { run } from './attempt.ts';
import { numberOf, onlyRow, textOf, textsOf } from './rows.ts';
import {
  endSessionsStatement,
  fenceStatement,
  flushedStatement,
  sealStatement,
  sessionsStatement,
  sparedStatement,
} from './statements.ts';

const PAUSE_MS = 50;
/** Of the call's deadline, what is left for saying what stood in the way. */
const REPORT_SHARE = 0.2;

interface Session {
  readonly pid: number;
  readonly listed: boolean;
}

/**
 * Markers and NOLOGIN in one transaction; then sessions are ended until two looks in a row, each in a session of its
 * own, find none; then the seal, which makes all of it durable. `detail` of Accepted is the flushed position after it:
 * a standby that has replayed it has everything that was ever acknowledged here.
 */
export async function fence(attempt: Attempt): Promise<ApplyResult> {
  const { applicationRoles } = attempt.ref.database;
  if (applicationRoles.includes(attempt.connection.target.user)) {
    return {
      kind: 'Refused',
      code: 'OperatorIsApplication',
      message: `${attempt.connection.target.user} is an application role and the operator's own: give the operator a role of its own`,
    };
  }
  await run(attempt, [fenceStatement(attempt.mark, applicationRoles)]);
  attempt.changed();
  const remaining = await endSessions(attempt);
  if (remaining.length > 0) {
    const pids = remaining.map(({ pid }) => String(pid)).join(', ');
    return {
      kind: 'OutcomeUnknown',
      detail: `the fence stands, but ${String(remaining.length)} sessions of application roles did not end (pids ${pids})`,
    };
  }
  const [, flushed] = await run(attempt, [sealStatement(attempt.mark), flushedStatement()]);
  return { kind: 'Accepted', detail: textOf(onlyRow(flushed, 'flushed'), 'lsn') };
}

/**
 * What is left of the sessions that could write past the fence; none, when two looks in a row found none.
 *
 * A backend that no view lists with a role may have looked its role up before the fence. One that was there at the
 * first look after the commit is therefore a suspect until it is gone, or until ending it is refused because it has no
 * role yet. Whoever looks the role up later (InitializeSessionUserId reads the catalogue anew) is refused by it. So
 * neither a storm of reconnecting clients nor a login that stalls can hold up the proof.
 */
async function endSessions(attempt: Attempt): Promise<readonly Session[]> {
  const { clock, callMs } = attempt.options;
  const until = clock.monotonic() + callMs * (1 - REPORT_SHARE);
  let suspects: readonly number[] | undefined;
  let clean = 0;
  for (;;) {
    const { sessions, spared } = await look(attempt, suspects ?? []);
    const unlisted = sessions.filter(({ listed }) => !listed).map(({ pid }) => pid);
    suspects = (suspects ?? unlisted).filter((pid) => unlisted.includes(pid) && !spared.includes(pid));
    const remaining = stillThere(sessions, suspects);
    clean = remaining.length === 0 ? clean + 1 : 0;
    if (clean === 2 || clock.monotonic() >= until) return clean === 2 ? [] : remaining;
    await clock.sleep(PAUSE_MS, attempt.signal);
  }
}

interface Look {
  readonly sessions: readonly Session[];
  readonly spared: readonly number[];
}

async function look(attempt: Attempt, suspects: readonly number[]): Promise<Look> {
  const { applicationRoles } = attempt.ref.database;
  const [, sessions, spared] = await run(attempt, [
    endSessionsStatement(applicationRoles, suspects),
    sessionsStatement(applicationRoles),
    sparedStatement(),
  ]);
  return {
    sessions: (sessions ?? []).map((row) => ({
      pid: numberOf(row, 'pid'),
      listed: textOf(row, 'kind') === 'application',
    })),
    spared: textsOf(onlyRow(spared, 'spared'), 'pids').map(Number),
  };
}

function stillThere(sessions: readonly Session[], suspects: readonly number[]): readonly Session[] {
  return sessions.filter(({ pid, listed }) => listed || suspects.includes(pid));
}
