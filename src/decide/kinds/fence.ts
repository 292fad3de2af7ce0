import type { Fact, Known, Unknown } from '../../api/fact.ts';
import type { Attestation, StepStatus } from '../../api/run.ts';
import { formatTime } from '../../api/time.ts';
import { asItIs, databaseAt, hold, seenAt, stepOf, unknownEvidence, type Context } from '../context.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import type { Need } from '../facts.ts';
import { fenceProof } from '../fence-proof.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';
import { abortCommand, attestCommand } from '../commands.ts';

const againMs = 1_000;

/** No promotion before this is done: proven, or overridden by what the plan or a person recorded. */
export const fence: StepRule = {
  needs: (step, ctx) => [...lookAtWriter(step, ctx), ...(step.intent === undefined ? [{ kind: 'Plan' } as const] : [])],
  judge(step, ctx) {
    const judged = fenceNow(step, ctx);
    // No word and no deadline stands for a look that was not taken: it may show a writer, or the proof.
    if (judged.kind === 'Done' || (judged.kind === 'Wait' && judged.hold.reason === 'Observing')) return judged;
    return overridden(step, ctx) ?? judged;
  },
  undo: unfence,
};

/**
 * Where a replica answers for the source, who its writer is shows in the target. That one answers there is not known yet when
 * this is asked (docs/adr/0018), so both are looked at, always.
 */
function lookAtWriter(step: StepStatus, { source, target }: Context): readonly Need[] {
  return [source, target].map((region): Need => ({ kind: 'Database', name: step.subject ?? '', region }));
}

function unfence(step: StepStatus, ctx: Context): Judgement {
  const name = step.subject ?? '';
  const { fact } = databaseAt(ctx, name, ctx.source);
  const effect = { kind: 'Database', database: name, region: ctx.source, action: 'Unfence' } as const;
  if (!fact.known) {
    return wait(
      hold('UndoPending', `The fence of ${name} in ${ctx.source} is taken back as soon as it can be seen.`, [
        unknownEvidence(name, fact),
      ]),
    );
  }
  if (!fact.value.fence.present) {
    return done(
      'Succeeded',
      seenAt(fact, `${name}@${ctx.source}: no fence, open to ${fact.value.enabledRoles.join(', ')}`),
    );
  }
  return {
    kind: 'Act',
    effect,
    again: againMs,
    hold: hold('Undoing', `Opening ${name} in ${ctx.source} again.`, [seenAt(fact, 'fence still present')]),
  };
}

/** The standing duty: a source that was not proven fenced is, before anything else happens there. */
export const finishFence: StepRule = {
  needs: lookAtWriter,
  judge(step, ctx) {
    const first = stepOf(ctx.status, `fence/${step.subject ?? ''}`)?.outcome;
    if (first !== undefined && first.state !== 'Overridden') {
      return done('Vacuous', { what: 'proven fenced before the promotion', at: first.at });
    }
    return unasked(fenceNow(step, ctx));
  },
  undo: unfence,
};

/** No word of a person's ends the standing duty: only the fence itself does. */
function unasked(judged: Judgement): Judgement {
  if (judged.kind === 'Done') return judged;
  const { next: _nothingToType, ...shown } = judged.hold;
  return { ...judged, hold: shown };
}

function fenceNow(step: StepStatus, ctx: Context): Judgement {
  const name = step.subject ?? '';
  const region = step.region ?? '';
  const seen = databaseAt(ctx, name, region);
  const { fact } = seen;
  if (!fact.known) {
    const evidence = [unknownEvidence(`${name}@${region}`, fact)];
    if (fact.why === 'NotAsked') {
      return wait(hold('Observing', `Looking at the writer of ${name} in ${region}.`, evidence));
    }
    const inPlace = mayAttest(step, ctx) && fact.answered === true;
    const more = inPlace ? standIn(ctx, name, fact) : unheard(ctx, name);
    const message = `The writer of ${name} in ${region} cannot be seen, so it is not proven fenced.${more}`;
    const next = inPlace ? abortCommand(ctx) : mayAttest(step, ctx) ? attestCommand(ctx, name) : undefined;
    return wait(hold('FenceNotProven', message, evidence, next));
  }
  if (fact.value.role === 'Replica') return besideReplica(step, ctx, fact);
  const proof = fenceProof(step, ctx, seen, fact);
  if (proof.proven) return done('Succeeded', ...proof.evidence);
  const message = `The writer of ${name} in ${region} is not proven fenced: ${proof.missing.join('; ')}.`;
  const effect = { kind: 'Database', database: name, region, action: 'Fence' } as const;
  const stop = isLate(step, ctx) && mayAbort(step, ctx) ? abortCommand(ctx) : undefined;
  return { kind: 'Act', effect, again: againMs, hold: hold('FenceNotProven', message, proof.evidence, stop) };
}

/**
 * A replica is no writer, but it has one. That is the target where people have moved it already; else it is a third
 * server, as where the plan names an address that leads to either of a pair. Nothing fences that one from here.
 */
