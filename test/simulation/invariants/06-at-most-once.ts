import { isDeepStrictEqual } from 'node:util';
import type { Invariant } from './invariant.ts';
import { batches, promotions, stepIn, switchesAllowed, time } from './reading.ts';

/** What is irreversible was written down before it was sent, and took effect once; a death changes no end. */
export const atMostOnce: Invariant = {
  number: 6,
  name: 'killed at any point: same final state, each irreversible call recorded first and effective at most once an epoch',
  premise: (history) => promotions(history).length > 0 && history.faults.some(({ label }) => label === 'dies'),
  violations(history) {
    const unrecorded = promotions(history)
      .filter(({ act, version }) => stepIn(version, `promote/${act.database}`)?.intent === undefined)
      .map(({ act }) => `${act.server} was promoted at ${time(act.at)} before any Run held that intent`);
    const epochs = new Map<string, number>();
    for (const { to, epoch } of batches(history)) {
      if (to !== undefined) epochs.set(String(epoch), (epochs.get(String(epoch)) ?? 0) + 1);
    }
    const twice = [...epochs]
      .filter(([, count]) => count > 1)
      .map(([epoch, count]) => `traffic moved ${String(count)} times in epoch ${epoch}`);
    const switches = Object.entries(history.ends)
      .filter(([server, end]) => end.switches.length > switchesAllowed(history, server))
      .map(
        ([server, end]) =>
          `${server} has ${String(end.switches.length)} timeline switches, more than runs that promoted`,
      );
    return [...unrecorded, ...twice, ...switches, ...otherEnd(history)];
  },
};

/** Compared with the same history in which nobody died. */
function otherEnd({ end, told }: Parameters<Invariant['violations']>[0]): readonly string[] {
  if (told.undisturbed === undefined || isDeepStrictEqual(end, told.undisturbed.end)) return [];
  return [`ended as ${JSON.stringify(end)}, and without the death as ${JSON.stringify(told.undisturbed.end)}`];
}
