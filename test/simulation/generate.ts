import { printedPatch } from '../../src/api/shell-word.ts';
import { sizes } from '../scenarios/end-state.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { east, serverName, west } from '../scenarios/names.ts';
import { rival } from '../scenarios/rival.ts';
import { planObject } from '../scenarios/objects.ts';
import { tellByHand } from './by-hand.ts';
import { createDeeds, tryTo, type Deeds } from './deeds.ts';
import { guarded } from './kernel/index.ts';
import { historyOf, type History, type Told } from './history.ts';
import { TERMINAL } from './invariants/reading.ts';
import { deedEnds, restMs, type Tale, type Weather } from './tale.ts';

export type StartOperator = NonNullable<Parameters<typeof createStage>[0]>['start'];

interface Teller {
  readonly stage: Stage;
  readonly tale: Tale;
  /** Wall ms at which the source stopped; what a person attests. */
  stoppedAt: number | undefined;
  back: boolean;
  readonly deeds: Deeds;
}

/** Virtual ms: what a history may take after its faults are over. */
const BOUND_MS = 1_200_000;

/** Plays the tale to its end: faults stop, the source returns, people answer what is asked. `start` is a mutated operator. */
export function play(tale: Tale, start?: StartOperator, watch?: (stage: Stage) => void): Promise<History> {
  return guarded(() => playGuarded(tale, start, watch));
}

async function playGuarded(tale: Tale, start?: StartOperator, watch?: (stage: Stage) => void): Promise<History> {
  const undisturbed = tale.twin ? await playUndisturbed(withoutTrouble(tale), start) : undefined;
  const two = tale.weather.some(({ do: what }) => what === 'rival');
  const stage = createStage({
    seed: tale.seed,
    databases: tale.databases,
    ttl: 5,
    clientEveryMs: 700,
    timeline: false,
    faults: tale.faults,
    plan: planOf(tale),
    ...(tale.badPlan ? { alsoPlans: [badPlan(tale)] } : {}),
    ...(start === undefined ? {} : { start }),
    ...(tale.badPlan ? { cuts: [{ match: { host: '*.hung.*' }, how: 'hang' }] } : {}),
  });
  watch?.(stage);
  const remade = planObject({ databases: tale.databases, ttl: 5, plan: planOf(tale) });
  const teller: Teller = { stage, tale, stoppedAt: undefined, back: false, deeds: createDeeds(stage, remade) };
  // From then on the plan says that its source may be lost.
  const isTrue = (type: string): boolean => stage.person.condition(type)?.status === 'True';
  await waitFor(stage, () => isTrue('Ready') && isTrue('Protected'), 120_000);
  const initialReplicas = sizes(stage);
  const told = await tell(teller);
  return historyOf(stage, {
    ...told,
    initialReplicas,
    ...(undisturbed === undefined ? {} : two ? { alone: undisturbed } : { undisturbed }),
    ...(tale.badPlan ? { badPlan: 'hung' } : {}),
  });
}

const played = new Map<string, Promise<History>>();

/**
 * Where ends alone are compared, one telling does for every seed and every answering time: there is no time in an end.
 * Beside a bad plan, times are compared, of the same world.
 */
function playUndisturbed(tale: Tale, start?: StartOperator): Promise<History> {
  if (start !== undefined || tale.faults.length > 0) return play(tale, start);
  const one: Tale = { ...tale, seed: 1, answerMs: 1_000 };
  const key = JSON.stringify(one);
  const known = played.get(key) ?? play(one);
  played.set(key, known);
  return known;
}

function withoutTrouble(tale: Tale): Tale {
  const faults = tale.badPlan ? tale.faults : [];
  const weather = tale.weather.filter(({ do: what }) => what !== 'rival');
  return { ...tale, twin: false, badPlan: false, faults, weather };
}

function planOf(tale: Tale): Readonly<Record<string, unknown>> {
  const { fencing, approval, cooldown, enforcement, rpo } = tale;
  return {
    enforcement,
    objectives: { rto: '15m', rpo },
    failover: { fencing, approval, cooldown, drain: '1s', soak: '1s', deadlines: { fence: '20s', position: '2m' } },
  };
}

