import { readFile } from 'node:fs/promises';
import type { Json, JsonObject } from '../../models/kube-api/index.ts';
import { isObject, numberAt, objectAt, objectsAt, parseJson, stringAt } from '../../models/kube-api/json.ts';

/** A mutation that a server of the sandbox witnessed. */
export interface Mutation {
  /** ms. */
  readonly at: number;
  readonly where: string;
  readonly who: string;
  readonly what: string;
  /** By the operator's account, whomever it impersonated. */
  readonly byOperator: boolean;
  /** Made by the operator about itself: its Lease, its samples, status of its own kinds, events, the plan's runbooks. */
  readonly housekeeping: boolean;
}

/** One change of a batch; TTL in seconds. */
export interface SentChange {
  readonly action: string;
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly values: readonly string[];
}

/** One ChangeResourceRecordSets as Route 53 took it or refused it. */
export interface DnsChange {
  readonly at: number;
  /** The access key's id. */
  readonly by: string;
  readonly accepted: boolean;
  readonly code: string;
  /** `DELETE shop.example.com. CNAME lb-…` */
  readonly changes: readonly string[];
  readonly sets: readonly SentChange[];
  /** epoch of the ownership TXT that it creates. */
  readonly epoch?: number;
  /** Where the shop's record points afterwards. */
  readonly to?: string;
}

async function readLines(path: string): Promise<readonly JsonObject[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  // The last line may be half written.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').flatMap((line): readonly JsonObject[] => {
    const value: Json = line === '' ? null : parseJson(line);
    return isObject(value) ? [value] : [];
  });
}

export const OPERATOR = 'system:serviceaccount:maestro-dr-system:maestro-dr';

/** Every write that changed something. What people and the cluster's own controllers did is there too, by name. */
export async function readMutations(cluster: string, path: string): Promise<readonly Mutation[]> {
  return mutationsOf(cluster, await readLines(path));
}

export function mutationsOf(cluster: string, entries: readonly JsonObject[]): readonly Mutation[] {
  return entries
    .filter((entry) => entry['changed'] === true && entry['dryRun'] !== true)
    .map((entry) => {
      const subresource = stringAt(entry, 'subresource');
      const resource = `${stringAt(entry, 'resource') ?? ''}${subresource === undefined ? '' : `/${subresource}`}`;
      const name = `${stringAt(entry, 'namespace') ?? ''}/${stringAt(entry, 'name') ?? ''}`;
      return {
        at: numberAt(entry, 'at') ?? 0,
        where: cluster,
        who: stringAt(entry, 'impersonated') ?? stringAt(entry, 'user') ?? '',
        what: `${stringAt(entry, 'verb') ?? ''} ${resource} ${name}`,
        byOperator: stringAt(entry, 'user') === OPERATOR,
        housekeeping: stringAt(entry, 'user') === OPERATOR && isHousekeeping(entry, resource),
      };
    });
}

function isHousekeeping(entry: JsonObject, resource: string): boolean {
  const group = stringAt(entry, 'group') ?? '';
  if (group === 'coordination.k8s.io' && resource === 'leases') return true;
  if (group === 'dr.maestro.io') return resource.endsWith('/status');
  if (resource === 'events') return true;
  if (group !== '' || resource !== 'configmaps') return false;
  return /^maestro-dr-samples-|-runbook-/.test(stringAt(entry, 'name') ?? '');
}

/** The first status that the API server took with this intent in it. */
export interface IntentWrite {
  readonly at: number;
  readonly run: string;
  readonly step: string;
  readonly token: string;
}

export async function readIntents(path: string): Promise<readonly IntentWrite[]> {
  return intentsOf(await readLines(path));
}

export function intentsOf(entries: readonly JsonObject[]): readonly IntentWrite[] {
  const seen = new Set<string>();
  return entries
    .filter(
      ({ resource, subresource, changed }) =>
        changed === true && subresource === 'status' && resource === 'disasterrecoveryruns',
    )
    .flatMap((entry) => {
      const body = parseJson(stringAt(entry, 'body') ?? 'null');
      const run = stringAt(entry, 'name') ?? '';
      return objectsAt(body, 'status', 'steps').flatMap((step): readonly IntentWrite[] => {
        const token = stringAt(step, 'intent', 'token');
        if (token === undefined || seen.has(`${run} ${token}`)) return [];
        seen.add(`${run} ${token}`);
        return [{ at: numberAt(entry, 'at') ?? 0, run, step: stringAt(step, 'id') ?? '', token }];
      });
    });
}

export async function readDnsChanges(path: string, record: string): Promise<readonly DnsChange[]> {
  return dnsChangesOf(await readLines(path), record);
}

export function dnsChangesOf(entries: readonly JsonObject[], record: string): readonly DnsChange[] {
  return entries.map((entry) => {
    const changes = objectsAt(entry, 'changes').map(readChange);
    const created = changes.filter(({ action }) => action !== 'DELETE');
    const epoch = created
      .map(({ values }) => /epoch=(\d+)/.exec(values.join(' '))?.[1])
      .find((found) => found !== undefined);
    const to = created.find(({ name, type }) => name.replace(/\.$/, '') === record && type !== 'TXT')?.values[0];
    return {
      at: numberAt(entry, 'at') ?? 0,
      by: stringAt(entry, 'caller', 'accessKeyId') ?? '',
      accepted: stringAt(entry, 'verdict') === 'accepted',
      code: stringAt(entry, 'code') ?? '',
      changes: changes.map(({ action, name, type, values }) => `${action} ${name} ${type} ${values.join(' ')}`),
      sets: changes,
      ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
      ...(to === undefined ? {} : { to: to.replace(/\.$/, '') }),
    };
  });
}

function readChange(change: JsonObject): SentChange {
  const set = objectAt(change, 'ResourceRecordSet');
  return {
    action: stringAt(change, 'Action') ?? '',
    name: stringAt(set, 'Name') ?? '',
    type: stringAt(set, 'Type') ?? '',
    ttl: numberAt(set, 'TTL') ?? 0,
    values: objectsAt(set, 'ResourceRecords').map((record) => stringAt(record, 'Value') ?? ''),
  };
}
