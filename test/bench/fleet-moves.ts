import { west } from '../scenarios/names.ts';
import { ask } from '../scenarios/objects.ts';
import type { Stage } from '../scenarios/stage.ts';
import type { Figure } from './figure.ts';
import { createFleet, namespaceOf, readyPlans } from './fleet.ts';

/** As many as the operator moves at one time. */
const MANY = 50;
const SETTLE_MS = 120_000;

type Wire = Readonly<Record<string, unknown>>;

/**
 * After the loss of a region everybody's plans move at once, and share an operator, two API servers and one account's
 * five requests of Route 53 a second: how much later than a plan alone the last one arrives.
 */
export async function fleetMoveFigures(say: (line: string) => void): Promise<readonly Figure[]> {
  say('one plan moves alone');
  const alone = await lastMs(1);
  say(`${String(MANY)} plans move at once`);
  const many = await lastMs(MANY);
  return [
    {
      name: `fleet/${String(MANY)} plans at once: last one moved`,
      value: many.ms / 1_000,
      unit: 's',
      meaning: `from all their words at once until every name server answers the target for the last of them; one alone takes ${(alone.ms / 1_000).toFixed(1)} s; ${String(many.route53)} requests of Route 53, of which an account takes five a second; planned, virtual time, one hosted zone, in a world that is quick`,
    },
  ];
}

async function lastMs(plans: number): Promise<{ readonly ms: number; readonly route53: number }> {
  const stage = createFleet({ plans, rpo: '5m', rto: '30m' });
  await stage.until('all are ready', () => readyPlans(stage) === plans);
  await stage.pass(SETTLE_MS);
  const wordAt = stage.now();
  const before = route53Calls(stage);
  for (let index = 0; index < plans; index += 1) {
    const path = `/apis/dr.maestro.io/v1alpha1/namespaces/${namespaceOf(index)}/disasterrecoveryplans/${nameOf(index)}`;
    ask(stage.world.management, 'PATCH', path, { spec: { activeRegion: west } });
  }
  const arrived = (): readonly number[] =>
    stage.world.management.hooks.list('dr.maestro.io/disasterrecoveryruns').flatMap(arrivedAt);
  await stage.until('all have moved', () => arrived().length === plans, 1_800_000);
  return { ms: Math.max(...arrived()) - wordAt, route53: route53Calls(stage) - before };
}

const nameOf = (index: number): string => `p${String(index).padStart(4, '0')}`;

function route53Calls(stage: Stage): number {
  const calls = Object.entries(stage.kernel.callCounts()).filter(([label]) => label.startsWith('route53.'));
  return calls.reduce((sum, [, count]) => sum + count, 0);
}

function arrivedAt(run: Wire): readonly number[] {
  const { milestones = {} } = (run.status ?? {}) as { readonly milestones?: Readonly<Record<string, string>> };
  return milestones.trafficObserved === undefined ? [] : [Date.parse(milestones.trafficObserved)];
}
