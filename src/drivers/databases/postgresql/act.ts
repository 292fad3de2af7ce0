import { withDeadline } from '../../../ports/deadline.ts';
import type { DatabaseAction, DatabaseActuator, DatabaseRef } from '../driver.ts';
import type { ApplyResult, EffectToken } from '../../outcome.ts';
import type { Connection, PostgresqlOptions } from './connection.ts';
import { applicationConnection, distrustSecrets, operatorConnection } from './connection.ts';
import type { Attempt } from './attempt.ts';
import { run } from './attempt.ts';
import { fence } from './fence.ts';
import { identityHash } from '../../../api/identity.ts';
import { refusalOf } from './refusal.ts';
import { onlyRow, orNull, booleanOf, textOf } from './rows.ts';
import {
  announceStatement,
  checkpointStatement,
  endReadersStatement,
  flushedStatement,
  openStatement,
  probeStatement,
  promoteStatement,
  signStatement,
} from './statements.ts';

export function createPostgresqlActuator(options: PostgresqlOptions): DatabaseActuator {
  return {
    apply: async (ref, action, token, signal) => await apply(options, ref, action, token, signal),
  };
}

async function apply(
  options: PostgresqlOptions,
  ref: DatabaseRef,
  action: DatabaseAction,
  token: EffectToken,
  signal: AbortSignal,
): Promise<ApplyResult> {
  let connection: Connection | undefined;
  let changed = false;
  try {
    return await withDeadline(options.clock, options.callMs, signal, async (call) => {
      connection = await connectionFor(options, ref, action);
      return await ACTIONS[action]({
        options,
        ref,
        mark: { hash: identityHash(ref.identity), epoch: token.epoch, token: token.token },
        connection,
        signal: call,
        changed: () => {
          changed = true;
        },
      });
    });
  } catch (error) {
    distrustSecrets(options, ref);
    return refusalOf(error, { sent: connection !== undefined, changed, secrets: connection?.secrets ?? [] });
  }
}

async function connectionFor(
  options: PostgresqlOptions,
  ref: DatabaseRef,
  action: DatabaseAction,
): Promise<Connection> {
  const { applicationProbe } = ref.database;
  if (action !== 'Probe' || applicationProbe === undefined) return await operatorConnection(options, ref);
  return await applicationConnection(options, ref, applicationProbe.secretRef.name);
}

const ACTIONS = {
  Fence: fence,
  Unfence: open,
  Promote: promote,
  Checkpoint: checkpoint,
  Open: open,
  Probe: probe,
  Announce: announce,
} as const satisfies Record<DatabaseAction, (attempt: Attempt) => Promise<ApplyResult>>;

/** Opening the target and undoing a planned fence on the source are the same transaction. */
async function open(attempt: Attempt): Promise<ApplyResult> {
  await run(attempt, [openStatement(attempt.mark)]);
  return { kind: 'Accepted' };
}

/**
 * Readers are ended before and after asking, for behind one of them recovery goes on unseen; those that come in later
 * are ended by the next attempt, which does no harm while the promotion is pending.
 */
async function promote(attempt: Attempt): Promise<ApplyResult> {
  const statements = [endReadersStatement(), promoteStatement(), endReadersStatement()];
  const [, rows] = await run(attempt, statements);
  const asked = orNull(onlyRow(rows, 'promote'), 'asked', booleanOf);
  if (asked === undefined) return { kind: 'Accepted', detail: 'already a primary' };
  return asked ? { kind: 'Accepted' } : { kind: 'OutcomeUnknown', detail: 'pg_promote returned false' };
}

async function checkpoint(attempt: Attempt): Promise<ApplyResult> {
  await run(attempt, [checkpointStatement()]);
  return { kind: 'Accepted' };
}

async function announce(attempt: Attempt): Promise<ApplyResult> {
  const { mark } = attempt;
  const [, , flushed] = await run(attempt, [signStatement(mark), announceStatement(mark.token), flushedStatement()]);
  const lsn = orNull(onlyRow(flushed, 'flushed'), 'lsn', textOf);
  if (lsn !== undefined) return { kind: 'Accepted', detail: lsn };
  return { kind: 'Refused', code: 'InRecovery', message: 'the server is in recovery: announce on the primary' };
}

async function probe(attempt: Attempt): Promise<ApplyResult> {
  const { applicationProbe, name } = attempt.ref.database;
  if (applicationProbe === undefined) {
    return {
      kind: 'Refused',
      code: 'NoProbe',
      message: `database ${name} has no applicationProbe: add one to the plan`,
    };
  }
  await run(attempt, [probeStatement(applicationProbe.table)]);
  return { kind: 'Accepted' };
}
