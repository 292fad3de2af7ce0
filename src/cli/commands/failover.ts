import { conditionOf } from '../../api/conditions.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { Plan } from '../../api/plan.ts';
import { isKubeError } from '../../kube/kube-error.ts';
import type { Preview } from '../../view/preview.ts';
import { observeWords } from '../../view/preview-text.ts';
import { amountWords, span } from '../../view/words.ts';
import { argument, output, type CliCommand } from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { CliError, exitCodes, refused } from '../exit-codes.ts';
import { deadlineMs, findPlan, management, planResource } from '../plans.ts';
import { foresee, operatorNamespaceOption, toOption } from './preview.ts';

export const failover: CliCommand = {
  usage: 'failover <plan>',
  summary: "set the plan's activeRegion: the operator moves it there, planned or forced as it finds the source",
  options: [toOption, operatorNamespaceOption, yesOption, output],
  async work(host, input) {
    const cluster = await management(host, input);
    const name = argument(input, 0);
    const to = input.text('to') ?? '';
    const view = await foresee(host, cluster, input, name, to);
    const { object, plan, status } = await findPlan(cluster, name);
    if (plan.spec.activeRegion === to) throw refused(wantedAlready(plan, status, to));
    await confirm(host, input, {
      doing: `Move ${name} from ${view.from} to ${view.to} (${view.mode.mode}: ${view.mode.why})`,
      plan: `${plan.namespace}/${plan.name}`,
      from: view.from,
      to: view.to,
      loss: view.loss.map((loss) => `${loss.database}: ${amountWords(loss)}`),
      also: foreseen(view),
    });
    const { uid, resourceVersion } = object.metadata;
    const patch = { metadata: { uid }, spec: { activeRegion: to } };
    await cluster.client
      .patch({ ...planResource, namespace: plan.namespace, name }, patch, { type: 'merge', deadlineMs })
      .catch((error: unknown) => {
        if (!isKubeError(error, 'Conflict')) throw error;
        throw new CliError(
          exitCodes.refused,
          `${name} is another object than the one you saw (version ${resourceVersion}); look again.`,
        );
      });
    const done = { plan: `${plan.namespace}/${plan.name}`, activeRegion: to };
    host.out(
      input.text('output') === 'json'
        ? `${JSON.stringify(done, undefined, 2)}\n`
        : `${done.plan} is wanted in ${to}. \`kubectl drplan status ${name} -n ${plan.namespace} -w\` follows it.\n`,
    );
    return exitCodes.ok;
  },
};

/** Where nothing brings it there, the plan's own word says what holds it; that it is wanted there helps nobody. */
function wantedAlready({ name, namespace }: Plan, status: PlanStatus, to: string): string {
  const ready = conditionOf(status.conditions, 'Ready');
  const rests = status.currentRun === undefined && status.activeRegion !== to && ready?.status === 'False';
  const look = `\`kubectl drplan status ${name} -n ${namespace}\``;
  return rests
    ? `${name} is wanted in ${to} already, and no Run is under way (${ready.reason}): ${ready.message} ${look} has the rest.`
    : `${name} is wanted in ${to} already; ${look} shows how far it is.`;
}

function foreseen({ enforcement, time, gates }: Preview): readonly string[] {
  const stops = gates.filter(({ then }) => then !== 'Perhaps').map(({ reason }) => reason);
  return [
    `time  ${time.bound ? 'at most ' : ''}${span(time.ms)}, people aside`,
    ...(stops.length === 0 ? [] : [`stops ${[...new Set(stops)].join(', ')}`]),
    // In an outage nobody is to wait for a move that is only told.
    ...(enforcement === 'Observe' ? [observeWords] : []),
  ];
}
