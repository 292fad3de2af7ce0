import type { KubeClient } from '../world/kube-client.ts';
import type { JsonObject } from '../models/kube-api/index.ts';
import { stringAt } from '../models/kube-api/json.ts';
import { NAMESPACE, PLAN } from '../world/names.ts';
import { until } from '../world/world.ts';
import { FINISHED, readRun, type RunView, type StepView } from './run-view.ts';
import { fillIn, objectPath, readCommand, type Answers } from './typed-command.ts';

/** What the person saw before a word was given, as a witness of the block. */
export interface Word {
  readonly at: number;
  readonly step: string;
  readonly reason: string;
  readonly command: string;
  /** Promotions that the target's PostgreSQL had logged by then in this run. */
  readonly promotionsBefore: number;
}

export interface PersonOptions {
  readonly client: KubeClient;
  /** What the person says when asked; undefined for a person who is not there: nothing is answered. */
  readonly answers: Answers | undefined;
  /** How many promotions the target's own log shows since the run was asked for. */
  readonly promotions: () => Promise<number>;
  readonly typed: (command: string) => void;
  /** Each new look at the Run. */
  readonly watch: (run: RunView) => void;
}

const EVERY_MS = 100;

export function planPath(): string {
  return objectPath({ resource: 'drplan', namespace: NAMESPACE, name: PLAN });
}

/** Types the move and returns the name of the Run that the operator made of it. */
export async function move(options: PersonOptions, region: string): Promise<string> {
  const { client, typed } = options;
  const before = stringAt(await client.get(planPath()), 'status', 'lastRun', 'name');
  const patch = JSON.stringify({ spec: { activeRegion: region } });
  const command = readCommand(`kubectl patch drplan ${PLAN} -n ${NAMESPACE} --type=merge -p '${patch}'`);
  typed(command.text);
  await client.mergePatch(planPath(), command.patch);
  let name: string | undefined;
  await until('the operator has made a Run', 60_000, async () => {
    const plan = await client.get(planPath());
    name = stringAt(plan, 'status', 'currentRun', 'name');
    return name !== undefined && name !== before && stringAt(plan, 'status', 'currentRun', 'uid') !== undefined;
  });
  return name ?? '';
}

/**
 * Looks at the Run until `reached`, and answers what it asks: first the block is seen, then that PostgreSQL has
 * promoted nothing, then the command of `next` is typed with its blanks filled in. @throws Error when the Run ends
 * before, or takes too long.
 */
export async function follow(
  options: PersonOptions,
  name: string,
  reached: (run: RunView) => boolean,
  withinMs: number,
): Promise<{ readonly run: RunView; readonly object: JsonObject; readonly words: readonly Word[] }> {
  const { client, watch } = options;
  const words: Word[] = [];
  const late = Date.now() + withinMs;
  for (;;) {
    const object = await client.get(objectPath({ resource: 'drrun', namespace: NAMESPACE, name }));
    const run = readRun(object);
    watch(run);
    if (reached(run)) return { run, object, words };
    if (FINISHED.some((phase) => phase === run.phase)) throw new Error(`${name} ended as ${run.phase}: ${run.message}`);
    if (Date.now() > late) {
      throw new Error(`${name} is still in ${run.phase} after ${String(withinMs / 1000)} s: ${run.message}`);
    }
    const asked = run.steps.find((step) => wantsAWord(step) && !words.some((word) => same(word, step)));
    if (asked !== undefined && options.answers !== undefined) {
      words.push(await answer(options, options.answers, asked));
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** What this person answers. The mode is left to the operator, which only wants to look for a while longer. */
const ANSWERED = ['ApprovalRequired', 'FenceNotProven', 'DataLossUnaccepted'];

/** A step on the way to recovery that nothing but a person's word gets on. */
function wantsAWord({ outcome, waitsFor, phase }: StepView): boolean {
  if (outcome !== undefined || waitsFor?.next === undefined || phase === 'Reconstitution') return false;
  return ANSWERED.includes(waitsFor.reason);
}

function same(word: Word, step: StepView): boolean {
  return word.step === step.id && word.reason === step.waitsFor?.reason;
}

async function answer(options: PersonOptions, answers: Answers, step: StepView): Promise<Word> {
  const { reason = '', next = '' } = step.waitsFor ?? {};
  const promotionsBefore = await options.promotions();
  const command = readCommand(fillIn(next, answers));
  options.typed(command.text);
  await options.client.mergePatch(objectPath(command), command.patch);
  return { at: Date.now(), step: step.id, reason, command: command.text, promotionsBefore };
}
