import { createSimPorts } from '../simulation/ports/index.ts';
import { endpointsOf } from '../scenarios/endpoints.ts';
import { east, serverName, west } from '../scenarios/names.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import type { Figure } from './figure.ts';
import { runbookScript } from './runbook-script.ts';
import { longestChainMs, soakMs, worldOf } from './waits.ts';

const SETTLE_MS = 62_000;

/** The plan of DESIGN.md §1 with one database, and with two. */
const shapes = [['orders'], ['orders', 'ledger']] as const;

/** A planned run against the longest chain of what the world makes it wait for, and against a shell script's order. */
export async function chainFigures(say: (line: string) => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const databases of shapes) {
    const count = `${String(databases.length)} database${databases.length === 1 ? '' : 's'}`;
    say(`a planned run, ${count}`);
    const ours = await operatorMs(databases);
    const script = await scriptMs(databases);
    const chain = longestChainMs() + soakMs;
    const over = ours.sustained - chain;
    figures.push(
      {
        name: `chain/${count}: ratio`,
        value: ours.sustained / chain,
        unit: '',
        target: { most: 1.05 },
        meaning: `from a person's word to sustained health (${seconds(ours.sustained)}) over the longest chain of injected waits (${seconds(chain)}: worker stops, promotion beside the first wave, second wave, name servers, soak); virtual time, no network latency`,
      },
      {
        name: `chain/${count}: over`,
        value: over / 1_000,
        unit: 's',
        target: { most: 1 },
        meaning:
          'the same, as a difference: what the operator adds by looking at what can only be polled (every 100 to 250 ms on the critical path)',
      },
      {
        name: `script/${count}: times faster`,
        value: script / ours.smoked,
        unit: 'x',
        target: { least: 1.7 },
        meaning: `to the green smoke test at the front door: ${seconds(ours.smoked)} against ${seconds(script)} of a sequential script (test/bench/runbook-script.ts) in the same world; the longest chain alone (${seconds(longestChainMs())}) would make it ${(script / longestChainMs()).toFixed(2)} times; without the soak, which scripts do not have`,
      },
    );
  }
  return figures;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** From the word to t7 and to t8, ms. */
async function operatorMs(
  databases: readonly string[],
): Promise<{ readonly smoked: number; readonly sustained: number }> {
  const stage = createStage(worldOf(databases));
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(SETTLE_MS);
  const wordAt = stage.now();
  stage.person.setActiveRegion(west);
  const milestones = (): Readonly<Record<string, string>> => stage.person.run()?.status?.milestones ?? {};
  await stage.until('it is healthy in the west', () => milestones().sustained !== undefined);
  assertMoved(stage, databases);
  const after = (name: string): number => Date.parse(milestones()[name] ?? '') - wordAt;
  return { smoked: after('smokePassed'), sustained: after('sustained') };
}

async function scriptMs(databases: readonly string[]): Promise<number> {
  const stage = createStage({ ...worldOf(databases), operators: [] });
  await stage.pass(SETTLE_MS);
  const begun = stage.now();
  const endpoints = endpointsOf(stage.world, () => undefined, worldOf(databases).latency);
  const state = { done: false };
  stage.kernel.spawn('script', async (process) => {
    await runbookScript(createSimPorts(process, endpoints), databases);
    state.done = true;
  });
  await stage.until('the script has ended', () => state.done, 3_600_000);
  assertMoved(stage, databases);
  return stage.now() - begun;
}

/** By the servers' own word: both have moved the same things. */
function assertMoved({ world }: Stage, databases: readonly string[]): void {
  for (const database of databases) {
    const model = world.postgresql[database];
    if (model?.role(serverName(database, west)) !== 'Primary') throw new Error(`${database} was not promoted`);
    if (model.catalogue(serverName(database, east)).roles.shop?.login !== false) {
      throw new Error(`${database} is not fenced`);
    }
  }
  const open = world.dnsServers.every((server) =>
    server.answer({ name: 'checkout.example.com', type: 'CNAME' })?.answers.some(({ value }) => value.includes(west)),
  );
  if (!open) throw new Error('the traffic was not moved');
}
