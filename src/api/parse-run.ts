import { expectKind, parseMeta } from './parse-meta.ts';
import { parseRunStatus } from './parse-run-status.ts';
import { finished, optional, reader, type Parsed, type Problem, type Reader } from './reader.ts';
import type { Run, RunSpec, Word } from './run.ts';
import { desiredStates, modes, origins, runTypes } from './vocabulary.ts';

/** A Run's wire form into the program's; one without a status has not been looked at yet. */
export function parseRun(object: unknown): Parsed<Run> {
  const problems: Problem[] = [];
  const root = reader(object, '', problems);
  expectKind(root, 'DisasterRecoveryRun');
  const meta = parseMeta(root);
  const spec = parseSpec(root.object('spec'));
  const status = parseRunStatus(root.objectOr('status') ?? reader({}, 'status', problems));
  return finished({ ...meta, spec, status }, problems);
}

function parseSpec(spec: Reader): RunSpec {
  const plan = spec.object('planRef');
  return {
    planRef: { name: plan.text('name'), uid: plan.text('uid') },
    epoch: spec.integer('epoch', { min: 1 }),
    targetRegion: spec.text('targetRegion'),
    type: spec.oneOf('type', runTypes),
    desiredState: spec.oneOf('desiredState', desiredStates, 'Running'),
    origin: spec.oneOf('origin', origins, 'Person'),
    approvals: spec.objects('approvals').map((approval) => ({
      gate: approval.text('gate'),
      ...parseWord(approval),
      ...optional('evidenceHash', approval.textOr('evidenceHash')),
    })),
    attestations: spec.objects('attestations').map((attestation) => ({
      target: attestation.text('target'),
      kind: attestation.oneOf('kind', ['Fenced']),
      at: attestation.time('at'),
      ...parseWord(attestation),
    })),
    skips: spec.objects('skips').map((skip) => ({ step: skip.text('step'), ...parseWord(skip) })),
    retries: spec
      .objects('retries')
      .map((retry) => ({ step: retry.text('step'), at: retry.time('at'), ...parseWord(retry) })),
    takeovers: spec
      .objects('takeovers')
      .map((takeover) => ({ record: takeover.text('record'), from: takeover.text('from'), ...parseWord(takeover) })),
    ...optional('abandon', wordOr(spec.objectOr('abandon'))),
    ...optional('discardDiverged', wordOr(spec.objectOr('discardDiverged'))),
    ...optional('mode', spec.has('mode') ? spec.oneOf('mode', modes) : undefined),
    ...optional('acceptDataLoss', parseAcceptance(spec.objectOr('acceptDataLoss'))),
  };
}

function parseWord(word: Reader): Word {
  return { by: word.text('by'), reason: word.text('reason') };
}

function wordOr(word: Reader | undefined): Word | undefined {
  return word === undefined ? undefined : parseWord(word);
}

function parseAcceptance(loss: Reader | undefined): RunSpec['acceptDataLoss'] {
  if (loss === undefined) return undefined;
  return { maxMs: loss.duration('max'), ...parseWord(loss) };
}
