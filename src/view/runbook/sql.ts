import { quoteLiteral, quoteTextArray } from '../../drivers/databases/postgresql/sql-text.ts';
import type { SqlStatement, SqlValue } from '../../ports/sql.ts';
import { hereDocument, variablesIn, verbatim } from './shell.ts';

/** A statement that only reads, kept in a file of the person's folder: asked again and again, and long. */
export interface Reading {
  /** Within `$DR`, without its ending. */
  readonly file: string;
  readonly statement: SqlStatement;
}

/** Each time: no startup file, nothing printed but what was asked for, and no prompt, which would swallow the next line that is pasted. */
const psqlQuietly = 'psql -Xqw';

/** The catalogue's text with its parameters in their places: psql binds none before version 16. */
export function inlined(statement: SqlStatement): string {
  if (!statement.bound) return statement.text;
  return statement.text.replaceAll(/\$(\d+)/g, (_all, index: string) =>
    literal(statement.parameters[Number(index) - 1] ?? null),
  );
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteLiteral(value);
  return typeof value === 'object' ? quoteTextArray(value) : String(value);
}

/** Carries the statements out on a server, one after the other, each a transaction of its own; `then`: after them all. */
export function psql(service: string, statements: readonly SqlStatement[], then = ''): string {
  const text = statements.map((statement) => `${inlined(statement)};`).join('\n');
  return `${psqlQuietly} -v ON_ERROR_STOP=1 service=${service} ${hereDocument(text, 'SQL', then)}`;
}

/** Writes a reading into its file, as it is. */
export function saved({ file, statement }: Reading): string {
  return `cat > "$DR/${file}.sql" ${verbatim(inlined(statement), 'SQL')}`;
}

/** A reading's rows, for a statement that the shell expands. */
export function rowsOf({ file }: Pick<Reading, 'file'>): string {
  return `($(cat "$DR/${file}.sql"))`;
}

/** Prints one expression over a reading's rows, and nothing else. `where` and `select` may hold markers, and no quotes but single ones. */
export function ask(service: string, select: string, reading: Reading, where = ''): string {
  return askBy(`service=${service}`, select, reading, where);
}

/** As `ask`, by a whole connection string: one word for the shell. */
export function askBy(way: string, select: string, { file }: Reading, where = ''): string {
  const text = `SELECT ${select} FROM ${rowsOf({ file })} AS seen${where === '' ? '' : ` WHERE ${where}`}`;
  return `${psqlQuietly} -At ${way} -c "${variablesIn(text)}"`;
}

/** Prints a reading's rows as a table; `expanded`: a line for each column. */
export function show(service: string, { file }: Reading, expanded = false): string {
  return `${psqlQuietly}${expanded ? ' -x' : ''} service=${service} -f "$DR/${file}.sql"`;
}
