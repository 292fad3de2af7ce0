import { equal, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import { condition, now, PODS, recordEvent, writeStatus, type Machine } from './machine.ts';

const NODE = 'sandbox-node-1';
const NO_ROOM =
  '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';

/** Gives the pod the only node and an address. */
export function placePod(machine: Machine, pod: JsonObject): JsonObject {
  if (stringAt(pod, 'spec', 'nodeName') !== undefined && stringAt(pod, 'status', 'podIP') !== undefined) return pod;
  const number = machine.cluster.identities.next();
  const ip = `10.244.${String(Math.floor(number / 250) % 250)}.${String((number % 250) + 2)}`;
  const status = {
    ...objectAt(pod, 'status'),
    phase: 'Pending',
    hostIP: '10.0.0.1',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: now(machine),
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: now(machine) }],
  };
  // A binding: the one write that sets spec.nodeName, and no client's.
  const placed = { ...pod, spec: { ...objectAt(pod, 'spec'), nodeName: NODE }, status };
  return machine.cluster.store.put(PODS.storage, placed).object;
}

/** No node takes it; for want of room, where nothing else is said. */
export function refusePod(machine: Machine, pod: JsonObject, message = NO_ROOM): void {
  const before = objectsAt(pod, 'status', 'conditions');
  const unscheduled = condition(machine, before, {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
  });
  if (before.some((one) => equal(one, unscheduled))) return;
  writeStatus(machine, PODS, pod, { ...objectAt(pod, 'status'), phase: 'Pending', conditions: [unscheduled] });
  const component = 'default-scheduler';
  recordEvent(machine, PODS, pod, { type: 'Warning', reason: 'FailedScheduling', message, component });
}
