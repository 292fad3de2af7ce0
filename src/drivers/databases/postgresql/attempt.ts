import type { SqlRow, SqlStatement } from '../../../ports/sql.ts';
import type { DatabaseRef } from '../driver.ts';
import type { Connection, PostgresqlOptions } from './connection.ts';
import type { Mark } from './statements.ts';

/** One attempt at an effect: its session's way in, and on whose behalf it is made. */
export interface Attempt {
  readonly options: PostgresqlOptions;
  readonly ref: DatabaseRef;
  readonly mark: Mark;
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** Says that something was changed: from here on a failure is no refusal. */
  readonly changed: () => void;
}

export async function run(
  { options, connection, signal }: Attempt,
  statements: readonly SqlStatement[],
): Promise<readonly (readonly SqlRow[])[]> {
  return await options.sql.run(connection.target, statements, signal);
}
