import { forcedFigures, vouchedAt } from '../figures.ts';
import { count, judged, seconds, type Rule } from './verdict.ts';

/** How long replication stands still before the kill, at least. */
const HELD_MS = 5_000;
const SLACK_MS = 1_000;

export const linkHeld: Rule = ({ forced }) => {
  if (forced === undefined) return undefined;
  const held = forced.killedAt - forced.heldAt;
  return judged(held >= HELD_MS, `replication stood still for ${seconds(held)} before the kill`);
};

export const ordersWereLost: Rule = (evidence) => {
  if (evidence.forced === undefined) return undefined;
  const { lost } = forcedFigures(evidence, evidence.forced);
  return judged(lost.length > 0, `${count(lost.length, 'acknowledged order')} of the east not in the west`);
};

/** The run asked, and each word was given while PostgreSQL's own log knew of no promotion. For the fence see one-writer. */
export const askedBeforePromoting: Rule = ({ forced }) => {
  if (forced === undefined) return undefined;
  const asked = forced.words.map(({ reason }) => reason);
  const never = ['ApprovalRequired', 'DataLossUnaccepted'].filter((gate) => !asked.includes(gate));
  if (never.length > 0) return judged(false, `the run never waited for ${never.join(', ')}`);
  const late = forced.words.filter(({ promotionsBefore }) => promotionsBefore > 0).map(({ reason }) => reason);
  if (late.length > 0) return judged(false, `PostgreSQL had promoted before the word on ${late.join(', ')}`);
  return judged(true, `${asked.join(', ')}: each asked for before PostgreSQL's log knew of a promotion`);
};

/** Where nobody vouched for the end of the writing there is no bound, and none may be claimed. */
export const boundHolds: Rule = (evidence) => {
  if (evidence.forced === undefined) return undefined;
  const { exposureMs, boundMs, grade } = forcedFigures(evidence, evidence.forced);
  if (vouchedAt(evidence.forced) === undefined) {
    return judged(grade === 'Estimated' || grade === 'Unknown', `nobody vouched for the east's end; reported ${grade}`);
  }
  const holds = grade === 'Bounded' && boundMs !== undefined && exposureMs <= boundMs && boundMs <= 3 * exposureMs;
  const reported = boundMs === undefined ? 'no bound' : `${grade} ${seconds(boundMs)}`;
  return judged(
    holds,
    `exposed for ${seconds(exposureMs)}, reported ${reported}; wanted exposure <= bound <= 3 x exposure`,
  );
};

export const outageAsReported: Rule = (evidence) => {
  if (evidence.forced === undefined) return undefined;
  const { outage, switchedMs } = forcedFigures(evidence, evidence.forced);
  const most = evidence.ttlMs + SLACK_MS;
  if (outage === undefined || switchedMs === undefined) {
    return judged(false, outage === undefined ? 'no client was ever out' : 'the operator never saw the traffic move');
  }
  const apart = Math.abs(switchedMs - outage.ms);
  return judged(
    apart <= most && !outage.open,
    `traffic had moved ${seconds(switchedMs)} after the kill, a client was out for ${seconds(outage.ms)} at most; ${seconds(apart)} apart, allowed ${seconds(most)}`,
  );
};

/** By the servers' logs and their timelines' histories, both of which keep every promotion there ever was. */
export const onePromotion: Rule = ({ forced, planned, logs }) => {
  if (forced === undefined) return undefined;
  const { before, after } = forced;
  const west = logs.west.promotions.length;
  const east = logs.east.promotions.length;
  const forcedOnce =
    west === 1 && after.timeline === before.timeline + 1 && after.history.length === before.history.length + 1;
  const plannedOnce =
    planned === undefined ||
    (east === 1 &&
      planned.east.timeline === after.timeline + 1 &&
      planned.east.history.length === after.history.length + 1);
  const timelines = [before.timeline, after.timeline, ...(planned === undefined ? [] : [planned.east.timeline])];
  return judged(
    forcedOnce && plannedOnce,
    `promotions: west ${String(west)}, east ${String(east)}; timelines ${timelines.join(', ')}`,
  );
};