/** Its databases and checks hang for ever. */
function badPlan(tale: Tale): Readonly<Record<string, unknown>> {
  const good = JSON.stringify(planObject({ databases: tale.databases, ttl: 5, plan: planOf(tale) }));
  const text = good.replaceAll('.sandbox', '.hung.sandbox').replaceAll('checkout.example.com', 'hung.example.com');
  const object = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return { ...object, metadata: { name: 'hung', namespace: 'payments' } };
}

async function tell(teller: Teller): Promise<Told> {
  const { stage, tale } = teller;
  const { outage, hand } = tale;
  if (hand !== undefined) {
    return await tellByHand(stage, tale, hand, {
      weather: () => {
        for (const one of tale.weather) brew(stage, one);
      },
      answering: (until) => answering(teller, until, BOUND_MS),
      isOver: () => over(teller),
    });
  }
  const dark: { region: typeof east; from: number; to: number }[] = [];
  await stage.pass(4_000);
  if (outage.kind !== 'None') {
    for (const name of tale.databases) stage.world.postgresql[name]?.link(serverName(name, west)).hold();
    await stage.pass(outage.heldMs);
    teller.stoppedAt = stage.now();
    if (outage.kind === 'Dies') stage.world.destroy(east);
    else darken(stage, true);
    await stage.pass(500);
  }
  for (const one of tale.weather) brew(stage, one);
  for (const one of tale.deeds) teller.deeds.begin(one);
  if (stage.person.condition('Ready') !== undefined) stage.person.setActiveRegion(west);
  if (outage.kind !== 'None') {
    const from = teller.stoppedAt ?? 0;
    const healthy = (): boolean => stage.person.run()?.status?.milestones?.sustained !== undefined || over(teller);
    await answering(teller, outage.returns === 'OnceHealthy' ? healthy : afterMs(stage, 4_000), 180_000);
    // Others may be gone before it is back: deaths and outages of its own making.
    dark.push({ region: east, from, to: stage.now() });
    restore(teller);
  }
  const lastDeed = Math.max(0, ...[...tale.deeds.map(deedEnds), ...tale.weather.map(({ at, forMs }) => at + forMs)]);
  await answering(teller, afterMs(stage, lastDeed + 500), lastDeed + 1_000);
  // One that came back after a while came back to a run that may still wait for its answers.
  const answeredAt = outage.kind !== 'None' && outage.returns === 'OnceHealthy' ? dark[0]?.to : undefined;
  const calmAt = stage.now();
  await answering(teller, () => over(teller), BOUND_MS);
  if (tale.comesBack && over(teller) && stage.person.runs().length === 1) {
    await stage.pass(2_000);
    stage.person.setActiveRegion(east);
    await answering(teller, () => stage.person.runs().length === 2 && over(teller), BOUND_MS);
  }
  await stage.pass(restMs(tale));
  const fixpointFrom = stage.now();
  await stage.pass(6_000);
  return { calmAt, fixpointFrom, dark, ...(answeredAt === undefined ? {} : { answeredAt }) };
}

/** Nobody can reach it, and its clients cannot either: what it holds is as it was. */
function darken(stage: Stage, yes: boolean): void {
  stage.world.reach[east] = yes ? 'silent' : 'up';
  for (const [name, model] of Object.entries(stage.world.postgresql)) {
    model.reach(serverName(name, east), yes ? 'Silent' : 'Open');
  }
}

function restore(teller: Teller): void {
  const { stage, tale } = teller;
  if (teller.back) return;
  teller.back = true;
  if (tale.outage.kind === 'Dies') stage.world.restore(east);
  else darken(stage, false);
  for (const name of tale.databases) {
    const model = stage.world.postgresql[name];
    if (model?.role(serverName(name, west)) === 'Replica') model.link(serverName(name, west)).restore();
  }
}

