import { PortError } from '../../../ports/port-error.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { ApplyResult } from '../../outcome.ts';
import { describeFailure, isNotPermittedToLogIn } from './failure.ts';
import { IN_RECOVERY, STALE_EPOCH } from './markers.ts';

export interface Attempted {
  /** Something may have reached the server. */
  readonly sent: boolean;
  /** Something did take effect there. */
  readonly changed: boolean;
  readonly secrets: readonly string[];
}

/**
 * What a failed attempt means. Only the server's own word that it did nothing is a refusal, and only while nothing
 * before it took effect; a broken session says nothing of its last statement.
 *
 * Codes: `StaleEpoch`, `InRecovery`, `NotPermittedToLogIn` (with the right password, so a fence was met),
 * `WrongPassword`, `Forbidden`, `Throttled`, `Unavailable`, `NotConfigured`, else the SQLSTATE.
 */
export function refusalOf(error: unknown, { sent, changed, secrets }: Attempted): ApplyResult {
  const { detail } = describeFailure(error, secrets);
  if (!sent && !isTimeout(error)) return { kind: 'Refused', code: 'NotConfigured', message: detail };
  if (changed || !(error instanceof SqlError) || leavesDoubt(error)) return { kind: 'OutcomeUnknown', detail };
  return { kind: 'Refused', code: codeOf(error), message: detail };
}

function isTimeout(error: unknown): boolean {
  return error instanceof PortError && error.why === 'Timeout';
}

/**
 * The session was ended in the middle of it (class 57 without `connect`, class 08), or the object was not in a state for
 * it (55000: a promotion that came between): to be observed.
 */
function leavesDoubt({ sqlState, statement }: SqlError): boolean {
  if (statement === 'connect') return false;
  return sqlState.startsWith('57') || sqlState.startsWith('08') || sqlState === '55000';
}

function codeOf(error: SqlError): string {
  if (isNotPermittedToLogIn(error)) return 'NotPermittedToLogIn';
  const { sqlState } = error;
  if (sqlState === STALE_EPOCH) return 'StaleEpoch';
  // read_only_sql_transaction: a write where recovery goes on
  if (sqlState === IN_RECOVERY || sqlState === '25006') return 'InRecovery';
  if (sqlState === '28P01') return 'WrongPassword';
  if (sqlState === '42501' || sqlState === '28000') return 'Forbidden';
  if (sqlState.startsWith('53')) return 'Throttled';
  if (sqlState.startsWith('57') || sqlState.startsWith('08')) return 'Unavailable';
  return sqlState;
}
