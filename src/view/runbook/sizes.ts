import { isScheduled, type Workload } from '../../api/plan.ts';
import type { Journey } from './guide.ts';
import { kubectl } from './kubectl.ts';
import { expanding, shellVariable, variableName, word } from './shell.ts';

/**
 * How large a workload is to be, as text for a shell: replicas, and of a CronJob whether it is suspended (`true` or
 * `false`). It may hold a marker.
 */
export type Size = string;

export function objectOf({ target }: Workload): string {
  return word(`${target.kind.toLowerCase()}/${target.name}`);
}

/** Where the preflight keeps the size that is taken from the source. */
export function sizeVariable(workload: Workload): string {
  return variableName(isScheduled(workload) ? 'suspend' : 'replicas', workload.name);
}

/** The plan's number, or what the preflight has found in the source. A CronJob is where it is active as it was there. */
export function activeSize(workload: Workload): Size {
  const { active } = workload;
  return !isScheduled(workload) && 'replicas' in active
    ? String(active.replicas)
    : shellVariable(sizeVariable(workload));
}

export function standbySize(workload: Workload): Size {
  return isScheduled(workload) ? 'true' : String(workload.standby.replicas);
}

export function stoppedSize(workload: Workload): Size {
  return isScheduled(workload) ? 'true' : '0';
}

export function setSize(journey: Journey, cluster: string, workload: Workload, size: Size): string {
  if (!isScheduled(workload)) {
    return kubectl(journey, cluster, 'scale', objectOf(workload), `--replicas=${expanding(size)}`);
  }
  const patch = expanding(`{"spec":{"suspend":${size}}}`);
  return kubectl(journey, cluster, 'patch', objectOf(workload), '--type=merge', '-p', patch);
}

/** Prints the size that is asked for now. */
export function sizeNow(journey: Journey, cluster: string, workload: Workload): string {
  const path = isScheduled(workload) ? '{.spec.suspend}' : '{.spec.replicas}';
  return kubectl(journey, cluster, 'get', objectOf(workload), `-o jsonpath='${path}{"\\n"}'`);
}

/** Raises it to `size`, and leaves it where it is that large or larger: somebody may be served there. */
export function raiseSize(journey: Journey, cluster: string, workload: Workload, size: Size): string {
  const set = setSize(journey, cluster, workload, size);
  if (isScheduled(workload)) return set;
  return `NOW=$(${sizeNow(journey, cluster, workload)}) && { [ "$NOW" -ge ${expanding(size)} ] || ${set}; }`;
}

/** Prints how many are ready, and nothing for none. */
export function readyNow(journey: Journey, cluster: string, workload: Workload): string {
  return kubectl(journey, cluster, 'get', objectOf(workload), `-o jsonpath='{.status.readyReplicas}{"\\n"}'`);
}

/**
 * Prints `none` once nothing of it runs: no pod, and of a CronJob no Job. Pods are listed, for a workload's own count
 * leaves out those that have been told to end and still work.
 */
export function nothingRuns(journey: Journey, cluster: string, workload: Workload): string {
  if (isScheduled(workload)) {
    const active = kubectl(journey, cluster, 'get', objectOf(workload), `-o jsonpath='{.status.active[*].name}'`);
    return `JOBS=$(${active}) && echo "\${JOBS:-none}"`;
  }
  const selector = kubectl(
    journey,
    cluster,
    'get',
    objectOf(workload),
    `--subresource=scale -o jsonpath='{.status.selector}'`,
  );
  const ended = '--field-selector=status.phase!=Succeeded,status.phase!=Failed';
  const pods = kubectl(journey, cluster, 'get pods', '-l "$SELECTOR"', ended, '-o name');
  return `SELECTOR=$(${selector}) && PODS=$(${pods}) && echo "\${PODS:-none}"`;
}