function besideReplica(step: StepStatus, ctx: Context, fact: Known<DatabaseState>): Judgement {
  const name = step.subject ?? '';
  const there = databaseAt(ctx, name, ctx.target).fact;
  const seen = seenAt(fact, `${name}@${ctx.source} is a replica: no writer`);
  if (!there.known && there.why === 'NotAsked') {
    const message = `Looking at ${name} in ${ctx.target}, whose replica may be what answers in ${ctx.source}.`;
    return wait(hold('Observing', message, [seen]));
  }
  const doubt = thirdWriter(ctx, fact.value, there);
  if (doubt === undefined) return done('Vacuous', seen, asItIs(ctx, name, ctx.target));
  const message = `A replica answers for ${name} in ${ctx.source}, and ${doubt}: the writer may be a third server, so it is not proven fenced. Where the address leads to either of a pair, let it lead to the writer.${unheard(ctx, name)}`;
  const stop = isLate(step, ctx) && mayAbort(step, ctx) ? abortCommand(ctx) : undefined;
  const next = mayAttest(step, ctx) ? attestCommand(ctx, name) : stop;
  return wait(hold('FenceNotProven', message, [seen, asItIs(ctx, name, ctx.target)], next));
}

/** What speaks for a third server as the writer, for a sentence; undefined: the target is the writer. */
function thirdWriter(ctx: Context, replica: DatabaseState, there: Fact<DatabaseState>): string | undefined {
  if (!there.known) return `what ${ctx.target} is cannot be seen`;
  if (there.value.role !== 'Primary') return `its peer in ${ctx.target} is no primary`;
  // What the target's promotion has left behind still moves: somebody else writes it.
  const follows = replica.receiver?.streaming === true && replica.timeline < there.value.timeline;
  return follows ? `it follows another writer than the one in ${ctx.target}` : undefined;
}

/** What lets a run go on without proof. Each is recorded, named in the outcome, and leaves the fence as a standing duty. */
function overridden(step: StepStatus, ctx: Context): Judgement | undefined {
  // A planned run rests on the source's last position, which nobody's word can give.
  if (ctx.status.mode === 'Planned') return undefined;
  const attested = heardAttestation(ctx, step.subject ?? '');
  if (attested !== undefined) {
    return done('Overridden', {
      what: `${attested.by} attests (claimed, unverified): ${attested.reason}`,
      at: attested.at,
      value: { attested: true },
    });
  }
  const policy = ctx.spec.failover.fencing;
  if (policy === 'None') {
    return done('Overridden', { what: 'the plan says fencing: None', at: ctx.facts.now.wall, value: { policy } });
  }
  if (policy === 'BestEffort' && isLate(step, ctx)) {
    return done('Overridden', {
      what: 'the plan says fencing: BestEffort, and its deadline has passed',
      at: ctx.facts.now.wall,
      value: { policy },
    });
  }
  return undefined;
}

function isLate(step: StepStatus, ctx: Context): boolean {
  return step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
}

/** A planned run that cannot prove its fence keeps the clients out for nothing: the source may as well serve again. */
function mayAbort(step: StepStatus, ctx: Context): boolean {
  return step.kind === 'Fence' && ctx.status.mode === 'Planned';
}

/** Nobody vouches for a writer that can be seen; and a planned run rests on a position that no word can give. */
function mayAttest(step: StepStatus, ctx: Context): boolean {
  return step.kind === 'Fence' && ctx.status.mode === 'Forced';
}

/** A person's word that it stopped does not stand against a writer that is seen, or was seen answering after that time. */
function contradicts(ctx: Context, database: string, attested: Attestation): boolean {
  const { fact } = databaseAt(ctx, database, ctx.source);
  if (fact.known && fact.value.role === 'Primary') return true;
  // Refusing a session takes a server that runs, whatever it is.
  if (!fact.known && fact.answered === true) return true;
  return lastAnswered(ctx, database) > attested.at;
}

/** Wall ms of the last time the source's writer told its position. */
function lastAnswered(ctx: Context, database: string): number {
  const own = ctx.status.samples.filter((sample) => sample.database === database && sample.region === ctx.source);
  return Math.max(0, ...own.map((sample) => sample.at));
}

/** What answers where the writer should, as a sentence. */
function answering(ctx: Context, database: string, { why, detail }: Unknown<DatabaseState>): string {
  const something =
    attestationFor(ctx, database) === undefined ? 'Something' : 'It is attested to have stopped, but something';
  return ` ${something} answers there and refuses the session: ${why}, ${detail}.`;
}

/**
 * A pooler answers for a server that is gone, and nothing that it says can be told for sure from the server's own words.
 * A Run asks the host that its plan named when it began: to name another takes another Run. An attestation would be
 * asked for in vain as long as something answers.
 */
function standIn(ctx: Context, database: string, fact: Unknown<DatabaseState>): string {
  return `${answering(ctx, database, fact)} No word stands against that. If it is a pooler or a proxy before a server that is gone: end it there; or abort, let the plan name the server itself, and start again.`;
}

/** Why a word that was given counts for nothing, as a sentence. */
function unheard(ctx: Context, database: string): string {
  const attested = attestationFor(ctx, database);
  if (attested === undefined || !contradicts(ctx, database, attested)) return '';
  const { fact } = databaseAt(ctx, database, ctx.source);
  if (!fact.known && fact.answered === true) return answering(ctx, database, fact);
  return ` The attested time lies before ${formatTime(lastAnswered(ctx, database))}, when it still answered.`;
}

/** A person's word on this database that nothing contradicts. */
export function heardAttestation(ctx: Context, database: string): Attestation | undefined {
  const attested = attestationFor(ctx, database);
  return attested === undefined || contradicts(ctx, database, attested) ? undefined : attested;
}

export function attestationFor(ctx: Context, database: string): Attestation | undefined {
  return (
    ctx.run.spec.attestations.find((a) => a.target === database) ??
    ctx.run.spec.attestations.find((a) => a.target === '*')
  );
}