function brew(stage: Stage, one: Weather): void {
  const { kernel, world } = stage;
  const from = kernel.now() + one.at;
  const later = (what: () => void): void => void kernel.at(from, one.do, what);
  const after = (what: () => void): void => void kernel.at(from + one.forMs, `${one.do} is over`, what);
  switch (one.do) {
    case 'suspend':
      later(() => {
        kernel.suspend('operator', one.forMs, 'process');
      });
      return;
    case 'machine-sleeps':
      later(() => {
        kernel.suspend('operator', one.forMs, 'machine');
      });
      return;
    case 'wall-jump':
      later(() => {
        kernel.jumpWall('operator', one.byMs);
      });
      after(() => {
        kernel.jumpWall('operator', -one.byMs);
      });
      return;
    case 'dns-api':
      later(() => {
        world.route53.faults.setOutage(one.how);
      });
      after(() => {
        world.route53.faults.setOutage('none');
      });
      return;
    case 'cut':
      kernel.cut({ match: { region: one.region }, how: one.how, from, to: from + one.forMs });
      return;
    case 'rival':
      later(() => {
        rival(stage, ['operator', 'rival'], one.forMs);
      });
      return;
    case 'link':
      later(() => {
        for (const [name, model] of Object.entries(world.postgresql)) model.link(serverName(name, west))[one.how]();
      });
      after(() => {
        for (const [name, model] of Object.entries(world.postgresql)) {
          if (model.role(serverName(name, west)) === 'Replica') model.link(serverName(name, west)).restore();
        }
      });
  }
}

function over({ stage: { person }, tale }: Teller): boolean {
  const runs = person.runs();
  if (!runs.every((run) => TERMINAL.includes(run.status?.phase ?? ''))) return false;
  // One that is to be made again has nothing to say until it is, and was looked at.
  if (person.plan().spec === undefined) return !tale.deeds.some(({ do: what }) => what === 'delete-and-remake');
  return person.planStatus().currentRun === undefined && settledWish(person);
}

/** Nothing is asked of the plan that it has not taken up, or that it does not say to be waiting. */
function settledWish(person: Stage['person']): boolean {
  const { spec } = person.plan() as { readonly spec?: { readonly activeRegion?: string } };
  const status = person.planStatus();
  if (status.acknowledgedActiveRegion === spec?.activeRegion) return true;
  return ['ReversalPending', 'ActiveRegionMismatch'].includes(person.condition('Ready')?.reason ?? '');
}

function afterMs(stage: Stage, ms: number): () => boolean {
  const end = stage.kernel.now() + ms;
  return () => stage.kernel.now() >= end;
}

/** Lets time pass, and types what the status asks for a while after it asks. */
async function answering(teller: Teller, until: () => boolean, limitMs: number): Promise<void> {
  const { stage, tale } = teller;
  const end = stage.kernel.now() + limitMs;
  while (!until() && stage.kernel.now() < end) {
    await stage.pass(Math.max(250, Math.min(tale.answerMs, 1_000)));
    answer(teller);
  }
}

function answer(teller: Teller): void {
  const { person } = teller.stage;
  for (const step of person.run()?.status?.steps ?? []) {
    const { waitsFor } = step;
    if (step.outcome !== undefined || waitsFor?.next === undefined) continue;
    // Nobody vouches for a writer that they do not know to have stopped.
    if (waitsFor.reason === 'FenceNotProven' && (teller.stoppedAt === undefined || teller.back)) continue;
    // Whom the control plane does not answer either waits for it; and what only shows a cause moves nothing.
    if (printedPatch(waitsFor.next) === undefined) continue;
    if (waitsFor.reason === 'Paused' && teller.deeds.paused()) continue;
    // They wait for the servers first; what the field says of mode and drift is typed as shown.
    tryTo(() => {
      person.answer(waitsFor.reason, teller.stoppedAt === undefined ? {} : { at: teller.stoppedAt });
    });
    return;
  }
}

async function waitFor(stage: Stage, condition: () => boolean, limitMs: number): Promise<void> {
  const end = stage.kernel.now() + limitMs;
  while (!condition() && stage.kernel.now() < end) await stage.pass(250);
}
