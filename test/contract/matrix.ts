import assert from 'node:assert/strict';
import { recordTable } from '../support/report-lines.ts';

/** Against what a driver ran: the sandbox's model through the ports, its wire, or the real service. */
export const AGAINST = ['model', 'wire', 'real'] as const;
export type Against = (typeof AGAINST)[number];

interface Row {
  readonly family: string;
  readonly driver: string;
  /** Cells that cannot run, and why. Whatever is not named here has to run. */
  readonly absent: Readonly<Partial<Record<Against, string>>>;
  /** Cells that `make test` cannot run, and `make e2e` must: why, and the file that runs them. */
  readonly e2e?: Readonly<Partial<Record<Against, { readonly why: string; readonly file: string }>>>;
}

/** Which command is running: each has cells of its own. */
export type Command = 'make test' | 'make e2e';

/** Every driver has its row. The sandbox never counts as real, with one exception: its PostgreSQL is PostgreSQL. */
export const ROWS: readonly Row[] = [
  {
    family: 'databases',
    driver: 'postgresql',
    absent: {
      wire: 'its wire is PostgreSQL itself: the real cell covers it',
    },
  },
  {
    family: 'traffic',
    driver: 'route53',
    absent: {
      real: 'needs an AWS account and a hosted zone, which nobody building this had; the error shapes are of the real SDK',
    },
  },
  ...['deployment', 'statefulset', 'cronjob', 'job', 'autoscaler'].map((driver): Row => ({
    family: 'workloads',
    driver,
    absent: {},
    e2e: {
      real: {
        why: 'needs kube-apiserver and its controllers, which are built with Go; no kubelet runs there: how pods are is written by kwok and by the test',
        file: 'test/e2e/workloads.test.ts',
      },
    },
  })),
  {
    family: 'checks',
    driver: 'http',
    absent: { real: 'HTTP has no other implementation to be held to: the wire cell is a real server with real TLS' },
  },
  {
    family: 'notifiers',
    driver: 'slack',
    absent: { real: 'needs a workspace of Slack and a webhook there, which nobody building this had' },
  },
  {
    family: 'notifiers',
    driver: 'webhook',
    absent: { real: 'any receiver is as real: the wire cell is a real server with real TLS that checks the signature' },
  },
];

const cellOf = (family: string, driver: string, against: string): string => `${family}/${driver}/${against}`;

/** Counted over the process, like the tables: mocha may load this module through two loaders. */
const SHELF = Symbol.for('maestro-dr.contract-cells');

function shelf(): Map<string, number> {
  const found: unknown = Reflect.get(globalThis, SHELF);
  if (found instanceof Map) return found as Map<string, number>;
  const made = new Map<string, number>();
  Reflect.set(globalThis, SHELF, made);
  return made;
}

/** For a contract suite: this cell ran, with so many tests passed (a suite calls it in `after`, or once a test). */
export function ran(family: string, driver: string, against: Against, tests = 1): void {
  const cell = cellOf(family, driver, against);
  shelf().set(cell, (shelf().get(cell) ?? 0) + tests);
  record('make test');
}

function record(command: Command): void {
  recordTable('driver x what it ran against', tableOf(ROWS, shelf(), command));
}

export function cellsRun(): ReadonlyMap<string, number> {
  return shelf();
}

/** What contradicts the rows: a cell that neither ran nor is named absent, one that is both, one of no row. */
export function contradictions(
  rows: readonly Row[],
  cells: ReadonlyMap<string, number>,
  command: Command = 'make test',
): readonly string[] {
  const wanted = rows.flatMap((row) =>
    AGAINST.flatMap((against) => {
      const cell = cellOf(row.family, row.driver, against);
      const runs = (cells.get(cell) ?? 0) > 0;
      const why = whyNot(row, against, command);
      if (!runs && why === undefined) return [`${cell} did not run, and test/contract/matrix.ts does not say why`];
      return runs && why !== undefined ? [`${cell} ran, yet test/contract/matrix.ts says it cannot: ${why}`] : [];
    }),
  );
  const known = rows.flatMap((row) => AGAINST.map((against) => cellOf(row.family, row.driver, against)));
  const strays = [...cells.keys()].filter((cell) => !known.includes(cell));
  return [...wanted, ...strays.map((cell) => `${cell} ran, yet test/contract/matrix.ts has no row for it`)];
}

/** Why a command does not run a cell; undefined where it must. */
function whyNot({ absent, e2e }: Row, against: Against, command: Command): string | undefined {
  const elsewhere = e2e?.[against];
  if (command === 'make test') return absent[against] ?? elsewhere?.why;
  return elsewhere === undefined ? 'make test runs it' : undefined;
}

/** For what runs last: every cell of this command has run, and no other. */
export function assertCells(command: Command): void {
  record(command);
  assert.deepEqual(contradictions(ROWS, cellsRun(), command), []);
}

/** The files that are said to run what `make test` cannot. */
export function filesElsewhere(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap(({ e2e }) => Object.values(e2e ?? {}).map(({ file }) => file)))];
}

/** Of `make e2e` only the rows that it has a part in. */
export function tableOf(
  all: readonly Row[],
  cells: ReadonlyMap<string, number>,
  command: Command = 'make test',
): string {
  const rows = command === 'make test' ? all : all.filter(({ e2e }) => e2e !== undefined);
  const cell = ({ family, driver, absent, e2e }: Row, against: Against): string => {
    const tests = cells.get(cellOf(family, driver, against)) ?? 0;
    if (tests > 0) return `${String(tests)} tests`;
    const there = e2e?.[against] === undefined ? 'make test' : 'make e2e';
    if (there !== command && (there === 'make e2e' || absent[against] === undefined)) return there;
    return absent[against] === undefined ? 'NOT RUN' : '-';
  };
  const lines = rows.map((row) => [`${row.family}/${row.driver}`, ...AGAINST.map((against) => cell(row, against))]);
  const table = [['driver', ...AGAINST], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = table.map((line) => `  ${line.map((word, column) => word.padEnd(widths[column] ?? 0)).join('  ')}`);
  const reasons = rows.flatMap(({ family, driver, absent, e2e }) => {
    const elsewhere = Object.entries(e2e ?? {}).map(([against, { file, why }]) => [against, `${file}: ${why}`]);
    const all = [...Object.entries(absent), ...elsewhere];
    return all.map(([against = '', why = '']) => `  - ${cellOf(family, driver, against)}: ${why}`);
  });
  return [...text, ...reasons].map((line) => line.trimEnd()).join('\n');
}
