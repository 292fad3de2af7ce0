import { recordTable } from '../support/report-lines.ts';

/** Against what a driver ran: the sandbox's model through the ports, its wire, or the real service. */
export const AGAINST = ['model', 'wire', 'real'] as const;
export type Against = (typeof AGAINST)[number];

interface Row {
  readonly family: string;
  readonly driver: string;
  /** Cells that cannot run, and why. Whatever is not named here has to run. */
  readonly absent: Readonly<Partial<Record<Against, string>>>;
}

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
    absent: { real: 'needs kube-apiserver, its controllers and a kubelet: kind, where Docker runs' },
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
  recordTable('driver x what it ran against', tableOf(ROWS, shelf()));
}

export function cellsRun(): ReadonlyMap<string, number> {
  return shelf();
}

/** What contradicts the rows: a cell that neither ran nor is named absent, one that is both, one of no row. */
export function contradictions(rows: readonly Row[], cells: ReadonlyMap<string, number>): readonly string[] {
  const wanted = rows.flatMap((row) =>
    AGAINST.flatMap((against) => {
      const cell = cellOf(row.family, row.driver, against);
      const runs = (cells.get(cell) ?? 0) > 0;
      const why = row.absent[against];
      if (!runs && why === undefined) return [`${cell} did not run, and test/contract/matrix.ts does not say why`];
      return runs && why !== undefined ? [`${cell} ran, yet test/contract/matrix.ts says it cannot: ${why}`] : [];
    }),
  );
  const known = rows.flatMap((row) => AGAINST.map((against) => cellOf(row.family, row.driver, against)));
  const strays = [...cells.keys()].filter((cell) => !known.includes(cell));
  return [...wanted, ...strays.map((cell) => `${cell} ran, yet test/contract/matrix.ts has no row for it`)];
}

export function tableOf(rows: readonly Row[], cells: ReadonlyMap<string, number>): string {
  const cell = ({ family, driver, absent }: Row, against: Against): string => {
    const tests = cells.get(cellOf(family, driver, against)) ?? 0;
    if (tests > 0) return `${String(tests)} tests`;
    return absent[against] === undefined ? 'NOT RUN' : '-';
  };
  const lines = rows.map((row) => [`${row.family}/${row.driver}`, ...AGAINST.map((against) => cell(row, against))]);
  const table = [['driver', ...AGAINST], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = table.map((line) => `  ${line.map((word, column) => word.padEnd(widths[column] ?? 0)).join('  ')}`);
  const reasons = rows.flatMap(({ family, driver, absent }) =>
    Object.entries(absent).map(([against, why]) => `  - ${cellOf(family, driver, against)}: ${why}`),
  );
  return [...text, ...reasons].map((line) => line.trimEnd()).join('\n');
}
