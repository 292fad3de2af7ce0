import { expectKind, parseMeta } from './parse-meta.ts';
import { parseRunStatus } from './parse-run-status.ts';
import { finished, optional, reader, type Parsed, type Problem, type Reader } from './reader.ts';
import type { Run, RunSpec } from './run.ts';
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
      by: approval.text('by'),
      reason: approval.text('reason'),
      ...optional('evidenceHash', approval.textOr('evidenceHash')),
    })),
    attestations: spec.objects('attestations').map((attestation) => ({
      target: attestation.text('target'),
      kind: attestation.oneOf('kind', ['Fenced']),
      at: attestation.time('at'),
      by: attestation.text('by'),
      reason: attestation.text('reason'),
    })),
    ...optional('mode', spec.has('mode') ? spec.oneOf('mode', modes) : undefined),
    ...optional('acceptDataLoss', parseAcceptance(spec.objectOr('acceptDataLoss'))),
  };
}

function parseAcceptance(loss: Reader | undefined): RunSpec['acceptDataLoss'] {
  if (loss === undefined) return undefined;
  return { maxMs: loss.duration('max'), by: loss.text('by'), reason: loss.text('reason') };
}
