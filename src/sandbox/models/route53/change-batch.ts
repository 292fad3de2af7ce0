import { isWithin } from './names.ts';
import { valueProblems } from './record-values.ts';
import { recordKey } from './shapes.ts';
import type { Change, RecordSet } from './shapes.ts';

/*
 * One batch against one zone. Changes are validated in order on a copy, each seeing what those before it did, and the
 * copy becomes the zone only when nothing was wrong: so DELETE then CREATE of one name passes and CREATE then DELETE
 * does not, and a refused batch leaves nothing behind.
 */

export type RecordSets = ReadonlyMap<string, RecordSet>;

export interface BatchZone {
  readonly id: string;
  /** Canonical, with the trailing dot. */
  readonly name: string;
  readonly records: RecordSets;
  /** The record sets of another zone an alias may point into; undefined for a zone nobody holds. */
  readonly otherZone: (id: string) => RecordSets | undefined;
}

export type BatchResult =
  | { readonly kind: 'applied'; readonly records: RecordSets }
  | { readonly kind: 'refused'; readonly messages: readonly string[] };

const MAX_RECORDS = 1000;
const MAX_CHARACTERS = 32_000;
const MAX_RECORD_SETS = 10_000;

export function applyBatch(zone: BatchZone, changes: readonly Change[]): BatchResult {
  const limits = [...limitProblems(changes), ...sequenceProblems(changes)];
  if (limits.length > 0) return { kind: 'refused', messages: limits };
  const records = new Map(zone.records);
  const messages = changes.flatMap((change) => {
    const problems = problemsOf(zone, records, change);
    if (problems.length === 0) apply(records, change);
    return problems;
  });
  if (records.size > MAX_RECORD_SETS) messages.push(`Exceeded limit MAX_RRSETS_BY_ZONE for zone: ${zone.id}`);
  return messages.length > 0 ? { kind: 'refused', messages } : { kind: 'applied', records };
}

function apply(records: Map<string, RecordSet>, { Action, ResourceRecordSet: set }: Change): void {
  if (Action === 'DELETE') records.delete(recordKey(set));
  else records.set(recordKey(set), set);
}

/** Developer Guide, quotas of ChangeResourceRecordSets: what an UPSERT holds counts twice, an alias is one record. */
function limitProblems(changes: readonly Change[]): readonly string[] {
  let records = 0;
  let characters = 0;
  for (const { Action, ResourceRecordSet: set } of changes) {
    const factor = Action === 'UPSERT' ? 2 : 1;
    const values = set.ResourceRecords ?? [];
    records += factor * Math.max(1, values.length);
    characters += factor * values.reduce((sum, { Value }) => sum + Value.length, 0);
  }
  return [
    ...(records > MAX_RECORDS ? [`Number of records limit of ${MAX_RECORDS} exceeded.`] : []),
    ...(characters > MAX_CHARACTERS ? [`RDATA character limit of ${MAX_CHARACTERS} exceeded.`] : []),
  ];
}

/** One record set may be changed once in a batch, or deleted and then created. */
function sequenceProblems(changes: readonly Change[]): readonly string[] {
  const actions = new Map<string, { readonly set: RecordSet; readonly actions: string }>();
  for (const { Action, ResourceRecordSet: set } of changes) {
    const key = recordKey(set);
    actions.set(key, { set, actions: `${actions.get(key)?.actions ?? ''} ${Action}` });
  }
  const allowed = [' CREATE', ' DELETE', ' UPSERT', ' DELETE CREATE'];
  return [...actions.values()]
    .filter((entry) => !allowed.includes(entry.actions))
    .map(
      ({ set }) => `The request contains an invalid set of changes for a resource record set '${set.Type} ${set.Name}'`,
    );
}

type Rule = (zone: BatchZone, records: RecordSets, set: RecordSet) => readonly string[];

function problemsOf(
  zone: BatchZone,
  records: RecordSets,
  { Action, ResourceRecordSet: set }: Change,
): readonly string[] {
  if (!isWithin(set.Name, zone.name)) return [`RRSet with DNS name ${set.Name} is not permitted in zone ${zone.name}`];
  if (Action === 'DELETE') return deleteProblems(zone, records, set);
  const present = records.has(recordKey(set));
  if (Action === 'CREATE' && present) return [`Tried to create ${described(set)} but it already exists`];
  for (const rule of RULES) {
    const problems = rule(zone, records, set);
    if (problems.length > 0) return problems;
  }
  return [];
}

