import type { UnknownWhy } from '../../api/fact.ts';
import { unknown, type Unknown } from '../../api/fact.ts';
import { isKubeError, kubeFailure } from '../../kube/kube-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Instant } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';
import type { ApplyResult } from '../outcome.ts';

/** A region's cluster, or why it cannot be reached at all (no Region, no kubeconfig, another cluster behind the name). */
export type Clusters = (region: string) => KubeClient | ClusterUnavailable;

export interface ClusterUnavailable {
  readonly unavailable: UnknownWhy;
  readonly detail: string;
}

/**
 * The one account that the operator writes as in a region's cluster: whoever may write a plan can do there what the
 * plan's namespace allows this account, and nothing more.
 */
export function plansAccount(namespace: string): string {
  return `system:serviceaccount:${namespace}:maestro-dr`;
}

export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'maestro-dr' } as const;

/** Why a look at a cluster brought nothing. Anything but a failure of the call is a defect, and passes unchanged. */
export function unknownFromKube<T>(error: unknown, at: Instant): Unknown<T> {
  if (isKubeError(error)) return unknown(kubeFailure(error), error.message, at);
  if (error instanceof PortError) return unknown(error.why, error.message, at);
  throw error instanceof Error ? error : new Error(String(error));
}

/** What one attempt at a write brought. */
export function resultFromKube(error: unknown): ApplyResult {
  if (!isKubeError(error)) throw error instanceof Error ? error : new Error(String(error));
  if (error.outcomeUnknown) return { kind: 'OutcomeUnknown', detail: error.message };
  return { kind: 'Refused', code: error.code, message: error.message };
}

export function refusedUnavailable({ unavailable, detail }: ClusterUnavailable): ApplyResult {
  return { kind: 'Refused', code: unavailable, message: detail };
}
