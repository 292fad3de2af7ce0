import { parseAllDocuments } from 'yaml';
import { parsePlan } from '../../api/parse-plan.ts';
import type { Plan } from '../../api/plan.ts';
import { isObject } from '../../api/reader.ts';
import { runbook as runbookOf } from '../../view/runbook/runbook.ts';
import { argument, type CliCommand, type Input } from '../command.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { findPlan, malformed, management, regionOf } from '../plans.ts';
import { modeOf, toOption } from './preview.ts';

export const runbook: CliCommand = {
  usage: 'runbook <plan>',
  summary: 'the runbook of a move in Markdown, every command in its order, for when the operator is dead',
  options: [
    toOption,
    {
      flags: '--mode <mode>',
      says: "Forced where the source is down (default, unless the plan's own mode says Planned)",
      choices: ['Planned', 'Forced'],
    },
    { flags: '-f, --filename <file>', says: "the plan's YAML or JSON; no cluster is asked then" },
    {
      flags: '--cluster-context <name=context>',
      says: "kubectl's context for a region, or for `management`, where it is called otherwise",
      repeats: true,
    },
    { flags: '--operator-namespace <name>', says: 'where the operator runs; default: maestro-dr-system' },
  ],
  async work(host, input) {
    const { plan, replicas } = await planOf(host, input);
    const policy = plan.spec.failover.mode;
    const operatorNamespace = input.text('operatorNamespace');
    host.out(
      runbookOf({
        plan,
        target: regionOf(plan, input.text('to') ?? ''),
        mode: modeOf(input) ?? (policy === 'Planned' ? 'Planned' : 'Forced'),
        contexts: contextsOf(input),
        replicas,
        ...(operatorNamespace === undefined ? {} : { operatorNamespace }),
      }),
    );
    return exitCodes.ok;
  },
};

interface Source {
  readonly plan: Plan;
  readonly replicas: Readonly<Record<string, number>>;
}

async function planOf(host: Host, input: Input): Promise<Source> {
  const name = argument(input, 0);
  const file = input.text('filename');
  if (file !== undefined) {
    return { plan: planIn(await host.readFile(file), file, name, input.text('namespace')), replicas: {} };
  }
  const { plan, status } = await findPlan(await management(host, input), name);
  return { plan, replicas: Object.fromEntries(status.workloads.map((seen) => [seen.name, seen.replicas])) };
}

/** The plan of that name among a file's documents. @throws CliError */
function planIn(text: string, file: string, name: string, namespace: string | undefined): Plan {
  const documents = parseAllDocuments(text);
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken !== undefined) throw new CliError(exitCodes.malformed, `${file} is not YAML: ${broken.message}`);
  const objects: readonly unknown[] = documents.map((document) => document.toJS() as unknown);
  const found = objects.find((object) => isPlan(object, name, namespace));
  if (found === undefined) throw new CliError(exitCodes.notFound, `${file} holds no DisasterRecoveryPlan ${name}.`);
  const parsed = parsePlan(withNamespace(found, namespace));
  if (!parsed.ok) throw malformed(`plan ${name} in ${file}`, parsed.problems);
  return parsed.value;
}

function isPlan(object: unknown, name: string, namespace: string | undefined): boolean {
  if (!isObject(object) || object['kind'] !== 'DisasterRecoveryPlan' || !isObject(object['metadata'])) return false;
  const { name: own, namespace: within } = object['metadata'];
  return own === name && (namespace === undefined || within === undefined || within === namespace);
}

/** A file may leave the namespace to whoever applies it; its identity hangs on it. */
function withNamespace(object: unknown, namespace = 'default'): unknown {
  if (!isObject(object) || !isObject(object['metadata'])) return object;
  return { ...object, metadata: { namespace, ...object['metadata'] } };
}

function contextsOf(input: Input): Readonly<Record<string, string>> {
  return Object.fromEntries(
    input.texts('clusterContext').map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      if (name === '' || rest.length === 0) {
        throw new CliError(exitCodes.usage, `"${pair}" is not NAME=CONTEXT, like us-west-2=prod-west.`);
      }
      return [name, rest.join('=')] as const;
    }),
  );
}
