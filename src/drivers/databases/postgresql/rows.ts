import { PortError } from '../../../ports/port-error.ts';
import type { SqlRow } from '../../../ports/sql.ts';

/** Columns by the type they must have. @throws PortError `Malformed`, naming the column, and answered: somebody sent them. */

export function onlyRow(rows: readonly SqlRow[] | undefined, statement: string): SqlRow {
  const [row, second] = rows ?? [];
  if (row === undefined || second !== undefined) {
    const problem = `${statement} gave ${String(rows?.length ?? 0)} rows instead of one`;
    throw new PortError('Malformed', problem, { answered: true });
  }
  return row;
}

export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, 'text', value);
  return value;
}

export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw unexpected(column, 'a number', value);
  return value;
}

export function booleanOf(row: SqlRow, column: string): boolean {
  const value = row[column];
  if (typeof value !== 'boolean') throw unexpected(column, 'a boolean', value);
  return value;
}

export function textsOf(row: SqlRow, column: string): readonly string[] {
  const value = row[column];
  if (value === null || typeof value !== 'object') throw unexpected(column, 'an array of text', value);
  return value;
}

/** Null where the server says NULL. */
export function orNull<T>(row: SqlRow, column: string, read: (row: SqlRow, column: string) => T): T | undefined {
  return row[column] === null ? undefined : read(row, column);
}

function unexpected(column: string, wanted: string, value: unknown): PortError {
  const problem = `column ${column} is ${value === null ? 'null' : typeof value}, not ${wanted}`;
  return new PortError('Malformed', problem, { answered: true });
}
