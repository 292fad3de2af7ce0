import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '../models/kube-api/index.ts';
import { objectAt, objectsAt, stringAt } from '../models/kube-api/json.ts';
import { queryPreserved } from '../postgresql/preserved.ts';
import { KubeRefusal } from '../world/kube-client.ts';
import { EAST, NAMESPACE, SHOP_NAME, WEST, ZONE, type RegionName } from '../world/names.ts';
import { startOperator } from '../world/operator.ts';
import { until, type World } from '../world/world.ts';
import { startClients, startPinned } from './clients.ts';
import { administrator, allMutations } from './collect.ts';
import type { EndEvidence, ForcedEvidence, OperatorKilled, PlannedEvidence, ReturnEvidence } from './evidence.ts';
import { follow, move, planPath, type PersonOptions } from './person.ts';
import { setDependency, shutOut, slowReplication, untilTurnedAway } from './provocations.ts';
import { replayFirstBatch } from './replay.ts';
import { stepOf, type RunView, type StepView } from './run-view.ts';
import type { Stage } from './stage.ts';
import type { View } from './view.ts';
import { identify, orderRows } from './witnesses/database.ts';
import { watchDns } from './witnesses/dns.ts';
import { readServerLog } from './witnesses/postgresql-log.ts';

const CLIENTS = 4;
const EVERY_MS = 150;
const STEADY_MS = 4_000;
const HELD_MS = 5_200;
const QUIET_MS = 5_000;
/** Replication stands still for so long after the fence; the shop is shut out for so long before the move. */
const SLOWED_MS = 1_500;
const SHUT_OUT_MS = 1_500;
/**
 * From the shut-out until the service is well again. The operator's last look before the name moves begins after that; and a
 * broken one, which has moved it already, keeps the clients out for no longer than its report may be off.
 */
const SHUT_BEFORE_MS = 500;
/** Longer than the TTL, and than a customer's next order. */
const CACHED_MS = 3_500;
const SETTLE_MS = 1_000;
const REPORT_MS = 20_000;
const RUN_MS = 180_000;

export async function setStage(world: World, bundle: string, reports: string, view: View): Promise<Stage> {
  view.say('the operator starts, a process of its own');
  const operator = await startOperator(world.file, bundle);
  world.adopt(operator);
  await until('the plan is Ready and Protected', 60_000, async () => {
    const plan = await world.management.client.get(planPath());
    return conditionOf(plan, 'Ready') === 'True' && conditionOf(plan, 'Protected') === 'True';
  });
  view.say('plan checkout: Ready=True, Protected=True, active in us-east-1');
  const clients = await startClients(world.file, CLIENTS, EVERY_MS);
  const pinned = await startPinned(world.file, EAST, EVERY_MS);
  world.adopt(clients.program);
  world.adopt(pinned.program);
  const dns = watchDns(SHOP_NAME, world.file.nameServers);
  view.say(`${String(CLIENTS)} clients order by the shop's name over DNS, one more is pinned to the east's balancer`);
  await pause(STEADY_MS);
  return { world, bundle, view, reports, operator, clients, pinned, dns };
}

function conditionOf(object: JsonObject, type: string): string | undefined {
  return stringAt(
    objectsAt(object, 'status', 'conditions').find((condition) => condition['type'] === type),
    'status',
  );
}

