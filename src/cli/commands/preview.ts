import { parseSamples, sampleMapName, sampleMapsAtMost } from '../../api/samples.ts';
import { conditionOf, parseConditions } from '../../api/conditions.ts';
import type { Mode, Plan } from '../../api/plan.ts';
import type { PositionSample } from '../../api/run.ts';
import { isRecord, recordAt } from '../../kube/json.ts';
import { isKubeError } from '../../kube/kube-error.ts';
import { coloured, plain } from '../../view/paint.ts';
import { previewText } from '../../view/preview-text.ts';
import { preview as previewOf, type Preview } from '../../view/preview.ts';
import { argument, output, type CliCommand, type Input } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { deadlineMs, findPlan, management, regionOf, regionResource, runsOf, type Management } from '../plans.ts';

export const toOption = { flags: '--to <region>', says: 'the region to move to', required: true } as const;
export const modeOption = {
  flags: '--mode <mode>',
  says: 'as a person would set it',
  choices: ['Planned', 'Forced'],
} as const;
export const operatorNamespaceOption = {
  flags: '--operator-namespace <name>',
  says: 'where the operator keeps the recorded positions; default: maestro-dr-system',
} as const;

export const preview: CliCommand = {
  usage: 'preview <plan>',
  summary: 'the exact steps of a move, their time, the loss, and what would stop it; changes nothing',
  options: [
    toOption,
    modeOption,
    operatorNamespaceOption,
    { flags: '--exit-code', says: 'end with 10 where something is foreseen to stop it' },
    output,
  ],
  async work(host, input) {
    const cluster = await management(host, input);
    const view = await foresee(host, cluster, input, argument(input, 0), input.text('to') ?? '');
    const text =
      input.text('output') === 'json'
        ? `${JSON.stringify(view, undefined, 2)}\n`
        : previewText(view, host.now(), host.colour ? coloured : plain);
    host.out(text);
    const stops = view.gates.some(({ then }) => then !== 'Perhaps');
    return input.flag('exitCode') && stops ? exitCodes.person : exitCodes.ok;
  },
};

/** Also what `failover` shows before it asks. */
export async function foresee(
  host: Host,
  cluster: Management,
  input: Input,
  name: string,
  to: string,
): Promise<Preview> {
  const { plan, status } = await findPlan(cluster, name);
  const mode = modeOf(input);
  const operatorNamespace = input.text('operatorNamespace') ?? 'maestro-dr-system';
  const [runs, samples, reachable] = await Promise.all([
    runsOf(cluster, name),
    samplesOf(cluster, operatorNamespace, plan.uid),
    reachableRegions(cluster, plan),
  ]);
  const target = regionOf(plan, to);
  return previewOf({
    plan,
    status,
    target,
    runs,
    samples,
    reachable,
    now: host.now(),
    ...(mode === undefined ? {} : { mode }),
  });
}

export function modeOf(input: Input): Mode | undefined {
  const text = input.text('mode');
  return text === 'Planned' || text === 'Forced' ? text : undefined;
}

/** None where they may not be read: the loss is then Unknown, and says why. */
async function samplesOf({ client }: Management, namespace: string, uid: string): Promise<readonly PositionSample[]> {
  const collection = { group: '', version: 'v1', resource: 'configmaps', namespace };
  for (let number = 0; number < sampleMapsAtMost; number += 1) {
    const ref = { ...collection, name: sampleMapName(number) };
    const object = await unlessHidden(client.get(ref, { deadlineMs }));
    if (object === undefined) return [];
    const text = recordAt(object, 'data')[uid];
    if (typeof text === 'string') return parseSamples(text);
  }
  return [];
}

/** Regions that may not be read are absent: nothing is then claimed of them. */
async function reachableRegions({ client }: Management, plan: Plan): Promise<Readonly<Record<string, boolean>>> {
  const found = await Promise.all(
    plan.spec.regions.map(async (name) => {
      const object = await unlessHidden(client.get({ ...regionResource, name }, { deadlineMs }));
      const status = object !== undefined && isRecord(object.status) ? object.status : {};
      const reachable = conditionOf(parseConditions(status.conditions), 'Reachable')?.status;
      return reachable === 'True' || reachable === 'False' ? [[name, reachable === 'True'] as const] : [];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function unlessHidden<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isKubeError(error, 'NotFound', 'Forbidden')) return undefined;
    throw error;
  }
}
