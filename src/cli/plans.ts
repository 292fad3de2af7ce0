import { parsePlanStatus } from '../api/parse-plan-status.ts';
import { parsePlan } from '../api/parse-plan.ts';
import { parseRun } from '../api/parse-run.ts';
import type { Plan } from '../api/plan.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { Problem } from '../api/reader.ts';
import type { Run } from '../api/run.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import type { Input } from './command.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';

const group = 'dr.maestro.io';
const version = 'v1alpha1';
export const planResource: ResourceType = Object.freeze({ group, version, resource: 'disasterrecoveryplans' });
export const runResource: ResourceType = Object.freeze({ group, version, resource: 'disasterrecoveryruns' });
export const regionResource: ResourceType = Object.freeze({ group, version, resource: 'disasterrecoveryregions' });

const runsInOnePage = 50;

/** Of one request, ms. */
export const deadlineMs = 10_000;

/** A management cluster, and the namespace that is meant. */
export interface Management {
  readonly client: KubeClient;
  readonly namespace: string;
}

export async function management(host: Host, input: Input): Promise<Management> {
  const kubeconfig = input.text('kubeconfig');
  const context = input.text('context');
  const connected = await host.connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  return { client: connected.client, namespace: namespaceOf(input) ?? connected.namespace };
}

/** The namespace that was typed; an empty one is none, as kubectl has it. @throws CliError */
function namespaceOf(input: Input): string | undefined {
  const typed = input.text('namespace');
  return typed === undefined || typed === '' ? undefined : named('namespace', typed);
}

/** A name as the API takes it: anything else would be another path. @throws CliError */
function named(kind: 'plan' | 'Run' | 'namespace', typed: string): string {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(typed)) return typed;
  const short = /^(?:drplan|drrun|disasterrecovery(?:plan|run)s?)[^/]*\/([^/]+)$/.exec(typed)?.[1];
  const [within = '', own = ''] = typed.split('/');
  const instead = short ?? (own === '' ? undefined : `${own} -n ${within}`);
  throw new CliError(
    exitCodes.usage,
    `"${typed}" is no name of a ${kind}: ${instead === undefined ? 'it has lower-case letters, digits, - and . alone' : `say ${instead}`}.`,
  );
}

export interface FoundPlan {
  readonly object: KubeObject;
  readonly plan: Plan;
  readonly status: PlanStatus;
}

/** @throws CliError where it is not there, or cannot be read. */
export async function findPlan(cluster: Management, typed: string): Promise<FoundPlan> {
  const { namespace } = cluster;
  const name = named('plan', typed);
  const object = await found(cluster, planResource, name, `plan ${namespace}/${name}`);
  const plan = parsePlan(object);
  const status = parsePlanStatus(object);
  if (!plan.ok) throw malformed(`plan ${namespace}/${name}`, plan.problems);
  if (!status.ok) throw malformed(`the status of plan ${namespace}/${name}`, status.problems);
  return { object, plan: plan.value, status: status.value };
}

export interface FoundRun {
  readonly object: KubeObject;
  readonly run: Run;
}

/** @throws CliError where it is not there, or cannot be read. */
async function findRun(cluster: Management, typed: string): Promise<FoundRun> {
  const { namespace } = cluster;
  const name = named('Run', typed);
  const object = await found(cluster, runResource, name, `Run ${namespace}/${name}`);
  const run = parseRun(object);
  if (!run.ok) throw malformed(`Run ${namespace}/${name}`, run.problems);
  return { object, run: run.value };
}

/**
 * All that can be read of a plan's Runs; what is malformed is left out, for it predicts nothing. By the reference and not
 * by the label, which only those carry that the operator made.
 */
export async function runsOf({ client, namespace }: Management, plan: string): Promise<readonly Run[]> {
  const runs: Run[] = [];
  let next: string | undefined;
  do {
    // In pages: the journal of each may have hundreds of kilobytes, and a namespace keeps many.
    const page = await client.list(
      { ...runResource, namespace },
      { limit: runsInOnePage, continue: next },
      { deadlineMs },
    );
    const read = page.items.map((item) => parseRun(item)).flatMap((run) => (run.ok ? [run.value] : []));
    runs.push(...read.filter(({ spec }) => spec.planRef.name === plan));
    next = page.continue;
  } while (next !== undefined);
  return runs;
}

/** @throws CliError also where it is a Run of another plan: what is said of one is never done to the other. */
export async function findRunOf(cluster: Management, { plan }: FoundPlan, typed: string): Promise<FoundRun> {
  const found = await findRun(cluster, typed);
  const of = found.run.spec.planRef.name;
  if (of === plan.name) return found;
  throw new CliError(
    exitCodes.refused,
    `${typed} is a Run of plan ${plan.namespace}/${of}, not of ${plan.namespace}/${plan.name}.`,
  );
}

async function found(cluster: Management, type: ResourceType, name: string, what: string): Promise<KubeObject> {
  try {
    return await cluster.client.get({ ...type, namespace: cluster.namespace, name }, { deadlineMs });
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
    if (await isUnknownKind(cluster, type)) {
      throw new CliError(
        exitCodes.failed,
        `This cluster knows no ${type.resource}.${type.group}: it is not the management cluster (name that one with --context), or the CRDs are not installed there.`,
      );
    }
    throw new CliError(exitCodes.notFound, `There is no ${what}.`);
  }
}

/** A kind that the API server does not have is answered with 404 like a name that is not there; its list is, too. */
async function isUnknownKind({ client, namespace }: Management, type: ResourceType): Promise<boolean> {
  try {
    await client.list({ ...type, namespace }, { limit: 1 }, { deadlineMs });
    return false;
  } catch (error) {
    // Who may not list, or is not answered this time, is told what is certain.
    return isKubeError(error, 'NotFound');
  }
}

export function malformed(what: string, problems: readonly Problem[]): CliError {
  const words = problems.map(({ path, problem, remedy }) => `  ${path} ${problem}: ${remedy}`);
  return new CliError(exitCodes.malformed, [`${what} cannot be read:`, ...words].join('\n'));
}

/** @throws CliError where it is none of the plan's. */
export function regionOf(plan: Plan, region: string): string {
  const [first, second] = plan.spec.regions;
  if (region === first || region === second) return region;
  throw new CliError(exitCodes.usage, `"${region}" is no region of ${plan.name}: say --to ${first} or --to ${second}.`);
}
