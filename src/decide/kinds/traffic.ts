import type { Known } from '../../api/fact.ts';
import type { TrafficRecord } from '../../api/plan.ts';
import type { Evidence, StepStatus } from '../../api/run.ts';
import { listedByHand } from '../../drivers/traffic/by-hand.ts';
import type { SubmittedChange, TrafficAnswers, TrafficState } from '../../drivers/traffic/driver.ts';
import { answersOf, hold, recordOf, seenAt, stepOf, trafficOf, unknownEvidence, type Context } from '../context.ts';
import type { Need } from '../facts.ts';
import { beganAfter, endedAttempt } from '../intents.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';
import { ownershipHold, takenOverFrom } from '../rules/ownership.ts';
import { movedDatabases } from '../steering/skip.ts';
import { oldTtl } from '../ttl.ts';
import { everyServer } from './served.ts';
import { shiftUnlisted } from './shift-unlisted.ts';

/** What was seen of a database while other steps were still waited for says nothing of now. */
function sinceReady({ readyAt }: StepStatus): { readonly since?: number } {
  return readyAt === undefined ? {} : { since: readyAt };
}

/**
 * The preflight asked what other tools claim. Asking again takes most of a second's worth of the account's requests, and
 * many runs move at once.
 */
const claimMs = 600_000;

/**
 * Decided by reading again, never by an answer's code (design/TRAFFIC.md, the verdict table). Every write is a
 * compare-and-swap from what was listed, so sending it again is safe and a stale writer loses.
 */
export const shift: StepRule = {
  needs: (step, ctx) => [
    { kind: 'Record', name: step.subject ?? '', claimMs },
    { kind: 'Answers', name: step.subject ?? '' },
    ...movedDatabases(ctx).map((d): Need => ({
      kind: 'Database',
      name: d.name,
      region: ctx.target,
      ...sinceReady(step),
    })),
  ],
  judge(step, ctx) {
    const record = trafficOf(ctx, step.subject);
    const { fact } = recordOf(ctx, record.name);
    if (!fact.known) return shiftUnlisted(step, ctx, record, fact);
    return unreadSince(step, ctx, record, fact) ?? verdict(step, ctx, record, fact);
  },
};

/** Sent, answered, and not read since: sending it again would only keep the reading from its turn. */
function unreadSince(
  step: StepStatus,
  ctx: Context,
  record: TrafficRecord,
  fact: Known<TrafficState>,
): Judgement | undefined {
  const ended = endedAttempt(step, ctx.facts);
  if (ended === undefined || beganAfter(fact, ended)) return undefined;
  return wait(hold('Shifting', `Moving ${record.recordName} to ${ctx.target}.`, [seenAt(fact, 'last read')]));
}

function verdict(step: StepStatus, ctx: Context, record: TrafficRecord, fact: Known<TrafficState>): Judgement {
  const { ownership, points, listed } = fact.value;
  const seen = listedEvidence(record, fact);
  const mine = ownership.kind === 'Mine' && ownership.epoch === ctx.run.spec.epoch && ownership.runUid === ctx.run.uid;
  const atTarget = points.kind === 'Region' && points.region === ctx.target;
  if (mine && atTarget) return done('Succeeded', { ...seen, value: { ...seen.value, ...submittedAs(step, ctx) } });
  const refused = ownershipHold(ctx, record, fact);
  if (refused !== undefined) return wait(refused);
  if (mine) {
    return wait(
      hold(
        'RecordDrifted',
        `Record ${record.recordName} was moved away after this Run had shifted it. Put back the values of ${ctx.target}.`,
        [seen],
        listedByHand(record),
      ),
    );
  }
  const kind = atTarget ? 'Claim' : 'Shift';
  const from = ownership.kind === 'Foreign' ? takenOverFrom(ctx, record, ownership.identityHash) : undefined;
  const taken = from === undefined ? {} : { takeoverFrom: from };
  const effect = { kind: 'Traffic', record: record.name, action: { kind, to: ctx.target, listed, ...taken } } as const;
  return {
    kind: 'Act',
    effect,
    again: 1_000,
    ...(fact.value.liveTtl === undefined ? {} : { found: fact.value.liveTtl }),
    hold: hold('Shifting', `Moving ${record.recordName} to ${ctx.target}.`, [seen]),
  };
}

function listedEvidence({ recordName }: TrafficRecord, fact: Known<TrafficState>): Evidence {
  const { ownership, points, nameServers, liveTtl } = fact.value;
  const where = points.kind === 'Region' ? points.region : points.kind;
  const ttl = liveTtl === undefined ? {} : { ttl: liveTtl };
  return seenAt(fact, `${recordName} points to ${where}, owner ${ownership.kind}`, { nameServers, ...ttl });
}

/** Nobody lists past changes: what this one is called must be written down, or no successor can ask whether it is everywhere. */
function submittedAs(step: StepStatus, { facts }: Context): { readonly change?: string } {
  const result = endedAttempt(step, facts)?.result;
  return result?.kind === 'Accepted' && result.change !== undefined ? { change: result.change } : {};
}

