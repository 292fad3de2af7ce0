import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/postgresql.ts';
import { createEstate, type Estate } from './estate.ts';
import type { Figure } from './figure.ts';

const starts = 7;
const sizes = [1, 100, 1_000] as const;
/** Once it has done all there is to do at a start it is left alone for so long, and then looked at for as long. */
const calmMs = 60_000;

/** The shipped bundle as a process of its own: how soon it works, and what it holds. */
export async function processFigures(say: (line: string) => void): Promise<readonly Figure[]> {
  const estate = await createEstate();
  try {
    estate.seed(0, 1);
    say('from the start of the bundle to its first reconcile');
    const startup = await startFigure(estate);
    const memory: Figure[] = [];
    let seeded = 1;
    for (const size of sizes) {
      say(`resident memory with ${String(size)} ${size === 1 ? 'plan' : 'plans'}`);
      estate.seed(seeded, size);
      seeded = size;
      memory.push(await memoryFigure(estate, size));
    }
    return [startup, ...memory];
  } finally {
    await estate.end();
  }
}

/** Each start finds a plan that was changed while nobody worked: its first status write is the end of a reconcile. */
async function startFigure(estate: Estate): Promise<Figure> {
  const { bed } = estate;
  const took: number[] = [];
  for (let turn = 0; turn <= starts; turn += 1) {
    bed.person('PATCH', estate.pathOf(0), { spec: { objectives: { rto: `${String(100 + turn)}m` } } });
    const before = bed.audit.length;
    const begun = Date.now();
    const program = await estate.start();
    const written = () =>
      bed.audit
        .slice(before)
        .find(({ user, resource, changed }) => user === 'operator' && resource === 'disasterrecoveryplans' && changed);
    await until('the first reconcile', () => written() !== undefined);
    took.push((written()?.at ?? Infinity) - begun);
    // In good order, so that the next one does not wait the lease out.
    await program.stop();
  }
  // The first start also reads the bundle from the disk, and adopts.
  const sorted = took.slice(1).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const range = `${String(sorted[0])} to ${String(sorted.at(-1))} ms`;
  return {
    name: 'start/first reconcile',
    value: median / 1_000,
    unit: 's',
    target: { most: 0.5 },
    meaning: `from spawning the bundle to the first status write of a plan, by the API server's log: lease, lists, Secrets, both databases over TLS; median of ${String(starts)} starts (${range})`,
  };
}

async function memoryFigure(estate: Estate, plans: number): Promise<Figure> {
  const program = await estate.start();
  await until(`${String(plans)} plans are ready`, () => estate.ready() === plans, 600_000);
  await until('their runbooks are written', () => estate.runbooks() === plans * 4, 1_800_000);
  await pause(calmMs);
  const seen: number[] = [];
  for (let second = 0; second < calmMs / 1_000; second += 1) {
    await pause(1_000);
    seen.push(await kib(program.pid, 'VmRSS'));
  }
  const peak = await kib(program.pid, 'VmHWM');
  await program.stop();
  seen.sort((a, b) => a - b);
  const median = seen[Math.floor(seen.length / 2)] ?? NaN;
  return {
    name: `memory/${String(plans)} ${plans === 1 ? 'plan' : 'plans'}`,
    value: median / 1_024,
    unit: 'MiB',
    ...(plans === 1_000 ? { target: { most: 128 } } : {}),
    meaning: `resident set (VmRSS) of the bundle's process, median of ${String(seen.length)} s at rest, a minute after all plans are ready and all runbooks written, started as the image starts it, with production's defaults; at most ${((seen.at(-1) ?? NaN) / 1_024).toFixed(0)} MiB then, and ${(peak / 1_024).toFixed(0)} MiB at any time since the start`,
  };
}

async function kib(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  if (found === undefined) throw new Error(`/proc/${String(pid)}/status has no ${field}`);
  return Number(found);
}
