import { canonical, numberAt, objectAt, type Json, type JsonObject } from '../json.ts';
import { nameOf, ownedBy, REPLICA_SETS, templateHash, type Machine } from './machine.ts';

export function deadlineKey(namespace: string, name: string): string {
  return `deadline/${namespace}/${name}`;
}

export function hashOf(deployment: JsonObject): string {
  return templateHash(canonical(objectAt(deployment, 'spec', 'template')));
}

export interface Sets {
  readonly current: JsonObject | undefined;
  readonly old: readonly JsonObject[];
}

export function setsOf(machine: Machine, deployment: JsonObject): Sets {
  const all = ownedBy(machine, REPLICA_SETS, deployment);
  const name = `${nameOf(deployment)}-${hashOf(deployment)}`;
  return { current: all.find((set) => nameOf(set) === name), old: all.filter((set) => nameOf(set) !== name) };
}

export function replicasOf(set: JsonObject | undefined): number {
  return numberAt(set, 'spec', 'replicas') ?? 0;
}

export function availableOf(set: JsonObject | undefined): number {
  return numberAt(set, 'status', 'availableReplicas') ?? 0;
}

export function sum(sets: readonly JsonObject[], count: (set: JsonObject) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}

/** maxSurge rounds up and maxUnavailable down, as the real controller does; both zero means one unavailable. */
export function limits(deployment: JsonObject, replicas: number): { surge: number; unavailable: number } {
  const strategy = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const resolve = (value: Json | undefined, round: (n: number) => number): number => {
    if (typeof value === 'number') return value;
    const percent = typeof value === 'string' ? Number(value.replace('%', '')) : 25;
    return round((replicas * percent) / 100);
  };
  const surge = resolve(strategy['maxSurge'], Math.ceil);
  const unavailable = resolve(strategy['maxUnavailable'], Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}
