import type { Known, Unknown } from '../../api/fact.ts';
import type { TrafficRecord } from '../../api/plan.ts';
import type { Hold, StepStatus } from '../../api/run.ts';
import { byHand, listedByHand } from '../../drivers/traffic/by-hand.ts';
import type { TrafficAnswers, TrafficState } from '../../drivers/traffic/driver.ts';
import { answersOf, hold, seenAt, unknownEvidence, type Context } from '../context.ts';
import { done, wait, type Judgement } from '../judgement.ts';
import { ownershipHold, takenOverFrom } from '../rules/ownership.ts';
import { lastTtl } from '../ttl.ts';
import { everyServer, serverNames, servedOwnership } from './served.ts';

/**
 * The shift while the control plane does not answer. The zone's own servers may show that it was made, by an attempt
 * whose reply was lost or by a person; past the deadline a person is given the batch.
 */
export function shiftUnlisted(
  step: StepStatus,
  ctx: Context,
  record: TrafficRecord,
  fact: Unknown<TrafficState>,
): Judgement {
  const answers = answersOf(ctx, record.name).fact;
  const told = answers.known ? servedVerdict(ctx, record, answers, fact) : undefined;
  if (told !== undefined) return told;
  const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
  // As after a start: there is no outage to speak of.
  if (fact.why === 'NotAsked') return wait(askingFor(record, fact));
  if (!late) {
    return wait(hold('TrafficUnavailable', outage(record), [unknownEvidence(record.name, fact)]));
  }
  if (answers.known && everyServer(answers.value, ctx.target)) {
    const what = `${record.recordName}: moved by hand, every authoritative server answers ${ctx.target}; not yet claimed`;
    return done('Overridden', seenAt(answers, what));
  }
  return { kind: 'Wait', gated: true, hold: handedOver(step, ctx, record, fact) };
}

export function askingFor({ name, recordName }: TrafficRecord, fact: Unknown<TrafficState>): Hold {
  return hold('Observing', `Asking the DNS control plane for ${recordName}.`, [unknownEvidence(name, fact)]);
}

const outage = ({ recordName }: TrafficRecord): string => `The DNS control plane for ${recordName} does not answer.`;

/** The verdict table's rows that the servers can fill (design/TRAFFIC.md): mine and at the target, newer, another's. */
function servedVerdict(
  ctx: Context,
  record: TrafficRecord,
  answers: Known<TrafficAnswers>,
  { last }: Unknown<TrafficState>,
): Judgement | undefined {
  const ownership = servedOwnership(answers.value);
  if (ownership === undefined) return undefined;
  const nameServers = serverNames(answers);
  const mine = ownership.kind === 'Mine' && ownership.epoch === ctx.run.spec.epoch && ownership.runUid === ctx.run.uid;
  if (mine && everyServer(answers.value, ctx.target)) {
    const what = `${record.recordName} points to ${ctx.target} at each of its servers, owner Mine; the control plane does not answer`;
    const ttl = last?.value.liveTtl;
    return done('Succeeded', seenAt(answers, what, { nameServers, ...(ttl === undefined ? {} : { ttl }) }));
  }
  const points = { kind: 'Region', region: ctx.source } as const;
  const refused = ownershipHold(ctx, record, { ...answers, value: { ownership, points, nameServers, listed: '' } });
  return refused === undefined ? undefined : wait(refused);
}

/** What a person does who can reach the control plane where the operator cannot. */
function handedOver(step: StepStatus, ctx: Context, record: TrafficRecord, fact: Unknown<TrafficState>): Hold {
  const { run, spec, source, target } = ctx;
  const answers = answersOf(ctx, record.name).fact;
  const served = answers.known ? servedOwnership(answers.value) : undefined;
  const owner = fact.last?.value.ownership ?? served;
  const takeoverFrom = owner?.kind === 'Foreign' ? takenOverFrom(ctx, record, owner.identityHash) : undefined;
  const made = byHand(
    {
      record,
      regions: spec.regions,
      from: source,
      to: target,
      ttl: lastTtl(ctx, record),
      ...(takeoverFrom === undefined ? {} : { takeoverFrom }),
      ...(fact.last === undefined ? {} : { listed: fact.last.value.listed }),
      ...(served === undefined ? {} : { served }),
    },
    { identity: spec.identity, epoch: run.spec.epoch, runUid: run.uid, token: `${run.name}/${step.id}/ByHand` },
  );
  const evidence = [
    unknownEvidence(record.name, fact),
    ...(fact.last === undefined ? [] : [seenAt(fact.last, `${record.recordName} was last listed`)]),
  ];
  if (made.kind === 'None') {
    const counts = `Moved by hand, it counts once each of its authoritative servers answers ${target}.`;
    return hold(
      'TrafficUnavailable',
      `${outage(record)} No batch can be given: ${made.why}. ${counts}`,
      evidence,
      listedByHand(record),
    );
  }
  const found = {
    Listed: 'as it was listed last',
    Supposed: `as the plan has it for ${source} and owned as its name servers say, for it was not listed before`,
  }[made.comparesWith];
  const told = `${outage(record)} If it answers you, type the command: Route 53 takes it only where the record is ${found}.`;
  return hold('TrafficUnavailable', told, evidence, made.command);
}
