/** Colour where a terminal shows it (ECMA-48, "SGR"), plain text everywhere else. */
export type Style = 'good' | 'bad' | 'waits' | 'faint' | 'strong';
export type Paint = (style: Style, text: string) => string;

const codes = Object.freeze({ good: '32', bad: '31', waits: '33', faint: '2', strong: '1' } as const satisfies Record<
  Style,
  string
>);

export const plain: Paint = (_style, text) => text;
export const coloured: Paint = (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m`;

/** Columns as wide as their longest cell; the last one is not padded. Widths are of the text alone. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}
