import assert from 'node:assert/strict';
import type { Run, RunSpec, RunStatus } from '../../src/api/run.ts';
import { runPhases } from '../../src/api/vocabulary.ts';
import { isTerminalPhase } from '../../src/decide/phases.ts';
import { afterEnd } from '../../src/decide/steering/after-end.ts';
import { ago, now } from './support/facts.ts';
import { anApproval, anAttestation, anIntent, factsOf, outcome, type Case } from './support/runs.ts';

const word = { by: 'ana', reason: 'too late' };

function ended(spec: Partial<RunSpec> = {}, status: Partial<RunStatus> = {}, generation = 4): Run {
  const { run } = factsOf({
    run: spec,
    steps: { 'dependency/idp': outcome('Skipped'), soak: outcome('Succeeded') },
    status: { phase: 'Succeeded', observedGeneration: 3, finishedAt: ago(60_000).wall, ...status },
  });
  return { ...run, generation };
}

const refusals = (run: Run): readonly string[] =>
  (afterEnd(run, now.wall)?.refusals ?? []).map(({ request, reason }) => `${request}: ${reason}`);

describe('what a person asks of a run that is over', () => {
  it('is taken note of, whatever it is, and nothing else changes', () => {
    const run = ended({ mode: 'Forced' });
    assert.deepEqual(afterEnd(run, now.wall), { ...run.status, observedGeneration: 4 });
  });

  it('is nothing where the spec is the one that was carried out', () => {
    assert.equal(afterEnd(ended({ desiredState: 'Aborted' }, {}, 3), now.wall), undefined);
  });

  const asked: Readonly<Record<string, readonly [Partial<RunSpec>, readonly string[]]>> = {
    'an abort': [{ desiredState: 'Aborted' }, ['Abort: RunOver']],
    'a pause': [{ desiredState: 'Paused' }, ['Pause: RunOver']],
    'to abandon it': [{ abandon: word }, ['Abandon: RunOver']],
    'to skip what was done': [{ skips: [{ step: 'soak', ...word }] }, ['Skip soak: RunOver']],
    'to skip what was skipped': [{ skips: [{ step: 'dependency/idp', ...word }] }, []],
    'a retry': [{ retries: [{ step: 'rebuild/orders', at: ago(1).wall, ...word }] }, ['Retry rebuild/orders: RunOver']],
    'a retry that came before its end': [{ retries: [{ step: 'rebuild/orders', at: ago(90_000).wall, ...word }] }, []],
    'an attestation': [{ attestations: [anAttestation('orders', ago(90_000).wall)] }, ['Attest orders: RunOver']],
    'an acceptance of loss': [{ acceptDataLoss: { maxMs: 1, ...word } }, ['AcceptDataLoss: RunOver']],
    'a takeover': [{ takeovers: [{ record: 'public', from: 'shop/old', ...word }] }, ['Takeover public: RunOver']],
    'that nothing need be kept': [{ discardDiverged: word }, ['DiscardDiverged: RunOver']],
    'an approval': [{ approvals: [anApproval('Cooldown')] }, ['Approve Cooldown: RunOver']],
  };
  for (const [name, [spec, wanted]] of Object.entries(asked)) {
    it(`${name} is ${wanted.length === 0 ? 'no request any more' : 'refused'}`, () => {
      assert.deepEqual(refusals(ended(spec)), wanted);
    });
  }

  it('is refused where it ended before a mode was decided: nothing rests on that one', () => {
    const { mode: _none, ...status } = ended({ mode: 'Planned' }, { phase: 'Aborted' }).status;
    assert.deepEqual(refusals({ ...ended({ mode: 'Planned' }), status }), ['Mode Planned: RunOver']);
  });

  it('is no request where the run had heard it', () => {
    const approvals = [anApproval('Cooldown')];
    const words = approvals.map(({ gate, evidenceHash = '' }) => ({ gate, evidenceHash, seenAt: ago(90_000).wall }));
    assert.deepEqual(refusals(ended({ approvals }, { words })), []);
    const abort = { at: ago(90_000).wall, reason: 'Requested', message: 'A person asked for it.' };
    assert.deepEqual(refusals(ended({ desiredState: 'Aborted' }, { phase: 'Aborted', abort })), []);
    assert.deepEqual(refusals(ended({ abandon: word }, { phase: 'Abandoned' })), []);
  });

  it('is no request where the run rested on it, as its journal shows', () => {
    const { outcome: attested } = outcome('Overridden');
    const at = ago(90_000).wall;
    const fence = { outcome: { ...attested, evidence: [{ what: 'ana attests', at }] } };
    const journal = (steps: NonNullable<Case['steps']>, mode: Case['mode'] = 'Forced'): RunStatus => ({
      ...factsOf({ mode, steps }).run.status,
      phase: 'Succeeded',
      observedGeneration: 3,
    });
    const attestations = [anAttestation('*', at)];
    assert.deepEqual(refusals(ended({ attestations }, journal({ 'fence/orders': fence }))), []);
    assert.deepEqual(refusals(ended({ attestations }, journal({ 'fence/orders': outcome('Succeeded') }))), [
      'Attest *: RunOver',
    ]);
    const sent = { ...outcome('Succeeded'), intent: anIntent() };
    const acceptDataLoss = { maxMs: 1, ...word };
    assert.deepEqual(refusals(ended({ acceptDataLoss }, journal({ 'promote/orders': sent }))), []);
    const nothingLost = journal({ 'promote/orders': sent, 'position/orders': outcome('Succeeded') }, 'Planned');
    assert.deepEqual(refusals(ended({ acceptDataLoss }, nothingLost)), ['AcceptDataLoss: RunOver']);
    const takeovers = [{ record: 'public', from: 'shop/old', ...word }];
    assert.deepEqual(refusals(ended({ takeovers }, journal({ 'shift/public': outcome('Succeeded') }))), []);
    assert.deepEqual(refusals(ended({ takeovers }, journal({ 'shift/public': outcome('Skipped') }))), [
      'Takeover public: RunOver',
    ]);
    const discardDiverged = word;
    assert.deepEqual(refusals(ended({ discardDiverged }, journal({ 'rebuild/orders': outcome('Succeeded') }))), []);
    const kept = outcome('Succeeded', { preservedAt: '/copies/orders' });
    assert.deepEqual(refusals(ended({ discardDiverged }, journal({ 'rebuild/orders': kept }))), [
      'DiscardDiverged: RunOver',
    ]);
  });

  it('keeps what was refused before, with its own reason, and says it once', () => {
    const before = { request: 'Abort', reason: 'PastNoReturn', message: 'Too late.', at: ago(90_000).wall };
    const run = ended({ desiredState: 'Aborted', abandon: word }, { refusals: [before] });
    const status = afterEnd(run, now.wall);
    assert.deepEqual(status?.refusals, [
      before,
      {
        request: 'Abandon',
        reason: 'RunOver',
        message: 'It had ended before, as Succeeded: nothing more is done for it.',
        at: now.wall,
      },
    ]);
    assert.deepEqual(
      afterEnd({ ...run, status, generation: 5 }, now.wall + 1)?.refusals,
      status.refusals,
      'a further patch says nothing new',
    );
  });

  it('says how it ended, in every phase that is an end', () => {
    for (const phase of runPhases.filter(isTerminalPhase)) {
      const [refusal] = afterEnd(ended({ desiredState: 'Paused' }, { phase }), now.wall)?.refusals ?? [];
      assert.match(refusal?.message ?? '', new RegExp(`as ${phase}:`));
    }
  });
});
