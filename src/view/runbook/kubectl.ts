import { word } from './shell.ts';
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
