import { canonicalName } from './names.ts';
import { refusals } from './refusals.ts';
import { RECORD_TYPES } from './shapes.ts';
import type { AliasTarget, Change, ChangeAction, Checked, RecordSet, RecordType } from './shapes.ts';

/*
 * From a caller's plain object to what the model holds. What the API's schema would refuse is InvalidInput here;
 * what is wrong only in the light of the zone is change-batch.ts's.
 */

type Fields = Readonly<Record<string, unknown>>;

export const ID_PREFIX = /^\/?(?:hostedzone|change)\//;
const ACTIONS: readonly ChangeAction[] = ['CREATE', 'DELETE', 'UPSERT'];
const NOT_MODELLED = [
  'Region',
  'Failover',
  'GeoLocation',
  'GeoProximityLocation',
  'CidrRoutingConfig',
  'MultiValueAnswer',
  'TrafficPolicyInstanceId',
] as const;
const MAX_TTL = 2_147_483_647;

const refuse = (
  message: string,
): { readonly ok: false; readonly refusal: ReturnType<typeof refusals.invalidInput> } => ({
  ok: false,
  refusal: refusals.invalidInput(message),
});

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A zone's or a change's id without its path prefix. */
export function readId(fields: Fields, name: string): string | undefined {
  return readText(fields, name)?.replace(ID_PREFIX, '');
}

export function readChanges(input: Fields): Checked<readonly Change[]> {
  const batch = input.ChangeBatch;
  const list: unknown = isFields(batch) ? batch.Changes : undefined;
  if (!Array.isArray(list) || list.length === 0) {
    return refuse(
      "1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  const changes: Change[] = [];
  for (const item of list as readonly unknown[]) {
    const change = readChange(item);
    if (!change.ok) return change;
    changes.push(change.value);
  }
  return { ok: true, value: changes };
}

function readChange(item: unknown): Checked<Change> {
  if (!isFields(item) || !isFields(item.ResourceRecordSet)) {
    return refuse('Invalid request: Change needs an Action and a ResourceRecordSet');
  }
  const action = ACTIONS.find((known) => known === item.Action);
  if (action === undefined) {
    return refuse(
      `Invalid XML ; cvc-enumeration-valid: Value '${String(item.Action)}' is not facet-valid with respect to enumeration '[CREATE, DELETE, UPSERT]'. It must be a value from the enumeration.`,
    );
  }
  const set = readRecordSet(action, item.ResourceRecordSet);
  return set.ok ? { ok: true, value: { Action: action, ResourceRecordSet: set.value } } : set;
}

function readRecordSet(action: ChangeAction, fields: Fields): Checked<RecordSet> {
  const unmodelled = NOT_MODELLED.find((name) => fields[name] !== undefined);
  if (unmodelled !== undefined) return { ok: false, refusal: refusals.notModelled(`${unmodelled} of a record set`) };
  const type = readType(fields.Type);
  if (!type.ok) return type;
  const given = readText(fields, 'Name') ?? '';
  const where = `in Change with [Action=${action}, Name=${given}, Type=${type.value}, SetIdentifier=${readText(fields, 'SetIdentifier') ?? 'null'}]`;
  const name = canonicalName(given);
  if (name === undefined) {
    return refuse(`FATAL problem: DomainLabelEmpty or unsupported characters encountered with '${given}'`);
  }
  const policy = readPolicy(fields, where);
  if (!policy.ok) return policy;
  const data = readData(fields, where);
  if (!data.ok) return data;
  const healthCheck = readText(fields, 'HealthCheckId');
  return {
    ok: true,
    value: {
      Name: name,
      Type: type.value,
      ...policy.value,
      ...data.value,
      ...(healthCheck === undefined ? {} : { HealthCheckId: healthCheck }),
    },
  };
}

function readType(value: unknown): Checked<RecordType> {
  const type = RECORD_TYPES.find((known) => known === value);
  if (type !== undefined) return { ok: true, value: type };
  return { ok: false, refusal: refusals.notModelled(`record type ${String(value)}`) };
}

function readPolicy(fields: Fields, where: string): Checked<Pick<RecordSet, 'SetIdentifier' | 'Weight'>> {
  const identifier = readText(fields, 'SetIdentifier');
  const weight = fields.Weight;
  if (identifier === undefined && weight === undefined) return { ok: true, value: {} };
  if (identifier === undefined) return refuse(`Invalid request: Missing field 'SetIdentifier' ${where}`);
  if (weight === undefined) {
    return refuse(
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, CidrRoutingConfig, or MultiValueAnswer], but found none ${where}`,
    );
  }
  if (identifier.length > 128) return refuse(`Invalid request: SetIdentifier is longer than 128 characters ${where}`);
  if (!isInteger(weight, 255)) return refuse(`Invalid request: Weight must be from 0 to 255 ${where}`);
  return { ok: true, value: { SetIdentifier: identifier, Weight: weight } };
}

type RecordData = Pick<RecordSet, 'TTL' | 'ResourceRecords' | 'AliasTarget'>;

function readData(fields: Fields, where: string): Checked<RecordData> {
  const plain = fields.TTL !== undefined || fields.ResourceRecords !== undefined;
  const alias = fields.AliasTarget !== undefined;
  const complete = fields.TTL !== undefined && fields.ResourceRecords !== undefined;
  if (plain === alias || (plain && !complete)) {
    const found = plain && alias ? 'more than one' : 'none';
    return refuse(
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found} ${where}`,
    );
  }
  return alias ? readAlias(fields.AliasTarget, where) : readRecords(fields, where);
}

function readAlias(value: unknown, where: string): Checked<{ readonly AliasTarget: AliasTarget }> {
  const fields = isFields(value) ? value : {};
  const zone = readId(fields, 'HostedZoneId');
  const name = canonicalName(readText(fields, 'DNSName') ?? '');
  const evaluate = fields.EvaluateTargetHealth;
  if (zone === undefined || name === undefined || typeof evaluate !== 'boolean') {
    return refuse(`Invalid request: AliasTarget needs HostedZoneId, DNSName and EvaluateTargetHealth ${where}`);
  }
  return { ok: true, value: { AliasTarget: { HostedZoneId: zone, DNSName: name, EvaluateTargetHealth: evaluate } } };
}

function readRecords(fields: Fields, where: string): Checked<RecordData> {
  const ttl = fields.TTL;
  const records = fields.ResourceRecords;
  if (!isInteger(ttl, MAX_TTL)) return refuse(`Invalid request: TTL must be from 0 to ${MAX_TTL} ${where}`);
  const values = Array.isArray(records)
    ? records.map((record: unknown) => (isFields(record) ? readText(record, 'Value') : undefined))
    : [];
  const present = values.filter((value) => value !== undefined);
  if (present.length === 0 || present.length < values.length) {
    return refuse(`Invalid request: ResourceRecords needs at least one Value ${where}`);
  }
  return { ok: true, value: { TTL: ttl, ResourceRecords: present.map((Value) => ({ Value })) } };
}

function isInteger(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}
