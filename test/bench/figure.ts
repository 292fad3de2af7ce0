/** One measured number, what it means, and what was wanted of it. */
export interface Figure {
  /** `rest/100 plans`: stable, for comparing runs. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Not above (`most`) or not below (`least`) this. */
  readonly target?: { readonly most: number } | { readonly least: number };
  /** One line: what was measured, how, and what it counts. */
  readonly meaning: string;
}

export type Verdict = 'met' | 'MISSED' | '';

export function verdictOf({ value, target }: Figure): Verdict {
  if (target === undefined) return '';
  const met = 'most' in target ? value <= target.most : value >= target.least;
  return met ? 'met' : 'MISSED';
}

export function rendered(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    shown(figure.value),
    figure.unit,
    wanted(figure),
    verdictOf(figure),
  ]);
  const heads = ['figure', 'value', 'unit', 'target', ''];
  const all = [heads, ...rows];
  const widths = heads.map((_head, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

function wanted({ target }: Figure): string {
  if (target === undefined) return '';
  return 'most' in target ? `<= ${String(target.most)}` : `>= ${String(target.least)}`;
}

export function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}
