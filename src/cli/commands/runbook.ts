import type { Plan } from '../../api/plan.ts';
import { runbook as runbookOf } from '../../view/runbook/runbook.ts';
import { argument, type CliCommand, type Input } from '../command.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import { planIn } from '../plan-files.ts';
import { findPlan, management, regionOf } from '../plans.ts';
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
        contexts: contextsOf(input, plan),
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

function contextsOf(input: Input, { name: planName, spec }: Plan): Readonly<Record<string, string>> {
  const known = [...spec.regions, 'management'];
  return Object.fromEntries(
    input.texts('clusterContext').map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      if (name === '' || rest.length === 0) {
        throw new CliError(exitCodes.usage, `"${pair}" is not NAME=CONTEXT, like us-west-2=prod-west.`);
      }
      // A name that is mistyped would leave every command to a context that is not meant.
      if (!known.includes(name)) {
        const words = `"${pair}" names no cluster of ${planName}: say ${known.join(', ')}, then = and its context.`;
        throw new CliError(exitCodes.usage, words);
      }
      return [name, rest.join('=')] as const;
    }),
  );
}