function deleteProblems(zone: BatchZone, records: RecordSets, set: RecordSet): readonly string[] {
  const present = records.get(recordKey(set));
  if (present === undefined) return [`Tried to delete ${described(set)} but it was not found`];
  if (set.Name === zone.name && set.Type === 'SOA') return ['A HostedZone must contain exactly one SOA record.'];
  if (set.Name === zone.name && set.Type === 'NS') {
    return ['A HostedZone must contain at least one NS record for the zone itself.'];
  }
  if (sameContents(present, set)) return [];
  return [`Tried to delete ${described(set)} but the values provided do not match the current values`];
}

/** Every field counts exactly, weight 0 is not the absence of a weight; only the order of the values does not. */
export function sameContents(a: RecordSet, b: RecordSet): boolean {
  const contents = (set: RecordSet): string =>
    JSON.stringify([
      set.Weight ?? null,
      set.TTL ?? null,
      set.HealthCheckId ?? null,
      (set.ResourceRecords ?? []).map(({ Value }) => Value).sort(),
      set.AliasTarget === undefined
        ? null
        : [set.AliasTarget.HostedZoneId, set.AliasTarget.DNSName, set.AliasTarget.EvaluateTargetHealth],
    ]);
  return contents(a) === contents(b);
}

function described(set: RecordSet): string {
  const identifier = set.SetIdentifier === undefined ? '' : `, set-identifier='${set.SetIdentifier}'`;
  return `resource record set [name='${set.Name}', type='${set.Type}'${identifier}]`;
}

const values: Rule = (_zone, _records, set) => valueProblems(set);

const apex: Rule = (zone, _records, set) => {
  const atApex = set.Name === zone.name;
  if (set.Type === 'CNAME' && atApex) {
    return [`RRSet of type CNAME with DNS name ${set.Name} is not permitted at apex in zone ${zone.name}`];
  }
  if (set.Type === 'SOA' && !atApex) {
    return [`RRSet of type SOA with DNS name ${set.Name} is not permitted in zone ${zone.name}`];
  }
  return [];
};

const cnameAlone: Rule = (zone, records, set) => {
  const others = [...records.values()].filter(({ Name, Type }) => Name === set.Name && Type !== set.Type);
  if (set.Type === 'CNAME' && others.length > 0) {
    return [
      `RRSet of type CNAME with DNS name ${set.Name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`,
    ];
  }
  if (others.some(({ Type }) => Type === 'CNAME')) {
    // Two spaces before CNAME: so the service writes it.
    return [
      `RRSet of type ${set.Type} with DNS name ${set.Name} is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone ${zone.name}`,
    ];
  }
  return [];
};

const onePolicy: Rule = (_zone, records, set) => {
  const others = [...records.values()].filter(({ Name, Type }) => Name === set.Name && Type === set.Type);
  const mixed = others.some(({ SetIdentifier }) => (SetIdentifier === undefined) !== (set.SetIdentifier === undefined));
  const subject = `RRSet with DNS name ${set.Name}, type ${set.Type}`;
  if (mixed && set.SetIdentifier === undefined) {
    return [`${subject} cannot be created as other RRSets exist with the same name and type.`];
  }
  if (mixed) {
    return [
      `${subject}, SetIdentifier ${set.SetIdentifier ?? ''} cannot be created as a non-weighted set exists with the same name and type.`,
    ];
  }
  const siblings = others.filter(({ SetIdentifier }) => SetIdentifier !== set.SetIdentifier);
  if (siblings.some(({ TTL }) => TTL !== set.TTL)) {
    return [
      `RRSet with DNS name ${set.Name} and type ${set.Type}, SetIdentifier ${set.SetIdentifier ?? ''} cannot be created as weighted sets must contain the same TTL.`,
    ];
  }
  return [];
};

const aliasTarget: Rule = (zone, records, set) => {
  const target = set.AliasTarget;
  if (target === undefined) return [];
  const there = target.HostedZoneId === zone.id ? records : zone.otherZone(target.HostedZoneId);
  const found = [...(there?.values() ?? [])].some(({ Name, Type }) => Name === target.DNSName && Type === set.Type);
  if (found && !['NS', 'SOA'].includes(set.Type)) return [];
  return [
    `Tried to create an alias that targets ${target.DNSName}, type ${set.Type} in zone ${target.HostedZoneId}, but that target was not found`,
  ];
};

const RULES: readonly Rule[] = [values, apex, cnameAlone, onePolicy, aliasTarget];
