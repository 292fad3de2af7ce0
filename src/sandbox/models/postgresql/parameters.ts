import type { SqlStatement } from '../../../ports/sql.ts';

/** Parameters as the catalogue gives them. @throws TypeError where the driver and the model disagree. */

export function textParameter(statement: SqlStatement, index: number): string {
  const value = statement.parameters[index];
  if (typeof value !== 'string') throw mismatch(statement, index, 'text');
  return value;
}

export function numberParameter(statement: SqlStatement, index: number): number {
  const value = statement.parameters[index];
  if (typeof value !== 'number') throw mismatch(statement, index, 'a number');
  return value;
}

export function textsParameter(statement: SqlStatement, index: number): readonly string[] {
  const value = statement.parameters[index];
  if (typeof value !== 'object' || value === null) throw mismatch(statement, index, 'an array of text');
  return value;
}

function mismatch({ name }: SqlStatement, index: number, wanted: string): TypeError {
  return new TypeError(`statement ${name}: parameter ${String(index + 1)} is not ${wanted}`);
}
