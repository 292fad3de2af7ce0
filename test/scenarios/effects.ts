import assert from 'node:assert/strict';
import type { CallInfo } from '../simulation/kernel/index.ts';
import { host, serverName, type RegionName } from './names.ts';
import { isEffect, isRunbook } from './scenario.ts';
import type { Stage } from './stage.ts';

/** What the operator's processes sent outside their own objects, in order. */
export function effects(stage: Stage): readonly CallInfo[] {
  return stage.kernel.mutations().filter(isEffect);
}

/** What they sent to one region: its databases and its API server. */
export function effectsIn(stage: Stage, region: RegionName): readonly CallInfo[] {
  const databases = Object.keys(stage.world.postgresql).map((name) => host(serverName(name, region)));
  return effects(stage).filter(
    ({ destination }) =>
      destination.startsWith(`api.${region}.`) || databases.some((name) => destination.startsWith(name)),
  );
}

/** Nothing at all is written in the regions, not even what is the operator's own there. */
export function assertNoRunbook(stage: Stage): void {
  assert.deepEqual(stage.kernel.mutations().filter(isRunbook), [], 'no runbook was left in a region');
}

/** From every witness at once: the operator has written nothing but its own objects. `also`: mutations known to be meant. */
export function assertNothingTouched(stage: Stage): void {
  const said = effects(stage).map((call) => `${call.label} ${call.destination} ${call.detail}`);
  assert.deepEqual(said, [], 'no effect was sent');
  const operator = (user: string): boolean => user.startsWith('system:serviceaccount:maestro-dr-system');
  const elsewhere = stage.world.audit.filter(
    (entry) =>
      entry.changed &&
      entry.cluster !== 'management' &&
      operator(entry.user) &&
      !(entry.resource === 'configmaps' && entry.name?.includes('-runbook-') === true),
  );
  assert.deepEqual(elsewhere, [], "no region's API server has changed anything for it");
  const own = ['dr.maestro.io', 'coordination.k8s.io', 'events.k8s.io', ''];
  const foreign = stage.world.audit.filter(
    (entry) =>
      entry.changed &&
      entry.cluster === 'management' &&
      operator(entry.user) &&
      (!own.includes(entry.group) || (entry.group === '' && !['events', 'configmaps'].includes(entry.resource))),
  );
  assert.deepEqual(foreign, [], 'in the management cluster it has written its own objects only');
  const changes = stage.world.changes.filter((entry) => entry.operation === 'ChangeResourceRecordSets');
  assert.deepEqual(changes, [], 'the zone is untouched');
}
