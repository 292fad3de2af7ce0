import { parseMeta } from './parse-meta.ts';
import { parseRunStatus } from './parse-run-status.ts';
import { finished, reader, type Parsed, type Problem, type Reader } from './reader.ts';
import type { Run, RunSpec } from './run.ts';

/** A Run's wire form into the program's. */
export function parseRun(object: unknown): Parsed<Run> {
  const problems: Problem[] = [];
  const meta = parseMeta(object, problems);
  const root = reader(object, '', problems);
  const spec = parseSpec(root.object('spec'));
  const status = parseRunStatus(root.objectOr('status') ?? reader({}, 'status', problems));
  return finished({ ...meta, spec, status }, problems);
}

function parseSpec(spec: Reader): RunSpec {
  const plan = spec.object('planRef');
  const loss = spec.objectOr('acceptDataLoss');
  return {
    planRef: { name: plan.text('name'), uid: plan.text('uid') },
    epoch: spec.number('epoch'),
    targetRegion: spec.text('targetRegion'),
    type: spec.oneOf('type', ['Failover', 'Switchover', 'Failback', 'Drill'], 'Failover'),
    desiredState: spec.oneOf('desiredState', ['Running', 'Paused', 'Aborted'], 'Running'),
    origin: spec.oneOf('origin', ['PlanField', 'Person'], 'Person'),
    approvals: spec.objects('approvals').map((approval) => {
      const evidenceHash = approval.textOr('evidenceHash', undefined);
      return {
        gate: approval.text('gate'),
        by: approval.text('by'),
        reason: approval.text('reason'),
        ...(evidenceHash === undefined ? {} : { evidenceHash }),
      };
    }),
    attestations: spec.objects('attestations').map((a) => ({
      target: a.text('target'),
      kind: a.oneOf('kind', ['Fenced']),
      at: a.time('at'),
      by: a.text('by'),
      reason: a.text('reason'),
    })),
    ...(spec.has('mode') ? { mode: spec.oneOf('mode', ['Planned', 'Forced']) } : {}),
    ...(loss === undefined
      ? {}
      : { acceptDataLoss: { maxMs: loss.duration('max'), by: loss.text('by'), reason: loss.text('reason') } }),
  };
}
