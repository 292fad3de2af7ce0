import { setRecord } from '../scenarios/dns-hand.ts';
import { modelOf, promoteByHand } from '../scenarios/hand.ts';
import { east, handRole, serverName, west, type RegionName } from '../scenarios/names.ts';
import { ask, planName, plansPath } from '../scenarios/objects.ts';
import type { Stage } from '../scenarios/stage.ts';
import type { Told } from './history.ts';
import { restMs, type ByHand, type Tale } from './tale.ts';

/** What the teller of all tales lends to this one. */
export interface Around {
  /** Begins the tale's weather. */
  weather(): void;
  /** Lets time pass and types what Runs ask for, until it holds. */
  answering(until: () => boolean): Promise<void>;
  isOver(): boolean;
}

/** As long as an operator that is down needs to begin, and its first looks to come back from a server that hangs. */
const LOOKED_MS = 20_000;
/** Who is told nothing for that long, or has typed in vain, gives up. */
const PATIENCE_MS = 120_000;

/** The platform is moved past the operator; it looks on, or comes back to it; then nobody says a word, or somebody adopts. */
export async function tellByHand(stage: Stage, tale: Tale, hand: ByHand, around: Around): Promise<Told> {
  const { person, kernel } = stage;
  const [from, to] = hand.after === 'Run' ? ([west, east] as const) : ([east, west] as const);
  await stage.pass(4_000);
  await before(stage, tale, hand, around);
  around.weather();
  const runs = person.runs().length;
  if (hand.operator === 'Dead') kernel.kill('operator', 'dead while people act');
  await moveByHand(stage, tale.databases, hand, from, to);
  if (hand.operator === 'Dead') kernel.restart('operator', 1_000);
  await stage.pass(LOOKED_MS);
  // Who gives that Run up as it asks them to has adopted with it: the field said west when it began.
  if (hand.after === 'Fence') await around.answering(() => around.isOver());
  for (const name of tale.databases) {
    const model = modelOf(stage, name);
    if (hand.then === 'Rebuilt') model.rebuildFrom(serverName(name, from), serverName(name, to), { by: handRole });
    if (hand.then === 'Back') model.start(serverName(name, from));
  }
  await stage.pass(LOOKED_MS);
  if (hand.after !== 'Fence') {
    // A Run that nobody asked for is what they are told instead by an operator that moves it back.
    await stage.until('people are told', () => isTold(stage) || person.runs().length > runs, PATIENCE_MS);
  }
  const adopted = hand.adopts && isTold(stage) && (await adoptAsPrinted(stage, to));
  const calmAt = stage.now();
  if (adopted && tale.comesBack && hand.then === 'Rebuilt') {
    person.setActiveRegion(from);
    await around.answering(() => person.runs().length > runs && around.isOver());
  }
  await stage.pass(restMs(tale));
  const fixpointFrom = stage.now();
  await stage.pass(6_000);
  return { calmAt, fixpointFrom };
}

/** What the operator had to do with it before. */
async function before(stage: Stage, { databases }: Tale, { after }: ByHand, around: Around): Promise<void> {
  const { person } = stage;
  if (after === 'Nothing') return;
  if (after === 'Fence') for (const name of databases) modelOf(stage, name).link(serverName(name, west)).hold();
  person.setActiveRegion(west);
  const isOver = (): boolean => person.runs().length === 1 && around.isOver();
  const isFenced = (): boolean => databases.every((name) => person.step(`fence/${name}`)?.outcome !== undefined);
  await around.answering(() => isOver() || (after === 'Fence' && isFenced()));
  await stage.pass(2_000);
}

async function moveByHand(
  stage: Stage,
  databases: readonly string[],
  { source, movesDns }: ByHand,
  from: RegionName,
  to: RegionName,
): Promise<void> {
  for (const name of databases) {
    const old = serverName(name, from);
    // What was acknowledged goes over first: people who have the choice wait for that.
    if (source === 'Fenced') modelOf(stage, name).alterRole(old, 'shop', { login: false });
    if (source === 'Stopped') modelOf(stage, name).stop(old);
    if (source === 'Dies') modelOf(stage, name).kill(old);
  }
  await stage.pass(1_000);
  for (const name of databases) await promoteByHand(stage, name, to);
  if (movesDns) setRecord(stage.world, `lb.${to}.example.net`);
}

const isTold = ({ person }: Stage): boolean => person.condition('Ready')?.reason === 'OutOfBandChange';

/** False where two writers are open, which nobody can adopt. @throws Error where the command leads nowhere. */
async function adoptAsPrinted(stage: Stage, to: RegionName): Promise<boolean> {
  const ready = (): string => stage.person.condition('Ready')?.reason ?? '';
  const body = / -p '([^']*)'/.exec(stage.person.condition('Ready')?.message ?? '')?.[1];
  if (body === undefined) return false;
  ask(stage.world.management, 'PATCH', `${plansPath}/${planName}`, JSON.parse(body));
  await stage.until('it is adopted', () => ['Active', 'TrafficElsewhere'].includes(ready()), PATIENCE_MS);
  if (ready() === 'TrafficElsewhere') setRecord(stage.world, `lb.${to}.example.net`);
  await stage.until('the plan is ready', () => ready() === 'Active', PATIENCE_MS);
  return true;
}
