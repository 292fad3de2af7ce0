import { formatDuration } from '../api/duration.ts';
import type { Approval, HeardWord, Run, RunSpec } from '../api/run.ts';
import { formatTime } from '../api/time.ts';

/** What people said of a run, for its report: who, why, and what they were shown. Nothing of it was verified. */
export function peopleData({ spec, status }: Run): Readonly<Record<string, unknown>> {
  return {
    approvals: spec.approvals.map((approval) => ({ ...approval, ...heardData(heardOf(approval, status.words)) })),
    acceptDataLoss: spec.acceptDataLoss,
    attestations: spec.attestations.map((a) => ({ ...a, at: formatTime(a.at) })),
    skips: spec.skips,
    retries: spec.retries.map((retry) => ({ ...retry, at: formatTime(retry.at) })),
    takeovers: spec.takeovers,
    abandon: spec.abandon,
    discardDiverged: spec.discardDiverged,
    refusals: status.refusals.map((refusal) => ({ ...refusal, at: formatTime(refusal.at) })),
  };
}

function heardOf({ gate, evidenceHash }: Approval, words: readonly HeardWord[]): HeardWord | undefined {
  return words.find((word) => word.gate === gate && word.evidenceHash === (evidenceHash ?? ''));
}

function heardData(word: HeardWord | undefined): object {
  if (word === undefined) return {};
  const { seenAt, usedAt, shown } = word;
  return { heardAt: formatTime(seenAt), usedAt: usedAt === undefined ? undefined : formatTime(usedAt), shown };
}

/** The same as a list in Markdown. */
export function peopleLines(run: Run): readonly string[] {
  const words = [
    ...run.spec.approvals.flatMap((approval) => approvalLines(approval, run.status.words)),
    ...recordLines(run.spec),
    ...run.status.refusals.map((r) => `- not done: ${r.request} (${formatTime(r.at)}): ${r.message}`),
  ];
  return words.length === 0 ? ['Nobody was asked.'] : words.map(oneLine);
}

/** A reason may have several lines: they are not to be read as the report's own. */
function oneLine(line: string): string {
  return line.replaceAll(/\s*[\r\n]\s*/g, ' ');
}

function approvalLines(approval: Approval, words: readonly HeardWord[]): readonly string[] {
  const { by, gate, reason, evidenceHash } = approval;
  const word = heardOf(approval, words);
  const evidence = evidenceHash === undefined ? 'no evidence' : `evidence ${evidenceHash}`;
  const used = word?.usedAt === undefined ? '' : `, used at ${formatTime(word.usedAt)}`;
  const heard = word === undefined ? '' : `, heard at ${formatTime(word.seenAt)}${used}`;
  return [
    `- ${by} approved ${gate} (claimed, unverified): ${reason} (${evidence}${heard})`,
    ...(word?.shown === undefined ? [] : [`  - was shown: ${word.shown}`]),
  ];
}

/** As they were asked: whether a step was left out or tried again is in its row, and what was refused is told below. */
function recordLines(spec: RunSpec): readonly string[] {
  const { acceptDataLoss: loss, abandon, discardDiverged } = spec;
  const said = (by: string, what: string, reason: string): string => `- ${by} ${what} (claimed, unverified): ${reason}`;
  return [
    ...spec.attestations.map((a) =>
      said(a.by, `attested that ${a.target} was stopped at ${formatTime(a.at)}`, a.reason),
    ),
    ...(loss === undefined
      ? []
      : [said(loss.by, `accepted a loss of up to ${formatDuration(loss.maxMs)}`, loss.reason)]),
    ...spec.skips.map((s) => said(s.by, `asked that ${s.step} be left out`, s.reason)),
    ...spec.retries.map((r) => said(r.by, `asked at ${formatTime(r.at)} that ${r.step} be tried again`, r.reason)),
    ...spec.takeovers.map((t) => said(t.by, `let ${t.record} be taken over from ${t.from}`, t.reason)),
    ...(discardDiverged === undefined
      ? []
      : [said(discardDiverged.by, 'gave up what the old primary alone holds', discardDiverged.reason)]),
    ...(abandon === undefined ? [] : [said(abandon.by, 'asked that the run be abandoned', abandon.reason)]),
  ];
}
