import { isScheduled, type Workload } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { named, type Block, type Guide, type Journey } from './guide.ts';
import { kubectl, kubectlWait } from './kubectl.ts';
import { expanding, shellVariable, variableName } from './shell.ts';
import {
  activeSize,
  nothingRuns,
  objectOf,
  setSize,
  sizeNow,
  sizeVariable,
  standbySize,
  stoppedSize,
  type Size,
} from './sizes.ts';

const workloadOf = (step: Step, { plan }: Journey): Workload => named(plan.spec.workloads, step);

export function preflightWorkload(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  const there: Block = {
    says: `It exists in ${journey.target}.`,
    sh: kubectl(journey, journey.target, 'get', objectOf(workload)),
  };
  const fixed = !isScheduled(workload) && 'replicas' in workload.active;
  return { does: fixed ? [] : [sizeInSource(workload, journey)], verifies: [there] };
}

/** Live while the source answers, else what was last seen healthy, else the person's own word. */
function sizeInSource(workload: Workload, journey: Journey): Block {
  const variable = sizeVariable(workload);
  const last = lastSize(workload, journey);
  const lines = [
    `${variable}=$(${sizeNow(journey, journey.source, workload)})`,
    ...(last === undefined ? [] : [`: "\${${variable}:=${last}}"`]),
    `: "\${${variable}:?set it yourself: ${isScheduled(workload) ? 'false, or true if it is to stay suspended' : 'the number of replicas wanted'}}"`,
    `echo "$${variable}"`,
  ];
  const or = last === undefined ? '' : `, or ${last} as it was last seen healthy`;
  const says = isScheduled(workload)
    ? `Whether it is suspended in ${journey.source}${or}: it stays so in ${journey.target}.`
    : `How many replicas: as many as ${journey.source} has${or}. Look at the number: a region in trouble may have too few.`;
  return { says, sh: lines.join('\n') };
}

function lastSize(workload: Workload, { replicas }: Journey): Size | undefined {
  const last = replicas[workload.name];
  if (last === undefined) return undefined;
  return isScheduled(workload) ? String(last === 0) : String(last);
}

export function preScale(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  return {
    does: [
      {
        says: `Up to its full size in ${journey.target} while the databases are moved. Never down: somebody may be served there.`,
        sh: setSize(journey, journey.target, workload, activeSize(workload)),
      },
    ],
    verifies: [isAskedFor(workload, journey, journey.target, activeSize(workload))],
    undoes: [backToStandby(workload, journey, journey.target)],
  };
}

export function quiesce(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  const before = variableName('before', workload.name);
  return {
    does: [
      {
        says: `Stopped in ${journey.source} before the fence, so that no job is cut off in the middle.`,
        sh: `${before}=$(${sizeNow(journey, journey.source, workload)})\n${setSize(journey, journey.source, workload, stoppedSize(workload))}`,
        needsSource: true,
      },
    ],
    verifies: [
      {
        says: 'Nothing of it runs any more.',
        sh: nothingRuns(journey, journey.source, workload),
        prints: 'none',
        needsSource: true,
      },
    ],
    undoes: [
      {
        says: `As it was in ${journey.source}.`,
        sh: setSize(journey, journey.source, workload, shellVariable(before)),
        needsSource: true,
      },
    ],
  };
}

export function workload(step: Step, journey: Journey): Guide {
  const found = workloadOf(step, journey);
  const wanted = activeSize(found);
  const seconds = String(Math.ceil((step.deadlineMs ?? 600_000) / 1000));
  const ready = expanding(`--for=jsonpath={.status.readyReplicas}=${wanted}`);
  const waits: Block = {
    says: 'All of them are ready.',
    sh: kubectlWait(journey, journey.target, objectOf(found), ready, `--timeout=${seconds}s`),
  };
  // Of nothing none is ready (an API server leaves the field out), and a schedule has nothing to be ready.
  const countable = !isScheduled(found) && wanted !== '0';
  return {
    does: [
      {
        says: isScheduled(found) ? `Let run in ${journey.target}.` : `At its full size in ${journey.target}.`,
        sh: setSize(journey, journey.target, found, wanted),
      },
    ],
    verifies: countable ? [waits] : [isAskedFor(found, journey, journey.target, wanted)],
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
        sh: setSize(journey, journey.source, found, standbySize(found)),
      },
    ],
    verifies: [isAskedFor(found, journey, journey.source, standbySize(found))],
  };
}

function backToStandby(workload: Workload, journey: Journey, region: string): Block {
  return {
    says: `Back to its standby size in ${region}.`,
    sh: setSize(journey, region, workload, standbySize(workload)),
  };
}

function isAskedFor(workload: Workload, journey: Journey, region: string, size: Size): Block {
  const condition = `[ "$(${sizeNow(journey, region, workload)})" = ${expanding(size)} ]`;
  const says = isScheduled(workload) ? 'It is suspended, or not, as it should be.' : 'It is asked for that many.';
  return { says, sh: `${condition} && echo ok`, prints: 'ok' };
}
