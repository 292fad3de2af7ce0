import { acknowledged } from '../../shop/attempts.ts';
import { forcedFigures, returnFigures } from '../figures.ts';
import { count, judged, seconds, type Rule } from './verdict.ts';

/** From its return to its fence, the east took what the report says it took; afterwards nothing. */
export const standingFence: Rule = (evidence) => {
  if (evidence.back === undefined) return undefined;
  const { taken, afterFence, writableAt, fencedAt } = returnFigures(evidence);
  const reported = evidence.back.reported.recovery[0]?.postReturnCommits;
  if (fencedAt === undefined || writableAt === undefined) {
    return judged(
      false,
      `the east was never seen to turn the shop away; ${count(taken.length, 'order')} acknowledged there after its return`,
    );
  }
  return judged(
    afterFence.length === 0 && reported === taken.length,
    `fenced ${seconds(fencedAt - writableAt)} after it was writable; ${count(taken.length, 'order')} acknowledged there by then, reported ${String(reported)}; ${String(afterFence.length)} after`,
  );
};

/**
 * What the preserved copy holds beyond the west is what the clients miss: the lost, and what the east took after its
 * return. An order whose answer never arrived may be there too; nobody was promised it.
 */
export const lostOrdersPreserved: Rule = (evidence) => {
  const { back, clients, pinned, forced } = evidence;
  if (back === undefined || forced === undefined) return undefined;
  if (back.preserved === undefined) return judged(false, 'the report names no copy of the diverged data');
  const kept = new Set([...forced.rows, ...back.rows].map(({ id }) => id));
  const beyond = new Set(back.preserved.filter((id) => !kept.has(id)));
  const missed = new Set(
    [...forcedFigures(evidence, forced).lost, ...returnFigures(evidence).taken].map(({ order }) => order),
  );
  const everybody = [...clients, ...pinned];
  const answered = new Set(acknowledged(everybody).map(({ order }) => order));
  const placed = new Set(everybody.map(({ order }) => order));
  const missing = [...missed].filter((id) => !beyond.has(id));
  const strange = [...beyond].filter((id) => !missed.has(id) && (answered.has(id) || !placed.has(id)));
  return judged(
    missing.length === 0 && strange.length === 0,
    `the copy holds ${count(beyond.size, 'order')} that the west lacks, the clients miss ${String(missed.size)}; ${String(missing.length)} not in the copy, ${String(strange.length)} that nobody misses`,
  );
};

export const rebuiltFromTheWest: Rule = ({ forced, back }) => {
  if (forced === undefined || back === undefined) return undefined;
  const same = back.east.systemIdentifier === forced.after.systemIdentifier;
  const newer = back.east.timeline > forced.before.timeline;
  const role = back.east.inRecovery ? 'standby' : 'primary';
  return judged(
    same && newer && back.east.inRecovery,
    `the east is a ${role} on timeline ${String(back.east.timeline)}${same ? ' of the same system' : ' of another system'}`,
  );
};
