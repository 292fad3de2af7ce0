import assert from 'node:assert/strict';
import type { PostgresqlModel } from '../../src/sandbox/models/postgresql/index.ts';
import { east, serverName, west } from './names.ts';
import { ask } from './objects.ts';
import type { Stage } from './stage.ts';

/** The link is held, orders go on, and then everything in the east dies: what was not replicated is lost. Returns when. */
export async function loseTheEast(stage: Stage): Promise<number> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.world.postgresql.orders?.link(serverName('orders', west)).hold();
  await stage.pass(6_000);
  const killedAt = stage.now();
  stage.timeline.note('weather', 'everything in us-east-1 dies');
  stage.world.destroy(east);
  await stage.pass(2_000);
  return killedAt;
}

/** A person patches the field and then types what the status asks for, as it asks. */
export async function failOver(stage: Stage, killedAt: number): Promise<void> {
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
  assert.equal(
    stage.world.postgresql.orders?.role(serverName('orders', west)),
    'Replica',
    'nothing is promoted before a person has spoken',
  );
  stage.person.answer('FenceNotProven', { at: killedAt });
  await stage.until('it is healthy in the west', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
}

/** The east comes back with its data, and a client that was never told writes there. */
export async function theEastReturns(stage: Stage): Promise<void> {
  stage.timeline.note('weather', 'us-east-1 comes back');
  stage.world.clients.pin(east);
  stage.world.restore(east);
  stage.world.postgresql.orders?.link(serverName('orders', west)).restore();
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(10_000);
}

/** The first database, which the clients' orders go to. */
export function orders(stage: Stage): PostgresqlModel {
  const model = stage.world.postgresql.orders;
  assert.ok(model !== undefined);
  return model;
}

/** Ready, and watched for long enough that there are samples and healthy counts of replicas. */
export async function settle(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
}

/** The shop's roles as the server itself has them. */
export function shopMayLogIn(stage: Stage, server: string): boolean {
  return orders(stage).catalogue(server).roles.shop?.login === true;
}

/** Everything of the east falls silent for the operator, its clients and its standby, and lives on behind it. Returns what ends it. */
export function blackHole(stage: Stage): () => void {
  stage.timeline.note('weather', 'us-east-1 is cut off: packets vanish, everything in it lives on');
  const link = orders(stage).link(serverName('orders', west));
  const heal = stage.kernel.cut({ match: { region: east }, how: 'hang' });
  stage.world.reach[east] = 'silent';
  link.cut();
  return () => {
    stage.timeline.note('weather', 'us-east-1 is reachable again');
    heal();
    stage.world.reach[east] = 'up';
    link.restore();
  };
}

/** What a person or a pipeline does to a Deployment's pods in the west; undefined takes it back. */
export function podFault(stage: Stage, name: string, fault: string | undefined): void {
  stage.timeline.note(
    'weather',
    fault === undefined ? `${name} in the west is mended` : `${name} in the west: ${fault}`,
  );
  const annotations = { 'sandbox.maestro.io/fault': fault ?? null };
  ask(stage.world.clusters[west], 'PATCH', `/apis/apps/v1/namespaces/payments/deployments/${name}`, {
    spec: { template: { metadata: { annotations } } },
  });
}

export function replicas(stage: Stage, region: typeof east | typeof west, name: string): number {
  const found = stage.world.clusters[region].hooks.read('apps/deployments', 'payments', name) as
    { readonly spec: { readonly replicas: number } } | undefined;
  return found?.spec.replicas ?? -1;
}

export async function runIs(stage: Stage, phase: string, limitMs = 600_000): Promise<void> {
  await stage.until(`the run is ${phase}`, () => stage.person.run()?.status?.phase === phase, limitMs);
  await stage.pass(10_000);
}

/** Nothing was promoted anywhere and every acknowledged order is where the clients go. */
export function assertSourceServes(stage: Stage): void {
  const model = orders(stage);
  assert.equal(model.role(serverName('orders', east)), 'Primary');
  assert.equal(model.role(serverName('orders', west)), 'Replica');
  assert.equal(model.timelineHistory(serverName('orders', west)).length, 0);
  assert.equal(shopMayLogIn(stage, serverName('orders', east)), true);
  assert.deepEqual(stage.world.clients.lost(model.rows(serverName('orders', east))), []);
  const last = stage.world.clients.acknowledged().at(-1);
  assert.ok(last?.region === east && stage.now() - last.at < 5_000, 'the clients are being served in the east');
}

/** In the west, promoted once, and nothing that was acknowledged is missing there. */
export function assertMovedWithoutLoss(stage: Stage): void {
  const model = orders(stage);
  assert.equal(model.role(serverName('orders', west)), 'Primary');
  assert.equal(model.timelineHistory(serverName('orders', west)).length, 1);
  assert.deepEqual(stage.world.clients.lost(model.rows(serverName('orders', west))), []);
  assert.equal(stage.world.clients.acknowledged().at(-1)?.region, west);
}
