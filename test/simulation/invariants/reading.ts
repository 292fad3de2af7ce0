import { identityHash } from '../../../src/api/identity.ts';
import type { AuditEntry } from '../../../src/sandbox/models/kube-api/index.ts';
import { recordName, regionNames, type RegionName } from '../../scenarios/names.ts';
import { planNamespace } from '../../scenarios/objects.ts';
import type { History, SqlAct } from '../history.ts';
import { lastVersion, versionAt, type ObjectLog, type Version, type WireIntent, type WireStep } from '../object-log.ts';

/** The plan as a Run pinned it, as far as invariants read it. */
export interface Pinned {
  readonly enforcement: string;
  readonly objectives: { readonly rpoMs: number };
  readonly failover: { readonly fencing: string; readonly cooldownMs: number; readonly approval: string };
}

interface Attested {
  readonly target: string;
  readonly at: string;
}

export const TERMINAL = ['Succeeded', 'Aborted', 'Abandoned', 'Failed', 'Superseded'];

export const epochOf = (log: ObjectLog): number => Number(lastVersion(log)?.spec.epoch);

export function targetOf(log: ObjectLog): RegionName {
  return lastVersion(log)?.spec.targetRegion === regionNames[0] ? regionNames[0] : regionNames[1];
}

export function sourceOf(log: ObjectLog): RegionName {
  return otherRegion(targetOf(log));
}

export function otherRegion(region: RegionName): RegionName {
  return region === regionNames[0] ? regionNames[1] : regionNames[0];
}

