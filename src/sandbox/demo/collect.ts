import { balancerName, EAST, SHOP_NAME, WEST, type RegionName } from '../world/names.ts';
import type { World } from '../world/world.ts';
import type { Evidence } from './evidence.ts';
import { REPLAY_KEY } from './replay.ts';
import type { Stage } from './stage.ts';
import { readDnsChanges, readIntents, readMutations, type Mutation } from './witnesses/audits.ts';
import type { Administrator } from './witnesses/database.ts';
import { readServerLog } from './witnesses/postgresql-log.ts';

/** Of the shop's record, as the plan says. */
const TTL_MS = 3_000;

/** Every write that a server of the world took, whoever made it. */
export async function allMutations({ world }: Stage): Promise<readonly Mutation[]> {
  const { audits } = world.file;
  const dns = await readDnsChanges(audits.route53, SHOP_NAME);
  return [
    ...(await readMutations('management', audits.management)),
    ...(await readMutations(EAST, audits.regions[EAST])),
    ...(await readMutations(WEST, audits.regions[WEST])),
    ...dns
      .filter(({ accepted }) => accepted)
      .map(({ at, by, changes }) => ({
        at,
        where: 'Route 53',
        who: by,
        what: changes.join(', '),
        byOperator: by !== REPLAY_KEY,
        housekeeping: false,
      })),
  ];
}

/** What the witnesses have, however far the story came. */
export async function collect(stage: Stage, parts: Parts): Promise<Evidence> {
  await stage.dns.stop();
  const { regions, audits } = stage.world.file;
  const mutations = await allMutations(stage);
  return {
    ttlMs: TTL_MS,
    clients: await stage.clients.attempts(),
    pinned: await stage.pinned.attempts(),
    dns: stage.dns.answers(),
    dnsChanges: await readDnsChanges(audits.route53, SHOP_NAME),
    names: { east: balancerName(EAST), west: balancerName(WEST) },
    logs: {
      east: await readServerLog(regions[EAST].postgresql.log),
      west: await readServerLog(regions[WEST].postgresql.log),
    },
    intents: await readIntents(audits.management),
    regional: mutations.filter(
      ({ byOperator, housekeeping, where }) => byOperator && !housekeeping && (where === EAST || where === WEST),
    ),
    ...(stage.askedBackAt === undefined ? {} : { askedBackAt: stage.askedBackAt }),
    ...parts,
  };
}

export type Parts = Pick<Evidence, 'forced' | 'back' | 'planned' | 'end'>;

export function administrator(world: World, region: RegionName): Administrator {
  const { servers, passwords } = world.databases;
  return { address: servers[region], password: passwords.postgres, ca: world.file.ca };
}
