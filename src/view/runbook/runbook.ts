import { peerOf, type Mode, type Plan } from '../../api/plan.ts';
import { formatDuration } from '../../api/duration.ts';
import type { Step, StepPhase } from '../../api/run.ts';
import { buildGraph } from '../../decide/graph.ts';
import { stepWords } from '../step-words.ts';
import { architecture, contacts, drills } from './chapters.ts';
import type { Block, Guide, Journey } from './guide.ts';
import { guides } from './guides.ts';
import { preparation } from './prepare.ts';
import { word } from './shell.ts';

export interface RunbookInput {
  readonly plan: Pick<Plan, 'namespace' | 'name' | 'spec'>;
  readonly target: string;
  readonly mode: Mode;
  /** kubectl's contexts where they are not called like the Region, or `management`. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly operatorNamespace?: string;
  readonly replicas?: Readonly<Record<string, number>>;
  /** False leaves the way back to a runbook of its own, where both would not fit. */
  readonly failback?: boolean;
}

/**
 * The users' RUNBOOK.md for this plan and this move, with every command in the order of the graph that the operator
 * itself would follow. It holds no secret, and nothing in it needs the operator: it is what is left when that is dead.
 */
export function runbook(input: RunbookInput): string {
  const there = journeyOf(input, input.target, input.mode);
  const back = journeyOf(input, there.source, 'Planned');
  const lines = [
    `# Disaster Recovery (DR) Runbook: ${there.plan.namespace}/${there.plan.name} to ${there.target}`,
    '',
    '## Overview',
    '',
    `How to move ${there.plan.spec.identity} from ${there.source} to ${there.target} by hand (${modeWords(there)}), without the operator. While the operator lives, \`kubectl drplan failover ${there.plan.name} -n ${there.plan.namespace} --to ${there.target}\` does the same, and is faster. Stop it before you begin by hand, if it may come back: \`kubectl --context ${word(there.context('management'))} scale deployment -l app.kubernetes.io/name=maestro-dr -n ${there.operatorNamespace} --replicas=0\`.`,
    '',
    '## Objectives',
    '',
    `*   **Recovery Time Objective (RTO):** ${formatDuration(there.plan.spec.objectives.rtoMs)}, from when the disaster is ${there.plan.spec.objectives.clockStart.toLowerCase()}`,
    `*   **Recovery Point Objective (RPO):** ${formatDuration(there.plan.spec.objectives.rpoMs)}`,
    '',
    ...architecture(there),
    '## Failover Procedures',
    '',
    ...procedure(there),
    '## Failback Procedures',
    '',
    `The way back from ${there.target} to ${there.source}, when ${there.source} is a standby that streams again (Planned: no acknowledged write is lost).`,
    '',
    ...(input.failback === false ? [printed(back), ''] : procedure(back)),
    ...drills(there),
    ...contacts(there),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function printed({ plan, target }: Journey): string {
  return `Print it with \`kubectl drplan runbook ${plan.name} -n ${plan.namespace} --to ${target} --mode Planned\`; it works from the plan's YAML too, with \`-f\`.`;
}

function modeWords({ mode, source }: Journey): string {
  return mode === 'Planned' ? `planned: ${source} is healthy` : `forced: ${source} is down`;
}

function journeyOf(input: RunbookInput, target: string, mode: Mode): Journey {
  const { plan, contexts = {}, operatorNamespace = 'maestro-dr-system', replicas = {} } = input;
  const context = (cluster: string): string => contexts[cluster] ?? cluster;
  return { plan, source: peerOf(plan.spec, target), target, mode, operatorNamespace, context, replicas };
}

const chapters: readonly (readonly [phase: StepPhase, title: string])[] = Object.freeze([
  ['Activation', 'Declare Disaster'],
  ['Recovery', 'Initiate Failover'],
  ['Reconstitution', 'Post-Failover Verification and the way to be protected again'],
] as const);

/** The graph itself, for a plan that acts: a person who follows it does not only observe. */
function procedure(journey: Journey): readonly string[] {
  const { spec } = journey.plan;
  const steps = buildGraph({ spec, target: journey.target, mode: journey.mode });
  return [
    '### Prepare',
    '',
    ...preparation(journey).flatMap((block) => blockLines(block, journey)),
    ...chapters.flatMap(([phase, title], index) => [
      `### ${String(index + 1)}. ${title}`,
      '',
      ...(phase === 'Activation' ? declaring : []),
      ...(phase === 'Reconstitution' && journey.mode === 'Forced'
        ? [`Steps in ${journey.source} are for when it is back, its fence first.`, '']
        : []),
      ...inOrder(steps.filter((step) => step.phase === phase)).flatMap((step) => stepLines(step, journey)),
    ]),
  ];
}

/** The graph's own order, but for a returned source: its fence comes before anything else there (each edge still points backwards). */
function inOrder(steps: readonly Step[]): readonly Step[] {
  const isFence = (step: Step): boolean => step.kind === 'FinishFence';
  return [...steps.filter(isFence), ...steps.filter((step) => !isFence(step))];
}

const declaring: readonly string[] = Object.freeze([
  '*   Confirm disaster impact and scope.',
  '*   Initiate incident response process (refer to On-call & Escalation documentation).',
  '',
]);

function stepLines(step: Step, journey: Journey): readonly string[] {
  const guide: Guide = guides[step.kind](step, journey);
  const words = stepWords(step, journey.plan.spec);
  const after = step.after.length === 0 ? '' : ` After: ${step.after.join(', ')}.`;
  const { deadlineMs } = step;
  const deadline = deadlineMs === undefined ? '' : ` Within ${formatDuration(deadlineMs)}.`;
  const part = (title: string, blocks: readonly Block[]): readonly string[] =>
    blocks.length === 0 ? [] : [`**${title}**`, '', ...blocks.flatMap((block) => blockLines(block, journey))];
  return [
    `#### ${step.id}`,
    '',
    `${words.charAt(0).toUpperCase()}${words.slice(1)}.${effectWords(step)}${after}${deadline}`,
    '',
    ...part('Do', guide.does),
    ...part('Verify', guide.verifies),
    ...part('To take it back, before anything is promoted', guide.undoes ?? []),
  ];
}

function effectWords({ effect }: Step): string {
  if (effect === 'Irreversible') return ' It cannot be taken back.';
  return effect === 'None' ? ' Changes nothing.' : '';
}

/** `owned`: everything in the step is about the source. */
function blockLines({ says, sh, prints, otherwise = [], needsSource }: Block, journey: Journey): readonly string[] {
  const conditional = sh !== undefined && journey.mode === 'Forced' && needsSource === true;
  const only = conditional ? [`Only if ${journey.source} answers:`, ''] : [];
  const code = sh === undefined ? [] : [...only, '```sh', sh, '```', ''];
  const wanted = prints === undefined ? [] : [`It prints \`${prints}\`; until then wait, and repeat.`, ''];
  const where = prints === undefined ? 'For what it prints:' : 'Where it does not:';
  const instead = otherwise.length === 0 ? [] : [where, '', ...otherwise.map((one) => `*   ${one}`), ''];
  return [says, '', ...code, ...wanted, ...instead];
}
