import type { Workload } from '../../api/plan.ts';
import { expanding, shellVariable, variableName, word } from './shell.ts';
import type { Journey } from './guide.ts';

/** `kubectl --context C -n NS --request-timeout=10s …`: a dead API server does not hold up the person. */
export function kubectl(journey: Journey, cluster: string, ...rest: readonly string[]): string {
  return [...at(journey, cluster), '--request-timeout=10s', ...rest].join(' ');
}

/** `kubectl wait`, which keeps its request open for as long as it waits. */
export function kubectlWait(journey: Journey, cluster: string, ...rest: readonly string[]): string {
  return [...at(journey, cluster), 'wait', ...rest].join(' ');
}

function at({ plan, context }: Journey, cluster: string): readonly string[] {
  return ['kubectl', '--context', word(context(cluster)), '-n', word(plan.namespace)];
}

export function objectOf({ target }: Workload): string {
  return word(`${target.kind.toLowerCase()}/${target.name}`);
}

/** A count that the plan gives, or the variable that the preflight has set from the source's. */
export function activeReplicas({ name, active }: Workload): string {
  return 'replicas' in active ? String(active.replicas) : shellVariable(variableName('replicas', name));
}

/** `replicas` may hold a marker. */
export function scale(journey: Journey, cluster: string, workload: Workload, replicas: string): string {
  return kubectl(journey, cluster, 'scale', objectOf(workload), `--replicas=${expanding(replicas)}`);
}

export function wantedReplicas(journey: Journey, cluster: string, workload: Workload): string {
  return kubectl(journey, cluster, 'get', objectOf(workload), `-o jsonpath='{.spec.replicas}{"\\n"}'`);
}
