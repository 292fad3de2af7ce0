import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/postgresql.ts';
import { createEstate, objectives, type Estate } from './estate.ts';
import type { Figure } from './figure.ts';
import { fleetPlan } from './fleet.ts';

const good = 50;
/** The two runs that are compared take turns, so that what else the machine does falls on both. */
const turns = 3;
const roundsATurn = 4;
const spacingMs = 100;

/** Of 50 plans, how long a change takes to be reconciled: alone, and beside one whose endpoints hang and one that is malformed. */
export async function isolationFigures(say: (line: string) => void): Promise<readonly Figure[]> {
  const estate = await createEstate();
  const black = await blackHole();
  try {
    estate.seed(0, good);
    const alone: number[] = [];
    const beside: number[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      say(`isolation, turn ${String(turn + 1)} of ${String(turns)}`);
      alone.push(...(await measured(estate)));
      addBad(estate, black.port);
      beside.push(...(await measured(estate)));
      removeBad(estate);
    }
    return figuresOf(alone, beside);
  } finally {
    await estate.end();
    await black.end();
  }
}

function figuresOf(alone: readonly number[], beside: readonly number[]): readonly Figure[] {
  const [a, b] = [percentile(alone, 0.99), percentile(beside, 0.99)];
  const medians = `medians ${percentile(alone, 0.5).toFixed(0)} and ${percentile(beside, 0.5).toFixed(0)} ms`;
  return [
    {
      name: 'isolation/p99 beside bad plans over p99 alone',
      value: b / a,
      unit: 'x',
      target: { most: 2 },
      meaning: `${String(good)} plans, each changed by a person in turn; from the change to the status write that answers it, by the API server's log: p99 ${a.toFixed(0)} ms alone and ${b.toFixed(0)} ms beside a plan whose databases accept and never answer and one that contradicts itself (${medians}, ${String(alone.length)} changes each, ${String(turns)} turns)`,
    },
  ];
}

/** ms from each change to its answer, in one life of the operator. */
async function measured(estate: Estate): Promise<readonly number[]> {
  const program = await estate.start();
  await until('all plans are ready', () => estate.ready() === good, 120_000);
  await pause(6_000);
  const took: number[] = [];
  for (let round = 0; round < roundsATurn; round += 1) took.push(...(await changeEach(estate)));
  await program.stop();
  return took;
}

async function changeEach(estate: Estate): Promise<readonly number[]> {
  const { bed } = estate;
  const from = bed.audit.length;
  const wanted = new Map<string, { readonly at: number; readonly generation: number }>();
  for (let index = 0; index < good; index += 1) {
    const path = estate.pathOf(index);
    const minutes = 60 + Math.floor(Math.random() * 99_000);
    const changed = bed.person('PATCH', path, { spec: { objectives: { rto: `${String(minutes)}m` } } });
    const { name, generation } = changed.metadata as { readonly name: string; readonly generation: number };
    wanted.set(name, { at: Date.now(), generation });
    await pause(spacingMs);
  }
  const took = new Map<string, number>();
  let read = from;
  await until('every change is answered', () => {
    for (; read < bed.audit.length; read += 1) {
      const entry = bed.audit[read];
      const change = wanted.get(entry?.name ?? '');
      if (entry?.user !== 'operator' || entry.resource !== 'disasterrecoveryplans' || change === undefined) continue;
      const { status } = JSON.parse(entry.body ?? '{}') as {
        readonly status?: { readonly observedGeneration?: number };
      };
      if (status?.observedGeneration === change.generation && !took.has(entry.name ?? '')) {
        took.set(entry.name ?? '', entry.at - change.at);
      }
    }
    return took.size === good;
  }).catch(async (error: unknown) => {
    const open = [...wanted.keys()].filter((name) => !took.has(name));
    throw new Error(`not answered: ${open.join(', ')}; the operator's last words:\n${await lastWords(estate)}`, {
      cause: error,
    });
  });
  return [...took.values()];
}

async function lastWords({ bed }: Estate): Promise<string> {
  const log = await readFile(join(bed.folder, 'operator.log'), 'utf8');
  return log.split('\n').slice(-20).join('\n');
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

const hung = 'hung';
const contradictory = 'contradictory';
const plansPath = '/apis/dr.maestro.io/v1alpha1/namespaces/team-0/disasterrecoveryplans';

function addBad({ bed }: Estate, port: number): void {
  const at = () => ({ host: '127.0.0.1', port, sslMode: 'verify-full' });
  const { traffic: _record, ...spec } = fleetPlan(hung, 'team-0', objectives, at).spec;
  bed.person('POST', plansPath, { ...fleetPlan(hung, 'team-0', objectives, at), spec });
  // As its schema allows: two workloads would scale one Deployment against each other.
  const workloads = spec.workloads.map((workload) => ({ ...workload, target: spec.workloads[0]?.target }));
  bed.person('POST', plansPath, {
    ...fleetPlan(contradictory, 'team-0', objectives, at),
    spec: { ...spec, workloads },
  });
}

function removeBad({ bed }: Estate): void {
  for (const name of [hung, contradictory]) bed.person('DELETE', `${plansPath}/${name}`);
}

/** Takes every connection, and never says a word. */
async function blackHole(): Promise<{ readonly port: number; end(): Promise<void> }> {
  const open = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    end: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
