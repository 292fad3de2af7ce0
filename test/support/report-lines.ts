/**
 * Figures that a suite wants under the run's results: which driver ran against what, histories a second, premises met.
 * The reporter (reporter.cjs) prints them after the failures and before the counts. It is loaded by mocha's own
 * loader, so the two meet in a place of the process rather than in a module.
 */
const SHELF = Symbol.for('maestro-dr.report-tables');

type Shelf = Map<string, string>;

function shelf(): Shelf {
  const found: unknown = Reflect.get(globalThis, SHELF);
  if (found instanceof Map) return found as Shelf;
  const made: Shelf = new Map();
  Reflect.set(globalThis, SHELF, made);
  return made;
}

/** The last text recorded under a name is the one that is printed. */
export function recordTable(name: string, text: string): void {
  shelf().set(name, text);
}

export function recordedTables(): readonly (readonly [name: string, text: string])[] {
  return [...shelf()];
}
