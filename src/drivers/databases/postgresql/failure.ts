import type { UnknownWhy } from '../../../api/fact.ts';
import { PortError } from '../../../ports/port-error.ts';
import { SqlError } from '../../../ports/sql.ts';

const DETAIL_LENGTH = 300;

export interface Failure {
  readonly why: UnknownWhy;
  /** A server that runs said no, or was not trusted. One that starts, stops or breaks off may as well be on its way down. */
  readonly answered?: true;
  /** One line, without secrets. */
  readonly detail: string;
}

/**
 * What a failed session says about the server. A server that answers is not unreachable, but a starting, stopping or
 * full one says nothing about its state either.
 * `secrets`: values that must not appear in the detail, whoever put them into the message.
 */
export function describeFailure(error: unknown, secrets: readonly string[] = []): Failure {
  if (error instanceof SqlError) {
    return {
      why: meaningOf(error.sqlState),
      ...(meaningOf(error.sqlState) === 'Unreachable' ? {} : { answered: true }),
      detail: safe(`${error.sqlState} at ${error.statement}: ${error.message}`, secrets),
    };
  }
  if (error instanceof PortError) {
    const { why, answered, message } = error;
    return { why, ...(answered === undefined ? {} : { answered }), detail: safe(message, secrets) };
  }
  return { why: 'Malformed', detail: safe(error instanceof Error ? error.message : 'failed', secrets) };
}

/** PostgreSQL manual, appendix A. */
function meaningOf(sqlState: string): UnknownWhy {
  // insufficient_privilege; invalid_authorization_specification (28000) and invalid_password (28P01)
  if (sqlState === '42501' || sqlState.startsWith('28')) return 'Forbidden';
  // too_many_connections, and the other insufficient resources
  if (sqlState.startsWith('53')) return 'Throttled';
  // query_canceled: by statement_timeout; lock_not_available: by lock_timeout
  if (sqlState === '57014' || sqlState === '55P03') return 'Timeout';
  // admin_shutdown, crash_shutdown, cannot_connect_now, and the connection exceptions
  if (['57P01', '57P02', '57P03'].includes(sqlState) || sqlState.startsWith('08')) return 'Unreachable';
  return 'Malformed';
}

/** 28000 is pg_hba's code too: only the message tells that the role exists, proved itself, and may not log in. */
export function isNotPermittedToLogIn(error: unknown): boolean {
  return (
    error instanceof SqlError && error.sqlState === '28000' && error.message.includes('is not permitted to log in')
  );
}

function safe(text: string, secrets: readonly string[]): string {
  const [line = ''] = text.split('\n');
  const clean = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), line);
  return clean.length > DETAIL_LENGTH ? `${clean.slice(0, DETAIL_LENGTH)}…` : clean;
}