/** The east is lost. */
export async function forcedOutage(stage: Stage): Promise<ForcedEvidence> {
  const { world, view } = stage;
  const before = await identify(administrator(world, WEST));
  view.phase('The east is lost');
  world.databases.replication.hold();
  const heldAt = Date.now();
  view.say('the link between the databases is held: what the east commits now does not arrive in the west');
  await pause(HELD_MS);
  const killedAt = await world.destroy(EAST);
  view.say('SIGKILL: the API server, the shops, the balancer, the edge and PostgreSQL of us-east-1');
  await setDependency(world.file.dependencyPort, 'red');
  view.say('the payments service, which is in no region, has its own trouble: traffic must wait for it');
  const person = personOf(stage, WEST, killedAt);
  const name = await move(person, WEST);
  const promoting = await follow(person, name, (run) => hasBegun(stepOf(run, 'promote/orders')), RUN_MS);
  const operatorKilled = await killOperator(stage, promoting.run);
  const tested = await follow(person, name, (run) => hasEnded(stepOf(run, 'smoke/place-order')), RUN_MS);
  const shutAt = Date.now();
  const shut = await shutOut(administrator(world, WEST));
  await pause(SHUT_BEFORE_MS);
  await setDependency(world.file.dependencyPort, 'green');
  view.say('all is well in the west; an administrator shuts the shop out of its database just before the name moves');
  // The operator may ask the service only now and then: the shop stays out until it has been asked.
  const green = await follow(person, name, (run) => hasEnded(stepOf(run, 'dependency/payments')), RUN_MS);
  await pause(SHUT_OUT_MS);
  await untilTurnedAway(stage, WEST, { since: shutAt, mostMs: CACHED_MS });
  await shut.letIn();
  view.say('the shop is let in again');
  const { run, object, words } = await follow(
    person,
    name,
    (seen) => seen.milestones['sustained'] !== undefined,
    RUN_MS,
  );
  const recoveredAt = Date.now();
  await keepReport(stage, object, 'recovered');
  view.say('us-west-2 serves, and has done so for the soak time');
  return {
    heldAt,
    killedAt,
    recoveredAt,
    words: [...promoting.words, ...tested.words, ...green.words, ...words],
    rows: await orderRows(administrator(world, WEST)),
    before,
    after: await identify(administrator(world, WEST)),
    operatorKilled,
    reported: run,
  };
}

function hasBegun(step: StepView | undefined): boolean {
  return step?.intent !== undefined || hasEnded(step);
}

function hasEnded(step: StepView | undefined): boolean {
  return step?.outcome !== undefined;
}

/** For once at the worst moment: the intent is recorded, and nobody knows whether it was sent. */
async function killOperator(stage: Stage, run: RunView): Promise<OperatorKilled> {
  const token = stepOf(run, 'promote/orders')?.intent?.token ?? '';
  await stage.operator.kill();
  const at = Date.now();
  const ended = await stage.operator.ended;
  stage.view.say(`SIGKILL: the operator, just after it recorded the intent to promote (${token}); started again`);
  stage.operator = await startOperator(stage.world.file, stage.bundle);
  stage.world.adopt(stage.operator);
  return { at, token, ended };
}

/** The east comes back as it was, a primary that knows nothing of its successor. */
export async function comeBack(stage: Stage, forced: ForcedEvidence): Promise<ReturnEvidence> {
  const { world, view } = stage;
  view.phase('The east comes back');
  const returnedAt = Date.now();
  await world.restore(EAST);
  view.say('us-east-1 runs again, its PostgreSQL as the primary it was; the pinned client orders there at once');
  const person = personOf(stage, WEST, forced.killedAt);
  const { run, object } = await follow(person, forced.reported.name, (seen) => seen.phase === 'Succeeded', RUN_MS);
  await keepReport(stage, object, 'final');
  const east = await identify(administrator(world, EAST));
  view.say(`us-east-1 was fenced, compared, preserved and rebuilt: a standby on timeline ${String(east.timeline)}`);
  const preservedAt = run.recovery[0]?.preservedAt;
  return {
    returnedAt,
    preserved: preservedAt === undefined ? undefined : await preservedIds(world, preservedAt),
    rows: await orderRows(administrator(world, WEST)),
    east,
    reported: run,
  };
}

async function preservedIds(world: World, folder: string): Promise<readonly string[]> {
  const { installation, passwords } = world.databases;
  const rows = await queryPreserved<{ id: string }>(folder, {
    installation,
    password: passwords.postgres,
    text: 'SELECT id::text AS id FROM orders',
  });
  return rows.map(({ id }) => id);
}

