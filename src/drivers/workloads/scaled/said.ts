import { parseTime } from '../../../api/time.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { recordAt, stringAt } from '../../../kube/json.ts';
import { isKubeError } from '../../../kube/kube-error.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Call } from '../../../kube/transport.ts';
import type { WorkloadObstacle } from '../driver.ts';
import { conditionOf, recordsAt } from '../pods.ts';
import { refusal, words } from './obstacles.ts';

/** Enough for one object's troubles; an event that repeats is counted up, not added. */
const LIMIT = 100;

/**
 * What a StatefulSet could not make, a pod or the claim of one: its status has no condition for that, so its events
 * say it. Only those after the newest pod count: what was refused before that has been made since. The times are whole
 * seconds, and a quota may be raised within one: what names a pod that is there has been overcome all the same.
 */
export async function statefulSetRefusal(
  client: KubeClient,
  set: KubeObject,
  pods: readonly KubeObject[],
  call: Call,
): Promise<readonly WorkloadObstacle[]> {
  const { name, namespace = '', uid } = set.metadata;
  const about = { kind: 'StatefulSet', name, reason: 'FailedCreate' };
  const said = await warnings(client, namespace, about, call);
  const madeAt = Math.max(0, ...pods.map((pod) => parseTime(pod.metadata.creationTimestamp ?? '') ?? 0));
  const since = said
    .filter((event) => stringAt(recordAt(event, 'involvedObject'), 'uid') === uid && saidAt(event) >= madeAt)
    .filter((event) => !aboutOneOf(pods, stringAt(event, 'message') ?? ''))
    .toSorted((a, b) => saidAt(b) - saidAt(a));
  return since.slice(0, 1).map((event) => refusal(words(event)));
}

/** `Create Pod api-0 in StatefulSet api failed error: …`, and of a claim `… for Pod api-0 in …` (stateful_pod_control.go). */
function aboutOneOf(pods: readonly KubeObject[], message: string): boolean {
  const [, name] = / Pod (\S+) in StatefulSet /.exec(message) ?? [];
  return pods.some((pod) => pod.metadata.name === name);
}

/** Why the volumes are not there for whose lack no node takes a pod: the scheduler only says that they are not. */
export async function volumeObstacles(
  client: KubeClient,
  namespace: string,
  pods: readonly KubeObject[],
  call: Call,
): Promise<readonly WorkloadObstacle[]> {
  const claims = pods.filter(lacksVolume).flatMap(claimsOf);
  if (claims.length === 0) return [];
  const said = await warnings(client, namespace, { kind: 'PersistentVolumeClaim' }, call);
  return said
    .filter((event) => claims.includes(stringAt(recordAt(event, 'involvedObject'), 'name') ?? ''))
    .map((event) => {
      const claim = stringAt(recordAt(event, 'involvedObject'), 'name') ?? '';
      return { kind: 'Volume', message: words({ ...event, message: `${claim}: ${stringAt(event, 'message') ?? ''}` }) };
    });
}

/** By the words of the scheduler's volume plugins: `unbound immediate PersistentVolumeClaims`, `available persistent volumes`. */
function lacksVolume(pod: KubeObject): boolean {
  const condition = conditionOf(pod, 'PodScheduled', 'False');
  return condition !== undefined && /persistent ?volume/i.test(stringAt(condition, 'message') ?? '');
}

function claimsOf(pod: KubeObject): readonly string[] {
  return recordsAt(recordAt(pod, 'spec'), 'volumes').flatMap((volume) => {
    const claim = stringAt(recordAt(volume, 'persistentVolumeClaim'), 'claimName');
    return claim === undefined ? [] : [claim];
  });
}

interface About {
  readonly kind: string;
  readonly name?: string;
  readonly reason?: string;
}

async function warnings(
  client: KubeClient,
  namespace: string,
  { kind, name, reason }: About,
  call: Call,
): Promise<readonly KubeObject[]> {
  const fields = [
    `involvedObject.kind=${kind}`,
    ...(name === undefined ? [] : [`involvedObject.name=${name}`]),
    ...(reason === undefined ? [] : [`reason=${reason}`]),
    'type=Warning',
  ];
  const collection = { group: '', version: 'v1', resource: 'events', namespace };
  try {
    const page = await client.list(collection, { fieldSelector: fields.join(','), limit: LIMIT }, call);
    return page.items;
  } catch (error) {
    // Events only explain. Who may not read them still sees whether it is ready.
    if (isKubeError(error, 'Forbidden')) return [];
    throw error;
  }
}

/** `lastTimestamp` is of older writers, `series` and `eventTime` of newer ones. */
function saidAt(event: KubeObject): number {
  const texts = [
    stringAt(event, 'lastTimestamp'),
    stringAt(recordAt(event, 'series'), 'lastObservedTime'),
    stringAt(event, 'eventTime'),
    event.metadata.creationTimestamp,
  ];
  return Math.max(0, ...texts.map((text) => parseTime(text ?? '') ?? 0));
}
