import { arrayAt, compact, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import { condition, now, PODS, writeStatus, type Machine } from './machine.ts';

/** The kubelet's writes of a pod's status, one for each thing that becomes of its containers. */

export function setRunning(machine: Machine, pod: JsonObject, ready: boolean, restarts: number, ip?: string): void {
  const status = objectAt(pod, 'status');
  const was = objectsAt(status, 'containerStatuses')[0];
  const since = stringAt(was, 'state', 'running', 'startedAt') ?? now(machine);
  const last = objectAt(was, 'lastState');
  writeStatus(machine, PODS, pod, {
    ...status,
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    phase: 'Running',
    conditions: conditions(machine, pod, ready, 'ContainersNotReady'),
    containerStatuses: containerStatuses(pod, ready, restarts, { running: { startedAt: since } }, last),
  });
}

export interface Wait {
  readonly reason: string;
  readonly message: string;
  readonly restarts: number;
  /** What the container's last run exited with, if it ran. */
  readonly exitCode?: number;
}

export function setWaiting(machine: Machine, pod: JsonObject, wait: Wait): void {
  const { reason, message, restarts, exitCode } = wait;
  const status = objectAt(pod, 'status');
  const last = exitCode === undefined ? {} : { terminated: terminated(machine, exitCode, undefined) };
  const waiting = compact({ reason, message: message === '' ? undefined : message });
  writeStatus(machine, PODS, pod, {
    ...status,
    phase: restarts > 0 ? 'Running' : 'Pending',
    conditions: conditions(machine, pod, false, 'ContainersNotReady'),
    containerStatuses: containerStatuses(pod, false, restarts, { waiting }, last),
  });
}

export function setEnded(
  machine: Machine,
  pod: JsonObject,
  code: number,
  message: string | undefined,
  restarts: number,
): void {
  const state = { terminated: terminated(machine, code, message) };
  writeStatus(machine, PODS, pod, {
    ...objectAt(pod, 'status'),
    phase: code === 0 ? 'Succeeded' : 'Failed',
    conditions: conditions(machine, pod, false, code === 0 ? 'PodCompleted' : 'PodFailed'),
    containerStatuses: containerStatuses(pod, false, restarts, state, {}),
  });
}

export function hasEnded(pod: JsonObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function terminated(machine: Machine, code: number, message: string | undefined): JsonObject {
  const finishedAt = now(machine);
  const reason = code === 0 ? 'Completed' : 'Error';
  return compact({ exitCode: code, reason, message, startedAt: finishedAt, finishedAt });
}

function containerStatuses(
  pod: JsonObject,
  ready: boolean,
  restarts: number,
  state: JsonObject,
  lastState: JsonObject,
): readonly JsonObject[] {
  return objectsAt(pod, 'spec', 'containers').map((container) => ({
    name: stringAt(container, 'name') ?? '',
    image: stringAt(container, 'image') ?? '',
    imageID: '',
    ready,
    started: state['running'] !== undefined,
    restartCount: restarts,
    state,
    lastState,
  }));
}

function conditions(machine: Machine, pod: JsonObject, ready: boolean, reason: string): readonly JsonObject[] {
  const before = objectsAt(pod, 'status', 'conditions');
  const names = arrayAt(pod, 'spec', 'containers').map((one) => stringAt(one, 'name') ?? '');
  const make = (type: string, yes: boolean): JsonObject =>
    yes
      ? condition(machine, before, { type, status: 'True', reason: '', message: '' })
      : condition(machine, before, {
          type,
          status: 'False',
          reason,
          message: `containers with unready status: [${names.join(' ')}]`,
        });
  const scheduled = before.filter((one) => one['type'] === 'PodScheduled');
  return [make('Initialized', true), make('Ready', ready), make('ContainersReady', ready), ...scheduled];
}
