import { EAST, WEST } from '../../world/names.ts';
import type { Evidence, ForcedEvidence } from '../evidence.ts';
import { REPLAY_KEY } from '../replay.ts';
import { count, judged, seconds, type Judged, type Rule } from './verdict.ts';

interface Effect {
  readonly what: string;
  readonly at: number;
  /** Steps one of which must have had its intent recorded before. */
  readonly steps: readonly string[];
}

/**
 * Whatever the operator brought about was written down before, in a status that the API server had taken: promotions
 * by PostgreSQL's log, moves of the name by Route 53's audit, scaling and Jobs by the regions' audits. What that is for
 * was tried for real: the operator was killed while its intent to promote stood there, and another one went on.
 */
export const intentBeforeAct: Rule = (evidence) => {
  const effects = effectsOf(evidence);
  if (effects.length === 0) return undefined;
  const early = effects.filter((effect) => !intended(evidence, effect));
  const [first] = early;
  const killed = evidence.forced === undefined ? undefined : killedWithIntent(evidence, evidence.forced);
  return judged(
    early.length === 0 && killed?.holds !== false,
    `${count(effects.length, 'effect')} seen, ${String(early.length)} before the intent was recorded${first === undefined ? '' : `: ${first.what}`}${killed === undefined ? '' : `; ${killed.says}`}`,
  );
};

/** The API server's audit has the intent to promote before the operator's end, and of the same run another one after it. */
function killedWithIntent({ intents }: Evidence, { operatorKilled, reported }: ForcedEvidence): Judged {
  const { at, token, ended } = operatorKilled;
  if (ended !== 'SIGKILL') return judged(false, `the operator ended with ${String(ended)} before it could be killed`);
  const own = intents.filter(({ run }) => run === reported.name);
  const standing = own.find((intent) => intent.step === 'promote/orders' && intent.token === token && intent.at <= at);
  if (standing === undefined) return judged(false, 'the operator was killed without an intent to promote in the audit');
  // A status that was on its way when it was killed can only have told of the same step.
  const wentOn = own.some((intent) => intent.at > at && intent.step !== 'promote/orders');
  if (!wentOn) return judged(false, 'no operator went on after the one that was killed');
  return judged(true, `killed ${seconds(at - standing.at)} after the intent to promote, and another went on`);
}

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
