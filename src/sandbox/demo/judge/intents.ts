import { EAST, WEST } from '../../world/names.ts';
import type { Evidence } from '../evidence.ts';
import { REPLAY_KEY } from '../replay.ts';
import { count, judged, type Rule } from './verdict.ts';

interface Effect {
  readonly what: string;
  readonly at: number;
  /** Steps one of which must have had its intent recorded before. */
  readonly steps: readonly string[];
}

/**
 * Whatever the operator brought about was written down before, in a status that the API server had taken: promotions
 * by PostgreSQL's log, moves of the name by Route 53's audit, scaling and Jobs by the regions' audits.
 */
export const intentBeforeAct: Rule = (evidence) => {
  const effects = effectsOf(evidence);
  if (effects.length === 0) return undefined;
  const early = effects.filter((effect) => !intended(evidence, effect));
  const [first] = early;
  return judged(
    early.length === 0,
    `${count(effects.length, 'effect')} seen, ${String(early.length)} before the intent was recorded${first === undefined ? '' : `: ${first.what}`}`,
  );
};

/** An intent of the run under way: one of the run before does not allow it. */
function intended({ intents, askedBackAt }: Evidence, { at, steps }: Effect): boolean {
  const since = askedBackAt !== undefined && at >= askedBackAt ? askedBackAt : 0;
  return intents.some((intent) => steps.includes(intent.step) && intent.at >= since && intent.at <= at);
}

function effectsOf({ logs, dnsChanges, regional, names }: Evidence): readonly Effect[] {
  const promotions = [
    ...logs.west.promotions.map((at) => [WEST, at] as const),
    ...logs.east.promotions.map((at) => [EAST, at] as const),
  ];
  return [
    ...promotions.map(([region, at]) => ({ what: `a promotion in ${region}`, at, steps: ['promote/orders'] })),
    ...dnsChanges
      .filter(({ accepted, by }) => accepted && by !== REPLAY_KEY)
      .map((change) => ({
        what: `the name led to ${change.to === names.west ? WEST : EAST}`,
        at: change.at,
        steps: ['shift/public'],
      })),
    ...regional.map(({ what, where, at }) => ({
      what: `${what} in ${where}`,
      at,
      steps: what.includes(' jobs') ? ['rebuild/orders'] : stepsOf(what.slice(what.lastIndexOf('/') + 1)),
    })),
  ];
}

/** What moves a workload; in the plan it is called as it is in its cluster. */
function stepsOf(workload: string): readonly string[] {
  return ['pre-scale', 'quiesce', 'workload', 'stand-down'].map((kind) => `${kind}/${workload}`);
}
