/**
 * `make bench [SPEC=chain,rest,fleet,processes,isolation]`: measures what DESIGN.md and docs/benchmarks.md speak of, prints a
 * table and writes reports/bench.json. Figures that miss their target are listed and are no failure; one that could not
 * be measured is.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { chainFigures } from './chain.ts';
import { rendered, verdictOf, type Figure } from './figure.ts';
import { fleetMoveFigures } from './fleet-moves.ts';
import { isolationFigures } from './isolation.ts';
import { processFigures } from './processes.ts';
import { restFigures } from './rest.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'reports');

const sections = {
  chain: chainFigures,
  rest: restFigures,
  fleet: fleetMoveFigures,
  processes: processFigures,
  isolation: isolationFigures,
} as const;
type Section = keyof typeof sections;

function wanted(): readonly Section[] {
  const names = (process.argv[2] ?? '').split(',').filter((name) => name !== '');
  const known = Object.keys(sections) as Section[];
  if (names.length === 0) return known;
  const strangers = names.filter((name) => !known.some((one) => one === name));
  if (strangers.length > 0) throw new Error(`no section ${strangers.join(', ')}: there are ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}

const begun = performance.now();
const say = (line: string): void => {
  process.stderr.write(`[${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s] ${line}\n`);
};

const figures: Figure[] = [];
const failures: string[] = [];
for (const name of wanted()) {
  try {
    figures.push(...(await sections[name](say)));
  } catch (error) {
    failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

const [cpu] = cpus();
const machine = {
  cores: availableParallelism(),
  cpu: cpu?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 1_024 ** 3),
  node: process.version,
  /** Of the last minutes: real processes share the machine with whatever else runs. */
  loadAverage: loadavg().map((load) => Number(load.toFixed(1))),
};
const missed = figures.filter((figure) => verdictOf(figure) === 'MISSED').map(({ name }) => name);
mkdirSync(FOLDER, { recursive: true });
const path = join(FOLDER, 'bench.json');
const report = {
  at: new Date().toISOString(),
  machine,
  figures: figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) })),
  missed,
  failures,
};
writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);

const lines = [
  rendered(figures),
  '',
  ...figures.map(({ name, meaning }) => `${name}: ${meaning}`),
  '',
  `${String(machine.cores)} cores (${machine.cpu}), ${String(machine.memoryGiB)} GiB, Node ${machine.node}, load ${machine.loadAverage.join(' ')}; ${path}`,
  missed.length === 0 ? 'every target is met' : `missed: ${missed.join('; ')}`,
  ...failures.map((failure) => `could not be measured: ${failure}`),
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exit(failures.length === 0 ? 0 : 1);