export function pinnedOf(log: ObjectLog): Pinned | undefined {
  const snapshot = lastVersion(log)?.status.snapshot;
  return typeof snapshot === 'string' ? (JSON.parse(snapshot) as Pinned) : undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
export const phaseOf = (version: Version | undefined): string => text(version?.status.phase);
export const modeOf = (log: ObjectLog): string => text(lastVersion(log)?.status.mode);

export function stepIn(version: Version | undefined, id: string): WireStep | undefined {
  return version?.steps.find((step) => step.id === id);
}

/** A step that one version intends, and the one before it did not, or by another attempt. */
export type Begun = WireStep & { readonly intent: WireIntent };

export function begun(before: Version, after: Version): readonly Begun[] {
  const had = new Set(before.steps.map(({ intent }) => intent?.token));
  return after.steps.flatMap((step) => {
    const { intent } = step;
    return intent === undefined || had.has(intent.token) ? [] : [{ ...step, intent }];
  });
}

export function milestoneOf(log: ObjectLog, name: string): number | undefined {
  const { milestones } = (lastVersion(log)?.status ?? {}) as { readonly milestones?: Readonly<Record<string, string>> };
  const text = milestones?.[name];
  return text === undefined ? undefined : Date.parse(text);
}

export function isAttested(version: Version | undefined, database: string): boolean {
  const { attestations = [] } = (version?.spec ?? {}) as { readonly attestations?: readonly Attested[] };
  return attestations.some(({ target }) => target === database || target === '*');
}

/** A person had said by then, with an acceptance, that the platform moves without this database. */
export function leftBehind(versions: readonly Version[], database: string, at: number): boolean {
  const version = versions.filter((one) => one.at <= at).at(-1);
  const { skips = [] } = (version?.spec ?? {}) as { readonly skips?: readonly { readonly step: string }[] };
  return acceptsLoss(version) && skips.some(({ step }) => step === `promote/${database}`);
}

export const acceptsLoss = (version: Version | undefined): boolean => version?.spec.acceptDataLoss !== undefined;

export function approvalsOf(version: Version | undefined): readonly unknown[] {
  return Array.isArray(version?.spec.approvals) ? version.spec.approvals : [];
}

/** Whose plan it is does not matter to the server: markers carry the epoch. */
export function markedEpoch(act: SqlAct): number | undefined {
  const marks = act.statement === 'fence' || act.statement === 'open' || act.statement === 'seal';
  return marks ? Number(act.parameters[1]) : undefined;
}

export function runOfEpoch(history: History, epoch: number): ObjectLog | undefined {
  return history.runs.findLast((log) => epochOf(log) === epoch);
}

/** The Run under way at that instant: the newest that was made, and not over. */
export function runAt(history: History, at: number): ObjectLog | undefined {
  return history.runs.findLast((log) => {
    const version = versionAt(log, at);
    return version !== undefined && !TERMINAL.includes(phaseOf(version));
  });
}

/** A request for promotion that reached a standby. */
export interface Promotion {
  readonly act: SqlAct;
  readonly run: ObjectLog | undefined;
  /** As the API server held it when the request took effect. */
  readonly version: Version | undefined;
}

export function promotions(history: History): readonly Promotion[] {
  return history.sql
    .filter((act) => act.statement === 'promote' && act.refused === undefined && act.recovering)
    .map((act) => {
      const run = runAt(history, act.at);
      return { act, run, version: run === undefined ? undefined : versionAt(run, act.at) };
    });
}

/** Promotions that people asked of a server themselves, past the operator. */
export function handMoves(history: History): readonly SqlAct[] {
  return history.byHand.filter((act) => act.statement === 'promote' && act.refused === undefined && act.recovering);
}

/** Timeline switches that a server may show at the end: one for each Run that promoted, and one for each hand that did. */
export function switchesAllowed(history: History, server: string): number {
  const runs = new Set(promotions(history).map(({ run }) => run?.name)).size;
  const byHand = handMoves(history).filter(({ database }) => server.startsWith(`${database}-`));
  return runs + byHand.length;
}

/** The other server was sealed shut under this epoch before then, by its own word. */
export function sealedBefore(
  history: History,
  database: string,
  region: RegionName,
  epoch: number,
  at: number,
): boolean {
  return history.sql.some(
    (act) =>
      act.statement === 'seal' &&
      act.refused === undefined &&
      act.database === database &&
      act.region === region &&
      markedEpoch(act) === epoch &&
      act.at <= at,
  );
}

/** A batch that Route 53 took from somebody who writes ownership as the operator does, or is the operator. */
export interface Batch {
  readonly at: number;
  /** Values that the record has after it; undefined where it was not written. */
  readonly values?: readonly string[];
  readonly to?: RegionName;
  readonly epoch?: number;
  readonly deletesRecord: boolean;
  readonly deletesOwner: boolean;
  readonly upserts: boolean;
}

const ownHash = identityHash(`${planNamespace}/checkout`);

export function batches(history: History): readonly Batch[] {
  return history.dns
    .filter((entry) => entry.verdict === 'accepted' && entry.operation === 'ChangeResourceRecordSets')
    .flatMap(({ at, changes = [] }) => {
      const about = changes.filter(({ ResourceRecordSet: set }) => set.Name.includes(recordName));
      const isOwner = (type: string): boolean => type === 'TXT';
      const written = about.filter(({ Action }) => Action !== 'DELETE').map((change) => change.ResourceRecordSet);
      const record = written.find(({ Type }) => !isOwner(Type));
      const owner = written.find(({ Type }) => isOwner(Type))?.ResourceRecords?.[0]?.Value ?? '';
      const epoch = owner.includes(ownHash) ? Number(/epoch=(\d+)/.exec(owner)?.[1]) : undefined;
      // What people change by hand carries no claim of ours.
      if (epoch === undefined) return [];
      const values = record?.ResourceRecords?.map(({ Value }) => Value);
      const to = regionNames.find((region) => values?.some((value) => value.includes(region)) === true);
      const deleted = about.filter(({ Action }) => Action === 'DELETE').map((change) => change.ResourceRecordSet.Type);
      const batch: Batch = {
        at,
        epoch,
        ...(values === undefined ? {} : { values }),
        ...(to === undefined ? {} : { to }),
        deletesRecord: deleted.some((type) => !isOwner(type)),
        deletesOwner: deleted.some(isOwner),
        upserts: about.some(({ Action }) => Action === 'UPSERT'),
      };
      return [batch];
    });
}

/** Where the record led from each accepted change on; `own`: as the operator makes it, with its ownership beside it. */
export function recordMoves(
  history: History,
): readonly { readonly at: number; readonly to: RegionName; readonly own: boolean }[] {
  const made = { at: history.startedAt, to: regionNames[0], own: true };
  const moves = history.dns
    .filter((entry) => entry.verdict === 'accepted' && entry.operation === 'ChangeResourceRecordSets')
    .flatMap(({ at, changes = [] }) => {
      const written = changes.find(
        ({ Action, ResourceRecordSet: { Name, Type } }) =>
          Action !== 'DELETE' && Name.replace(/\.$/, '') === recordName && Type !== 'TXT',
      );
      const values = written?.ResourceRecordSet.ResourceRecords?.map(({ Value }) => Value) ?? [];
      const to = regionNames.find((region) => values.some((value) => value.includes(region)));
      const own = changes.some(({ ResourceRecordSet: { Type } }) => Type === 'TXT');
      return to === undefined ? [] : [{ at, to, own }];
    });
  return [made, ...moves];
}

/** Changes that the operator made in a region's cluster. */
export function clusterChanges(history: History): readonly AuditEntry[] {
  return history.audit.filter((entry) => entry.changed && isOperator(entry) && entry.cluster !== 'management');
}

export const isOperator = (entry: AuditEntry): boolean => entry.user.startsWith('system:serviceaccount:');

/** Acknowledged orders that no server which counts at the end holds: those of the current primary of the first database. */
export function survivors(history: History): ReadonlySet<string> | undefined {
  const [database] = history.databases;
  const primaries = regionNames
    .map((region) => history.ends[`${database ?? ''}-${region}`])
    .filter((end) => end?.role === 'Primary');
  return primaries.length === 1 ? primaries[0]?.rows : undefined;
}

export function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
