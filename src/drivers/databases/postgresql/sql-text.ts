import type { SqlStatement, SqlValue } from '../../../ports/sql.ts';

/** Whatever `standard_conforming_strings` says: quotes doubled, backslashes only in the escaped form. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.table` or `table`, each part as it is written in the plan (case included). */
export function quoteTable(table: string): string {
  return table.split('.').map(quoteIdentifier).join('.');
}

export function quoteTextArray(items: readonly string[]): string {
  return `ARRAY[${items.map(quoteLiteral).join(', ')}]::text[]`;
}

export function boundStatement<N extends string>(
  name: N,
  text: string,
  parameters: readonly SqlValue[] = [],
): SqlStatement & { readonly name: N } {
  return { name, text, parameters, bound: true };
}

export function renderedStatement<N extends string>(
  name: N,
  text: string,
  parameters: readonly SqlValue[] = [],
): SqlStatement & { readonly name: N } {
  return { name, text, parameters, bound: false };
}

/**
 * A block of PL/pgSQL in one transaction. Its body goes as a quoted literal, not between dollars, for a name from a
 * plan could hold the closing tag.
 */
export function blockStatement<N extends string>(
  name: N,
  body: string,
  parameters: readonly SqlValue[],
): SqlStatement & { readonly name: N } {
  return renderedStatement(name, `DO LANGUAGE plpgsql ${quoteLiteral(body)}`, parameters);
}
