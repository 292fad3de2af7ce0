import { acceptance, acknowledged, overlaps } from '../../shop/attempts.ts';
import { EAST } from '../../world/names.ts';
import { pinnedApart, plannedFigures, strays, vouchedAt } from '../figures.ts';
import { count, judged, seconds, type Rule } from './verdict.ts';

/**
 * The west was promoted only when somebody had vouched for the east's end, for a dead machine proves nothing; nobody
 * orders is ever served by both regions at once, nor by one that was called fenced or that the other had succeeded. What
 * the returned east took before its fence is judged by standing-fence.
 */
export const oneWriter: Rule = (evidence) => {
  const { forced, logs } = evidence;
  const promoted = logs.west.promotions[0];
  const vouched = forced === undefined ? undefined : (vouchedAt(forced) ?? Number.POSITIVE_INFINITY);
  if (vouched !== undefined && promoted !== undefined && vouched > promoted) {
    return judged(
      false,
      'the west was promoted while nobody had vouched for the end of the east, which nobody could see',
    );
  }
  const everybody = [...evidence.clients, ...pinnedApart(evidence)];
  const both = overlaps(acceptance(everybody)).length;
  const stray = strays(everybody, evidence).length;
  const leaked = plannedFigures(evidence)?.leaked.length ?? 0;
  return judged(
    both === 0 && stray === 0 && leaked === 0,
    `both regions accepted orders in overlapping time ${count(both, 'time')}; ${count(stray, 'order')} accepted by one when the other had been promoted, ${String(leaked)} by one that was fenced by its own log or the operator's word`,
  );
};

/** Replication stood still over the fence, so promoting without waiting for the position loses what came before it. */
export const plannedLosesNothing: Rule = (evidence) => {
  const { planned } = evidence;
  const figures = plannedFigures(evidence);
  if (planned === undefined || figures === undefined) return undefined;
  const { mode } = planned.reported;
  const served = acknowledged(evidence.clients).some(({ region, t }) => t > planned.askedAt && region === EAST);
  return judged(
    mode === 'Planned' && served && planned.words.length === 0 && figures.lost.length === 0,
    `mode ${mode}, replication stood still for ${seconds(planned.slowed.until - planned.slowed.from)}; ${count(figures.lost.length, 'acknowledged order')} not in the east${served ? '' : ', which serves nobody'}`,
  );
};

export const initialTopology: Rule = ({ planned }) => {
  if (planned === undefined) return undefined;
  const { east, west } = planned;
  const role = (recovering: boolean): string => (recovering ? 'standby' : 'primary');
  return judged(
    !east.inRecovery && west.inRecovery && east.systemIdentifier === west.systemIdentifier,
    `the east is a ${role(east.inRecovery)}, the west a ${role(west.inRecovery)}`,
  );
};

export const fixpointIsQuiet: Rule = ({ end }) => {
  if (end === undefined) return undefined;
  const { mutations, from, until } = end.quiet;
  const [first] = mutations;
  const example = first === undefined ? '' : `, first ${first.what} in ${first.where} by ${first.who}`;
  return judged(mutations.length === 0, `${count(mutations.length, 'mutation')} in ${seconds(until - from)}${example}`);
};
