import type { Hold, StepKind, StepStatus } from '../../api/run.ts';
import { pastNoReturn } from '../abort.ts';
import { abandonCommand, abortCommand, skipCommand } from '../commands.ts';
import { hold, seenAt, type Context } from '../context.ts';
import type { Need } from '../facts.ts';
import { skipRefused } from '../steering/skip.ts';
import type { Gate } from './gate.ts';

/** These change something through the API server of their region's cluster. */
const throughCluster: readonly StepKind[] = ['PreScale', 'Quiesce', 'Workload', 'StandDown', 'Rebuild'];

/** These go to the database itself; but where the cluster is another one, its region is not the one that was meant. */
const guarded: readonly StepKind[] = [...throughCluster, 'Fence', 'FinishFence', 'Promote'];

/** Whose cluster it is has to be looked at beside what the step itself wants to see, or the gate below has nothing to read. */
export function clusterNeeds({ kind, region }: StepStatus): readonly Need[] {
  return region === undefined || !guarded.includes(kind) ? [] : [{ kind: 'Cluster', region }];
}

/**
 * Another cluster answers behind the region's name than when the plan was pinned: nothing of this run belongs there. One
 * that does not answer is not another one: a forced run goes on past a dead source (docs/adr/0002). But what is sent
 * through a cluster's API server waits until that look has ended, for it can only be sent where something answers.
 */
export const clusterChanged: Gate = {
  reason: 'ClusterChanged',
  before: 'Effect',
  applies: (step) => step.region !== undefined,
  check(step, ctx) {
    const region = step.region ?? '';
    const pinned = ctx.status.clusterUids?.[region];
    if (pinned === undefined) return undefined;
    const fact = ctx.facts.observed.regions[region]?.fact;
    if (fact === undefined) return throughCluster.includes(step.kind) ? notYet(region) : undefined;
    if (!fact.known || fact.value.clusterUid === pinned) return undefined;
    const { words, command } = wayOut(step, ctx);
    const message = `The cluster behind Region ${region} is another one than when this Run began. Point the Region's kubeconfig back at that one, and the Run goes on. If the new one is meant, nothing of this Run is done there: ${words}`;
    const seen = seenAt(fact, `kube-system has UID ${fact.value.clusterUid}, pinned was ${pinned}`);
    return hold('ClusterChanged', message, [seen], command);
  },
};

/**
 * A Run is pinned to its clusters for good: whoever means the new one needs another Run, which pins what answers then. The
 * way there is the one that this Run's phase still allows.
 */
function wayOut(step: StepStatus, ctx: Context): { readonly words: string; readonly command: string } {
  if (ctx.status.abort === undefined && !pastNoReturn(ctx.status)) {
    return { words: 'abort it and fail over anew, for the next Run takes the new one.', command: abortCommand(ctx) };
  }
  // Of the old source only: in the target it would leave out what serves.
  if (ctx.status.abort === undefined && step.region === ctx.source && skipRefused(step, ctx) === undefined) {
    return { words: 'skip this step, and the Run goes on without it.', command: skipCommand(ctx, step.id) };
  }
  return {
    words: 'abandon it, bring there about by hand what it still wanted, and the next Run takes the new one.',
    command: abandonCommand(ctx),
  };
}

function notYet(region: string): Hold {
  return hold('Observing', `Looking whether the cluster behind Region ${region} is the one it was.`);
}
