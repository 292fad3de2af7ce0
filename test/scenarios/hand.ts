import type { PostgresqlModel } from '../../src/sandbox/models/postgresql/index.ts';
import { handRole, host, serverName, west, type RegionName } from './names.ts';
import { settle } from './outage.ts';
import type { Stage } from './stage.ts';

export function modelOf({ world }: Stage, database: string): PostgresqlModel {
  const found = world.postgresql[database];
  if (found === undefined) throw new Error(`there is no database ${database}`);
  return found;
}

/** What a person at a shell types: SELECT pg_promote(), past the operator. Returns once the server is a primary, open to the shop. */
export async function promoteByHand(stage: Stage, database: string, region: RegionName): Promise<void> {
  const model = modelOf(stage, database);
  const server = serverName(database, region);
  const target = { host: host(server), port: 5432, database: 'shop', user: handRole, password: 'super' };
  const session = model.connect(target);
  if (session === undefined || session === 'Refused') throw new Error(`${server} does not answer people`);
  session.answer({ name: 'promote', text: 'SELECT pg_promote()', parameters: [], bound: false });
  session.close();
  await stage.until(`${server} is a primary`, () => model.role(server) === 'Primary', 10_000);
  // A fence comes over with the replication.
  model.alterRole(server, 'shop', { login: true });
}

export async function promoteWest(stage: Stage): Promise<void> {
  stage.timeline.note('bob', 'promotes orders in us-west-2 by hand');
  await promoteByHand(stage, 'orders', west);
}

/** A planned run whose position is never reached. */
export async function hangBehindFence(stage: Stage): Promise<void> {
  await settle(stage);
  stage.timeline.note('weather', 'replication is held');
  modelOf(stage, 'orders').link(serverName('orders', west)).hold();
  stage.person.setActiveRegion(west);
  await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
}
