import type { History } from '../history.ts';
import type { CallInfo } from '../kernel/index.ts';
import { versionAt, type ObjectLog, type WireIntent } from '../object-log.ts';
import type { Invariant } from './invariant.ts';
import { batches, phaseOf, switchesAllowed, TERMINAL, time } from './reading.ts';

/** A term is that much shorter than the lease (src/kube/lease-term.ts), ms. */
const TERM_MS = 14_250;

/** Two replicas that lead at once do what one would have done, and neither does what the other wrote down. */
export const twoAreOne: Invariant = {
  number: 14,
  name: 'two operator replicas with overlapping leases = one',
  premise: (history) => overlaps(history).some((at) => history.runs.some((run) => isUnderWay(run, at))),
  violations(history) {
    if (overlaps(history).length === 0) return [];
    return [...notTheHolders(history), ...tooEarly(history), ...twice(history), ...otherEnd(history)];
  },
};

interface Held {
  readonly at: number;
  /** Process of the holder; undefined: released. */
  readonly by: string | undefined;
}

/** Instants at which one took the Lease while another still counted on it, by the Lease's own history. */
function overlaps(history: History): readonly number[] {
  const writes = history.audit
    .filter((entry) => entry.changed && entry.resource === 'leases' && entry.verb !== 'delete')
    .flatMap(({ at, body }): readonly Held[] => {
      const spec = (JSON.parse(body ?? '{}') as { readonly spec?: { readonly holderIdentity?: string | null } }).spec;
      return [{ at, by: spec?.holderIdentity?.split('_')[0] }];
    });
  return writes.slice(1).flatMap(({ at, by }, index) => {
    const before = writes[index];
    if (by === undefined || before?.by === undefined || before.by === by || at >= before.at + TERM_MS) return [];
    return diedBetween(history, before.by, before.at, at) ? [] : [at];
  });
}

function diedBetween({ faults, startedAt }: History, process: string, from: number, to: number): boolean {
  return faults.some((one) => {
    const at = startedAt + one.t;
    return one.label === 'dies' && one.process === process && at >= from && at <= to;
  });
}

function isUnderWay(run: ObjectLog, at: number): boolean {
  const version = versionAt(run, at);
  return version !== undefined && version.steps.length > 0 && !TERMINAL.includes(phaseOf(version));
}

/** What cannot be taken back is only sent by the operator that the Run names for it at that moment. */
function notTheHolders(history: History): readonly string[] {
  return history.mutations.flatMap((call) => {
    const at = history.startedAt + call.at;
    const wanted = intentsFor(history, call, at);
    if (wanted === undefined || wanted.some(({ holder }) => holder.split('_')[0] === call.process)) return [];
    const named = wanted.map(({ holder }) => holder).join(', ');
    return [
      `${call.process} sent ${call.label} at ${time(at)}, which the Run left to ${named === '' ? 'nobody' : named}`,
    ];
  });
}

/** The intents that allow this call, as the Runs hold them now; undefined: it can be taken back. */
function intentsFor(history: History, { label, destination }: CallInfo, at: number): readonly WireIntent[] | undefined {
  const kind = irreversible(label);
  if (kind === undefined) return undefined;
  return history.runs.flatMap((run) =>
    (versionAt(run, at)?.steps ?? []).flatMap(({ id, intent }) => {
      const [what, subject = ''] = id.split('/');
      const about = what === 'shift' || destination.startsWith(`${subject}-`);
      return what === kind && about && intent !== undefined ? [intent] : [];
    }),
  );
}

function irreversible(label: string): 'promote' | 'shift' | undefined {
  if (label === 'sql.promote') return 'promote';
  return label === 'route53.ChangeResourceRecordSets' ? 'shift' : undefined;
}

/** Nobody writes down an attempt of his own while another's may still be sent. Wall clocks that jump cannot promise that. */
function tooEarly(history: History): readonly string[] {
  if (history.faults.some(({ label }) => label === 'wall clock jumps')) return [];
  return history.runs.flatMap((run) =>
    attemptsOf(run).flatMap(([id, attempts]) =>
      attempts.slice(1).flatMap((next, index) => {
        const before = attempts[index];
        if (before === undefined || before.holder === next.holder || before.action !== next.action) return [];
        if (Date.parse(next.at) >= Date.parse(before.notAfter)) return [];
        return [
          `${run.name}: ${next.holder} took ${id} up at ${next.at}, while ${before.holder} might send it until ${before.notAfter}`,
        ];
      }),
    ),
  );
}

/** Each step's intents in the order in which they were recorded, each once. */
function attemptsOf(run: ObjectLog): readonly (readonly [id: string, attempts: readonly WireIntent[]])[] {
  const byStep = new Map<string, Map<string, WireIntent>>();
  for (const { steps } of run.versions) {
    for (const { id, intent } of steps) {
      if (intent === undefined) continue;
      const known = byStep.get(id) ?? new Map<string, WireIntent>();
      known.set(`${intent.holder} ${intent.token}`, intent);
      byStep.set(id, known);
    }
  }
  return [...byStep].map(([id, attempts]) => [id, [...attempts.values()]]);
}

/** By the databases' own timelines and by what Route 53 accepted. */
function twice(history: History): readonly string[] {
  const switched = Object.entries(history.ends)
    .filter(([server, { switches }]) => switches.length > switchesAllowed(history, server))
    .map(
      ([server, { switches }]) =>
        `${server} was promoted ${String(switches.length)} times, and runs and people allow ${String(switchesAllowed(history, server))}`,
    );
  const moves = batches(history).flatMap(({ to, epoch }) => (to === undefined ? [] : [String(epoch)]));
  const moved = moves
    .filter((epoch, index) => moves.indexOf(epoch) !== index)
    .map((epoch) => `traffic moved more than once in epoch ${epoch}`);
  return [...switched, ...moved];
}

/** Compared with the same history in which one operator worked alone. */
function otherEnd({ end, told }: History): readonly string[] {
  if (told.alone === undefined) return [];
  const [here, alone] = [JSON.stringify(end), JSON.stringify(told.alone.end)];
  return here === alone ? [] : [`two ended as ${here}, and one alone as ${alone}`];
}
