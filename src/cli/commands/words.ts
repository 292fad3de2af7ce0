import { parseDuration } from '../../api/duration.ts';
import type { StepStatus } from '../../api/run.ts';
import { formatTime, parseTime } from '../../api/time.ts';
import { pastNoReturn } from '../../decide/abort.ts';
import { isTheFence } from '../../decide/steering/skip.ts';
import { offeredMax } from '../../view/person-commands.ts';
import { argument, type CliCommand } from '../command.ts';
import { CliError, exitCodes, refused } from '../exit-codes.ts';
import { byOption, listWith, lossHold, reasonOption, steering, type Addressed } from '../steering.ts';

/** Steps that stand at a gate which an approval opens. */
function asked({ run }: Addressed): readonly StepStatus[] {
  return run.status.steps.filter((step) => step.outcome === undefined && step.waitsFor?.evidenceHash !== undefined);
}

/** The one gate that is asked for, or the one that was named; the hash is the status's own. */
function gateOf(addressed: Addressed): {
  readonly gate: string;
  readonly evidenceHash: string;
  readonly message: string;
} {
  const { run, input } = addressed;
  const wanted = input.text('gate');
  const open = asked(addressed).flatMap(({ waitsFor }) => waitsFor ?? []);
  const gates = [...new Set(open.map(({ reason }) => reason))];
  if (gates.length === 0) throw refused(`${run.name} waits for no approval.`);
  if (wanted !== undefined && !gates.includes(wanted)) {
    throw refused(`${run.name} does not wait for ${wanted}; it waits for ${gates.join(', ')}.`);
  }
  if (wanted === undefined && gates.length > 1) {
    throw new CliError(exitCodes.usage, `${run.name} waits for ${gates.join(' and ')}: say which with --gate.`);
  }
  const [hold] = open.filter(({ reason }) => wanted === undefined || reason === wanted);
  const { reason: gate = '', evidenceHash = '', message = '' } = hold ?? {};
  const seen = input.text('evidence');
  if (seen !== undefined && seen !== evidenceHash) {
    throw refused(
      `What ${gate} rests on has changed since you saw ${seen}: it is ${evidenceHash} now. Look at the status again.`,
    );
  }
  return { gate, evidenceHash, message };
}

export const approve: CliCommand = steering({
  usage: 'approve <plan>',
  summary: 'give your word where the run waits for it; refused where nothing waits',
  options: [
    { flags: '--gate <reason>', says: 'which, where it waits for several' },
    { flags: '--evidence <hash>', says: 'the hash that status showed: refused where it is another now' },
    reasonOption,
    byOption,
  ],
  doing: (addressed) => {
    const { gate, evidenceHash } = gateOf(addressed);
    return `Approve ${gate} on ${addressed.run.name}, evidence ${evidenceHash}`;
  },
  also: (addressed) => [gateOf(addressed).message],
  spec: (addressed) => {
    const { gate, evidenceHash } = gateOf(addressed);
    const entry = { gate, by: addressed.by, reason: addressed.input.text('reason') ?? '', evidenceHash };
    return { approvals: listWith(addressed.wire, 'approvals', entry, 'gate', 'evidenceHash') };
  },
});

export const attest: CliCommand = steering({
  usage: 'attest <plan> <target>',
  summary: 'vouch that the old writer of a database (or a workload, or "*") takes no writes since a time',
  options: [
    { flags: '--stopped-at <time>', says: 'in UTC, like 2026-03-01T04:05:06Z', required: true },
    { ...reasonOption, says: 'how you know; it is recorded' },
    byOption,
  ],
  doing: (addressed) => {
    const target = argument(addressed.input, 1);
    const { run } = addressed;
    const fences = run.status.steps.filter(({ kind }) => kind === 'Fence');
    // Without a database the stopped workloads are the fence; beside one nobody's word on them counts.
    const asking = fences.length > 0 ? fences : run.status.steps.filter(({ kind }) => kind === 'Quiesce');
    const known = [...asking.map(({ subject }) => subject), '*'];
    if (!known.includes(target)) {
      throw new CliError(exitCodes.notFound, `${run.name} fences no ${target}; it knows ${known.join(', ')}.`);
    }
    if (fences.length > 0 && run.status.mode === 'Planned') {
      throw refused(`${run.name} is planned: it rests on a position that no word can give, and takes no attestation.`);
    }
    const waiting = asking.some(
      ({ subject, outcome }) => outcome === undefined && (target === '*' || subject === target),
    );
    if (!waiting) throw refused(`${run.name} waits for no proof that ${target} is stopped.`);
    return `Attest on ${run.name} that ${target} takes no writes since ${formatTime(stoppedAt(addressed))}`;
  },
  spec: (addressed) => {
    const { input, by, wire } = addressed;
    const entry = {
      target: argument(input, 1),
      kind: 'Fenced',
      at: formatTime(stoppedAt(addressed)),
      by,
      reason: input.text('reason') ?? '',
    };
    return { attestations: listWith(wire, 'attestations', entry, 'target') };
  },
});

