import type { Workload } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { named, type Block, type Guide, type Journey } from './guide.ts';
import { activeReplicas, kubectl, kubectlWait, objectOf, scale, wantedReplicas } from './kubectl.ts';
import { expanding, variableName, word } from './shell.ts';

const workloadOf = (step: Step, { plan }: Journey): Workload => named(plan.spec.workloads, step);

export function preflightWorkload(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  const there: Block = {
    says: `It exists in ${journey.target}.`,
    sh: kubectl(journey, journey.target, 'get', objectOf(workload)),
  };
  if ('replicas' in workload.active) return { does: [], verifies: [there] };
  return { does: [countOf(workload, journey)], verifies: [there] };
}

/** Live while the source answers, else what was last seen healthy, else the person's own number. */
function countOf(workload: Workload, journey: Journey): Block {
  const variable = variableName('replicas', workload.name);
  const last = journey.replicas[workload.name];
  const seen = last === undefined ? '' : `\n: "\${${variable}:=${String(last)}}"`;
  const command = wantedReplicas(journey, journey.source, workload);
  return {
    says: `How many replicas: as many as ${journey.source} has${last === undefined ? '' : `, or the ${String(last)} that were last seen healthy`}. Look at the number: a region in trouble may have too few.`,
    sh: `${variable}=$(${command})${seen}\n: "\${${variable}:?set it to the number of replicas wanted}"\necho "$${variable}"`,
  };
}

export function preScale(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  return {
    does: [
      {
        says: `Up to its full size in ${journey.target} while the databases are moved. Never down: somebody may be served there.`,
        sh: scale(journey, journey.target, workload, activeReplicas(workload)),
      },
    ],
    verifies: [isWanted(workload, journey, journey.target, activeReplicas(workload))],
    undoes: [backToStandby(workload, journey, journey.target)],
  };
}

export function quiesce(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  const count = variableName('before', workload.name);
  const counted = `-o jsonpath='{.spec.replicas}/{.status.replicas}{"\\n"}'`;
  return {
    does: [
      {
        says: `Stopped in ${journey.source} before the fence, so that no job is cut off in the middle.`,
        sh: `${count}=$(${wantedReplicas(journey, journey.source, workload)})\n${scale(journey, journey.source, workload, '0')}`,
        needsSource: true,
      },
    ],
    verifies: [
      {
        says: 'No pod is left.',
        sh: `${kubectl(journey, journey.source, 'get', objectOf(workload), counted)} | sed 's,/$,/0,'`,
        prints: '0/0',
        needsSource: true,
      },
    ],
    undoes: [
      {
        says: `Started again in ${journey.source}.`,
        sh: kubectl(journey, journey.source, 'scale', objectOf(workload), `--replicas="$${count}"`),
        needsSource: true,
      },
    ],
  };
}

export function workload(step: Step, journey: Journey): Guide {
  const found = workloadOf(step, journey);
  const wanted = activeReplicas(found);
  const seconds = String(Math.ceil((step.deadlineMs ?? 600_000) / 1000));
  const ready = expanding(`--for=jsonpath={.status.readyReplicas}=${wanted}`);
  const waits: Block = {
    says: 'All of them are ready.',
    sh: kubectlWait(journey, journey.target, objectOf(found), ready, `--timeout=${seconds}s`),
  };
  return {
    does: [
      {
        says: `At its full size in ${journey.target}.`,
        sh: scale(journey, journey.target, found, wanted),
      },
    ],
    // None of nothing is ready: an API server leaves the field out.
    verifies: wanted === '0' ? [isWanted(found, journey, journey.target, wanted)] : [waits],
    undoes: [backToStandby(found, journey, journey.target)],
  };
}

export function standDown(step: Step, journey: Journey): Guide {
  const found = workloadOf(step, journey);
  const { traffic, failover } = journey.plan.spec;
  const seconds = Math.max(0, ...traffic.map(({ ttl }) => ttl)) + Math.ceil(failover.drainMs / 1000);
  return {
    does: [
      {
        says: `Not before caches of the old answer have expired and the drain is over: ${String(seconds)} s after the servers answer ${journey.target}. When ${journey.source} is back, and after its databases are fenced.`,
        sh: scale(journey, journey.source, found, String(found.standby.replicas)),
      },
    ],
    verifies: [isWanted(found, journey, journey.source, String(found.standby.replicas))],
  };
}

function backToStandby(workload: Workload, journey: Journey, region: string): Block {
  return {
    says: `Back to its standby size in ${region}.`,
    sh: scale(journey, region, workload, String(workload.standby.replicas)),
  };
}

function isWanted(workload: Workload, journey: Journey, region: string, replicas: string): Block {
  const condition = `[ "$(${wantedReplicas(journey, region, workload)})" = ${expanding(replicas)} ]`;
  return { says: `${word(workload.name)} is asked for that many.`, sh: `${condition} && echo ok`, prints: 'ok' };
}