function submittedChange({ status, target }: Context, record: string): { readonly change?: SubmittedChange } {
  const id = stepOf(status, `shift/${record}`)?.outcome?.evidence[0]?.value?.change;
  return typeof id === 'string' ? { change: { id, to: target } } : {};
}

/** Seen at the zone's own servers. Where they cannot be asked, the control plane's word stands, and the grade says so. */
export const observeTraffic: StepRule = {
  // Not the record: many runs that wait for DNS would keep the control plane from those that have yet to move.
  needs: (step, ctx) => [{ kind: 'Answers', name: step.subject ?? '', ...submittedChange(ctx, step.subject ?? '') }],
  judge(step, ctx) {
    const record = trafficOf(ctx, step.subject);
    const { fact } = answersOf(ctx, record.name);
    const ttl = oldTtl(ctx, record);
    const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
    if (!fact.known) {
      const unobservable = unknownEvidence(`${record.recordName} at its servers`, fact);
      // However late it is: nobody has tried, so nothing is said to be unobservable.
      if (fact.why === 'NotAsked') {
        const text = `The authoritative servers of ${record.recordName} are being asked.`;
        return wait(hold('Observing', text, [unobservable]));
      }
      if (late) return done('Overridden', givenUp(ctx, record, ttl), unobservable);
      return wait(
        hold('TrafficUnobserved', `The authoritative servers of ${record.recordName} cannot be asked.`, [unobservable]),
      );
    }
    if (fact.value.servers.length === 0) return privately(ctx, record, fact, { ttl, late });
    const evidence = answered(fact, ctx.target, ttl);
    const unsaid = unsaidOf(record, fact);
    if (everyServer(fact.value, ctx.target) && fact.value.inSync !== false) {
      return done('Succeeded', evidence, ...unsaid.evidence);
    }
    if (late && fact.value.servers.every((s) => s.answers.kind === 'Silent')) {
      return done('Overridden', { ...evidence, value: { grade: 'Unobservable', ttl } });
    }
    if (late && fact.value.inSync === true && noneElsewhere(fact.value, ctx.target)) {
      return done('Overridden', { ...evidence, value: { grade: 'Partial', ttl } });
    }
    return wait(
      hold(
        'TrafficUnobserved',
        `Not every authoritative server of ${record.recordName} answers ${ctx.target} yet.${unsaid.words}`,
        [evidence, ...unsaid.evidence],
      ),
    );
  },
};

/** From now, and not from when its servers fell silent: that may be before the move, and caches were filled until now. */
function givenUp({ facts }: Context, { recordName }: TrafficRecord, ttl: number): Evidence {
  const what = `${recordName} was not seen at its servers in time`;
  return { what, at: facts.now.wall, value: { grade: 'Unobservable', ttl } };
}

/** Why the control plane does not say whether the change is everywhere. */
function unsaidOf(
  { recordName }: TrafficRecord,
  fact: Known<TrafficAnswers>,
): { readonly words: string; readonly evidence: readonly Evidence[] } {
  const { unsaid } = fact.value;
  if (unsaid === undefined) return { words: '', evidence: [] };
  return {
    words: ' The control plane does not say whether the change is everywhere.',
    evidence: [seenAt(fact, `${recordName}: ${unsaid}`)],
  };
}

/** Some say the target, the others nothing: a server that cannot be reached from here holds no run up for ever. */
function noneElsewhere({ servers }: TrafficAnswers, target: string): boolean {
  const told = servers.filter(({ answers }) => answers.kind !== 'Silent');
  return told.length > 0 && told.every(({ answers }) => answers.kind === 'Region' && answers.region === target);
}

/** Nobody outside can ask a private zone's servers: the control plane's word that the change is everywhere is all there is. */
function privately(
  { target }: Context,
  record: TrafficRecord,
  fact: Known<TrafficAnswers>,
  { ttl, late }: { readonly ttl: number; readonly late: boolean },
): Judgement {
  const synced = fact.value.inSync === true;
  const what = `wanted ${target}; a private zone, whose servers nobody outside can ask${synced ? '; INSYNC' : ''}`;
  const evidence = seenAt(fact, what, { grade: 'NotObservable', ttl });
  if (synced) return done('Succeeded', evidence);
  const unsaid = unsaidOf(record, fact);
  if (late) return done('Overridden', evidence, ...unsaid.evidence);
  const text = `${record.recordName} is in a private zone, and its control plane has not said that the change is everywhere.`;
  return wait(hold('TrafficUnobserved', `${text}${unsaid.words}`, [evidence, ...unsaid.evidence]));
}

function answered(fact: Known<TrafficAnswers>, target: string, ttl: number): Evidence {
  const words = fact.value.servers.map(
    (s) => `${s.name} ${s.answers.kind === 'Region' ? s.answers.region : s.answers.kind}`,
  );
  return seenAt(
    fact,
    `wanted ${target}, from this vantage point: ${words.join(', ')}${fact.value.inSync === true ? '; INSYNC' : ''}`,
    { grade: 'Exact', ttl },
  );
}