function stoppedAt({ input, now }: Addressed): number {
  const text = input.text('stoppedAt') ?? '';
  const at = parseTime(text);
  if (at === undefined) {
    throw new CliError(exitCodes.usage, `--stopped-at: "${text}" is no time; write it like 2026-03-01T04:05:06Z.`);
  }
  if (at > now) throw new CliError(exitCodes.usage, `--stopped-at: ${text} is still to come.`);
  return at;
}

export const acceptDataLoss: CliCommand = steering({
  usage: 'accept-data-loss <plan>',
  summary: 'accept a loss up to a bound; a bigger one closes the gate again',
  options: [{ flags: '--max <duration>', says: 'like 30s or 5m', required: true }, reasonOption, byOption],
  doing: ({ run, input }) => {
    const max = durationOf('--max', input.text('max') ?? '');
    if (lossHold(run) === undefined) throw refused(`${run.name} waits for nobody to accept a loss.`);
    return `Accept a loss of up to ${max} on ${run.name}`;
  },
  // The bound grows while the source is not proven stopped: shown, and no part of what is confirmed.
  also: ({ run }) => {
    const hold = lossHold(run);
    const offered = hold?.next === undefined ? undefined : offeredMax(hold.next);
    return offered === undefined ? [] : [`${offered} would do now`];
  },
  spec: ({ input, by }) => ({
    acceptDataLoss: { max: input.text('max') ?? '', by, reason: input.text('reason') ?? '' },
  }),
});

function durationOf(option: string, text: string): string {
  if (parseDuration(text) === undefined) {
    throw new CliError(exitCodes.usage, `${option}: "${text}" is no duration; write it like 30s or 5m.`);
  }
  return text;
}

export const pause: CliCommand = steering({
  usage: 'pause <plan>',
  summary: 'nothing new is started; what was sent is still watched',
  options: [],
  doing: ({ run }) => {
    if (run.spec.desiredState !== 'Running') throw refused(`${run.name} is ${run.spec.desiredState} already.`);
    return `Pause ${run.name}`;
  },
  spec: () => ({ desiredState: 'Paused' }),
});

export const resume: CliCommand = steering({
  usage: 'resume <plan>',
  summary: 'go on with a run that was paused',
  options: [],
  doing: ({ run }) => {
    if (run.spec.desiredState !== 'Paused') throw refused(`${run.name} is not paused (${run.spec.desiredState}).`);
    return `Resume ${run.name}`;
  },
  spec: () => ({ desiredState: 'Running' }),
});

export const abort: CliCommand = steering({
  usage: 'abort <plan>',
  summary: 'take back what was begun; refused once a promotion (without databases, the move of a record) was intended',
  options: [],
  doing: ({ run }) => {
    if (run.spec.desiredState === 'Aborted') throw refused(`${run.name} is being aborted already.`);
    if (pastNoReturn(run.status)) {
      throw refused(
        `${run.name} has begun what cannot be taken back: from there on there is only forward, and failback.`,
      );
    }
    return `Abort ${run.name}`;
  },
  spec: () => ({ desiredState: 'Aborted' }),
});

export const retry: CliCommand = steering({
  usage: 'retry <plan> <step>',
  summary: 'one more attempt of a step that failed',
  options: [reasonOption, byOption],
  doing: (addressed) => `Retry ${stepOf(addressed).id} of ${addressed.run.name}`,
  spec: (addressed) => {
    const { wire, by, input, now } = addressed;
    const entry = { step: stepOf(addressed).id, at: formatTime(now), by, reason: input.text('reason') ?? '' };
    return { retries: listWith(wire, 'retries', entry) };
  },
});

export const skip: CliCommand = steering({
  usage: 'skip <plan> <step>',
  summary: 'go on without a step, where its graph allows it; the run refuses it in its status where not',
  options: [
    { flags: '--accept-loss <duration>', says: 'of a promotion: also accept a loss up to this, like 30s; 0s for none' },
    reasonOption,
    byOption,
  ],
  doing: (addressed) => {
    const step = stepOf(addressed);
    if (isTheFence(step, addressed.run.status.steps)) {
      throw refused(
        `${step.id} of ${addressed.run.name} is its fence, and never left out. Where nobody can see it stopped, a forced run takes an attestation.`,
      );
    }
    const max = acceptedWith(addressed);
    const also = max === undefined ? '' : `, and accept a loss of up to ${max}`;
    return `Skip ${step.id} of ${addressed.run.name}${also}`;
  },
  spec: (addressed) => {
    const { wire, by, input } = addressed;
    const reason = input.text('reason') ?? '';
    const max = acceptedWith(addressed);
    return {
      skips: listWith(wire, 'skips', { step: stepOf(addressed).id, by, reason }, 'step'),
      ...(max === undefined ? {} : { acceptDataLoss: { max, by, reason } }),
    };
  },
});

function acceptedWith({ input }: Addressed): string | undefined {
  const text = input.text('acceptLoss');
  return text === undefined ? undefined : durationOf('--accept-loss', text);
}

function stepOf({ run, input }: Addressed): StepStatus {
  const id = argument(input, 1);
  const step = run.status.steps.find((one) => one.id === id);
  if (step === undefined) throw new CliError(exitCodes.notFound, `${run.name} has no step ${id}; status lists them.`);
  if (step.outcome !== undefined) throw refused(`${id} of ${run.name} is done (${step.outcome.state}).`);
  return step;
}