/** And everything goes back to where it was, with nobody losing anything. */
export async function plannedReturn(stage: Stage): Promise<PlannedEvidence> {
  const { world, view } = stage;
  view.phase('Planned, back to the east');
  await atRest(world);
  const askedAt = Date.now();
  stage.askedBackAt = askedAt;
  const slow = await slowReplication(administrator(world, WEST));
  view.say('replication to the east stands still: its standby lags behind what the west commits');
  const person = personOf(stage, EAST);
  let name: string;
  let fenced: Awaited<ReturnType<typeof follow>>;
  try {
    name = await move(person, EAST);
    fenced = await follow(person, name, (seen) => hasEnded(stepOf(seen, 'fence/orders')), RUN_MS);
    await pause(SLOWED_MS);
  } finally {
    slow.release();
  }
  const slowed = { from: slow.from, until: Date.now() };
  view.say('the replication runs freely again');
  const { run, object, words } = await follow(person, name, (seen) => seen.phase === 'Succeeded', RUN_MS);
  await keepReport(stage, object, 'final');
  view.say('us-east-1 serves, us-west-2 is its standby again');
  return {
    askedAt,
    words: [...fenced.words, ...words],
    slowed,
    east: await identify(administrator(world, EAST)),
    west: await identify(administrator(world, WEST)),
    reported: run,
  };
}

/** A writer that is out of date tries its luck; then nobody wants anything any more. */
export async function theEnd(stage: Stage): Promise<EndEvidence> {
  const { world, view } = stage;
  view.phase('Nothing left to do');
  await atRest(world);
  const { audits, route53Url } = world.file;
  const replay = await replayFirstBatch(
    audits.route53,
    SHOP_NAME,
    `${route53Url}/2013-04-01/hostedzone/${ZONE.id}/rrset`,
  );
  view.say(`the forced run's DNS batch is sent once more, out of date by now: ${replay.said}`);
  await pause(SETTLE_MS);
  const from = Date.now();
  view.say('who still writes, and what?');
  await pause(QUIET_MS);
  const until = Date.now();
  const mutations = (await allMutations(stage)).filter((one) => one.at >= from && one.at < until && !one.housekeeping);
  await stage.clients.program.stop();
  await stage.pinned.program.stop();
  return { replay, quiet: { from, until, mutations }, rows: await orderRows(administrator(world, EAST)) };
}

async function atRest(world: World): Promise<void> {
  await until('the plan is at rest', 60_000, async () => {
    const plan = await world.management.client.get(planPath());
    return stringAt(plan, 'status', 'currentRun', 'name') === undefined && conditionOf(plan, 'Ready') === 'True';
  });
}

/** `stoppedAt`: when the person cut the power, ms; absent: there is nothing to attest, and nothing is answered. */
function personOf(stage: Stage, target: RegionName, stoppedAt?: number): PersonOptions {
  const { world, view } = stage;
  const log = world.file.regions[target].postgresql.log;
  const since = Date.now();
  return {
    client: world.management.client,
    answers:
      stoppedAt === undefined
        ? undefined
        : {
            name: 'dana',
            reason: 'us-east-1 is lost, the shop has to go on',
            howKnown: 'cut its power myself',
            stoppedAt: new Date(stoppedAt).toISOString(),
          },
    promotions: async () => (await readServerLog(log)).promotions.filter((at) => at >= since).length,
    typed: (command) => {
      view.typed(command);
    },
    watch: (run) => {
      view.watch(run);
    },
  };
}

/** The Run as it stands, and the report that the operator keeps beside it. */
async function keepReport(stage: Stage, run: JsonObject, when: string): Promise<void> {
  const name = stringAt(run, 'metadata', 'name') ?? '';
  await writeFile(join(stage.reports, `${name}-${when}.yaml`), stringify(run));
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/${name}-report`;
  let data: JsonObject = {};
  await until(`the report of ${name} is there`, REPORT_MS, async () => {
    data = objectAt(await stage.world.management.client.get(path).catch(notYet), 'data');
    return Object.keys(data).length > 0;
  });
  for (const file of Object.keys(data)) {
    await writeFile(join(stage.reports, `${name}-${when}-${file}`), stringAt(data, file) ?? '');
  }
}

function notYet(error: unknown): JsonObject {
  if (error instanceof KubeRefusal && error.status === 404) return {};
  throw error instanceof Error ? error : new Error(String(error));
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
