import { objectAt, stringAt } from '../json.ts';
import { podsUsed } from '../quota.ts';
import { builtinType } from '../builtin/types.ts';
import { find, writeStatus, type Machine } from './machine.ts';

const QUOTAS = builtinType('/resourcequotas');

export function reconcileQuota(machine: Machine, namespace: string, name: string): void {
  const quota = find(machine, QUOTAS, namespace, name);
  if (quota === undefined) return;
  const hard = objectAt(quota, 'spec', 'hard');
  const used = hard['pods'] === undefined ? {} : { pods: String(podsUsed(machine.cluster.store, namespace)) };
  const normalised = Object.fromEntries(
    Object.entries(hard).map(([key, value]) => [
      key,
      typeof value === 'number' ? String(value) : (stringAt(value) ?? ''),
    ]),
  );
  writeStatus(machine, QUOTAS, quota, { hard: normalised, used });
}
