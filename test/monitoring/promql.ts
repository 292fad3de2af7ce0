/** A series as an expression or a test selects it: its name, and every label that is spoken of with it. */
export interface Selected {
  readonly name: string;
  readonly labels: readonly string[];
}

const text = /"(?:[^"\\]|\\.)*"/g;
const selector = /\b(maestro_dr_\w+|ALERTS)\b\s*(?:\{([^}]*)\})?/g;
const matcher = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g;
const grouping = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;

/** The series of an expression with the labels that its matchers name. Text in quotes is no part of it. */
export function selectedSeries(expr: string): readonly Selected[] {
  return [...expr.replaceAll(text, '""').matchAll(selector)].map(([, name = '', matchers = '']) => ({
    name,
    labels: [...matchers.matchAll(matcher)].map(([, label = '']) => label),
  }));
}

/** The labels by which an expression groups or joins. */
export function groupedLabels(expr: string): readonly string[] {
  return [...expr.replaceAll(text, '""').matchAll(grouping)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );
}
