import type { Known } from '../../api/fact.ts';
import type { TrafficRecord } from '../../api/plan.ts';
import type { Hold } from '../../api/run.ts';
import type { TrafficState } from '../../drivers/traffic/driver.ts';
import { identityHash } from '../../api/identity.ts';
import { listedByHand } from '../../drivers/traffic/by-hand.ts';
import { deleteCommand, takeoverCommand } from '../commands.ts';
import { hold, seenAt, type Context } from '../context.ts';

function mayTakeOver(ctx: Context, record: TrafficRecord, owner: string): boolean {
  return takenOverFrom(ctx, record, owner) !== undefined;
}

/** The identity whose record a person said may be taken over, where it is the one that owns it. */
export function takenOverFrom(ctx: Context, record: TrafficRecord, owner: string): string | undefined {
  return ctx.run.spec.takeovers.find((one) => one.record === record.name && identityHash(one.from) === owner)?.from;
}

/** What stands in the way of moving this record, from who owns it and where it points. Nothing here is ever written over. */
export function ownershipHold(ctx: Context, record: TrafficRecord, fact: Known<TrafficState>): Hold | undefined {
  const { ownership, points } = fact.value;
  const owner = ownership.kind === 'Foreign' ? { identityHash: ownership.identityHash } : undefined;
  const evidence = [seenAt(fact, `${record.recordName}: ${points.kind}, owner ${ownership.kind}`, owner)];
  if (ownership.kind === 'Foreign' && !mayTakeOver(ctx, record, ownership.identityHash)) {
    const said = ctx.run.spec.takeovers.some((takeover) => takeover.record === record.name);
    const wrong = said ? ' What was recorded as a takeover names another identity.' : '';
    const message = `Record ${record.recordName} is owned by another plan (identity hash ${ownership.identityHash}).${wrong} Let that plan give it up, or record whose it is taken over from.`;
    return hold('ForeignOwner', message, evidence, takeoverCommand(ctx, record.name));
  }
  if (ownership.kind === 'Conflict') {
    return hold(
      'ForeignOwner',
      `Record ${record.recordName} is managed by something else: ${ownership.detail}.`,
      evidence,
      listedByHand(record),
    );
  }
  const sameEpoch = ownership.kind === 'Mine' && ownership.epoch === ctx.run.spec.epoch;
  if (sameEpoch && ownership.runUid !== ctx.run.uid) {
    return hold(
      'StaleEpoch',
      `Record ${record.recordName} carries this Run's epoch for another run: one of the two is out of date, and this one writes nothing. If it is this one, delete it, and its plan looks anew.`,
      evidence,
      deleteCommand(ctx),
    );
  }
  if (ownership.kind === 'Mine' && ownership.epoch > ctx.run.spec.epoch) {
    return hold(
      'StaleEpoch',
      `Record ${record.recordName} carries epoch ${String(ownership.epoch)}, above this Run's ${String(ctx.run.spec.epoch)}: this Run is out of date and writes nothing. Delete it, and its plan looks anew.`,
      evidence,
      deleteCommand(ctx),
    );
  }
  if (points.kind === 'Drifted') {
    return hold(
      'RecordDrifted',
      `Record ${record.recordName} has values of neither region: ${points.detail}. Put back the values of ${ctx.source}.`,
      evidence,
      listedByHand(record),
    );
  }
  if (points.kind === 'Absent') {
    return hold(
      'RecordDrifted',
      `Record ${record.recordName} does not exist; create it with the values of ${ctx.source}.`,
      evidence,
      listedByHand(record),
    );
  }
  return undefined;
}
