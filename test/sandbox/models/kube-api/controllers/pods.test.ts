import assert from 'node:assert/strict';
import type { PodEvents, PodRuntime, RunnablePod } from '../../../../../src/sandbox/models/kube-api/index.ts';
import {
  at,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  type JsonObject,
} from '../../../../../src/sandbox/models/kube-api/json.ts';
import { DEPLOYMENTS, deployment, fixture, items, names, type Fixture } from '../fixture.ts';

const PODS = '/api/v1/namespaces/default/pods';
const FAULT = 'sandbox.maestro.io/fault';

function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  return objectsAt(object, 'status', 'conditions').find((one) => one['type'] === type);
}

function counts(object: JsonObject): JsonObject {
  const kept = Object.entries(objectAt(object, 'status')).filter(([key]) => key.endsWith('eplicas'));
  return Object.fromEntries(kept);
}

function events({ ok }: Fixture): readonly string[] {
  return items(ok('GET', '/api/v1/namespaces/default/events')).map(
    (event) =>
      `${stringAt(event, 'type') ?? ''} ${stringAt(event, 'reason') ?? ''}: ${stringAt(event, 'message') ?? ''}`,
  );
}

describe('kube-api: pods that fail', () => {
  const waiting = (pod: JsonObject | undefined) => at(pod, 'status', 'containerStatuses', 0, 'state', 'waiting');

  it('cannot pull their image', () => {
    const made = fixture();
    made.ok('POST', DEPLOYMENTS, deployment('api', 1, { [FAULT]: 'ImagePullBackOff' }));
    made.time.advance(1_000);
    const pod = () => items(made.ok('GET', PODS))[0];
    assert.equal(at(waiting(pod()), 'reason'), 'ErrImagePull');
    made.time.advance(5_000);
    assert.equal(at(waiting(pod()), 'reason'), 'ImagePullBackOff');
    assert.match(
      stringAt(waiting(pod()), 'message') ?? '',
      /^Back-off pulling image "shop:1": ErrImagePull: .*shop:1: not found$/,
    );
    assert.ok(events(made).some((one) => one.startsWith('Warning Failed: Failed to pull image "shop:1"')));
    made.time.advance(20_000);
    assert.equal(conditionOf(made.ok('GET', `${DEPLOYMENTS}/api`), 'Available')?.['status'], 'False');
  });

  it('find no room', () => {
    const made = fixture();
    made.ok('POST', DEPLOYMENTS, deployment('api', 1, { [FAULT]: 'Unschedulable' }));
    made.time.advance(1_000);
    const [pod = {}] = items(made.ok('GET', PODS));
    const condition = conditionOf(pod, 'PodScheduled');
    assert.deepEqual([condition?.['status'], condition?.['reason']], ['False', 'Unschedulable']);
    assert.match(stringAt(condition, 'message') ?? '', /^0\/3 nodes are available/);
    assert.equal(at(pod, 'status', 'phase'), 'Pending');
    assert.ok(events(made).some((one) => one.startsWith('Warning FailedScheduling')));
    made.ok('DELETE', `${DEPLOYMENTS}/api`);
    made.time.advance(1_000);
    assert.deepEqual(names(made.ok('GET', PODS)), []);
  });

  it('crash again and again, each time waiting longer', () => {
    const { ok, time } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 1, { [FAULT]: 'CrashLoopBackOff' }));
    time.advance(1_000);
    const pod = () => items(ok('GET', PODS))[0];
    assert.equal(at(waiting(pod()), 'reason'), 'CrashLoopBackOff');
    assert.equal(at(pod(), 'status', 'containerStatuses', 0, 'lastState', 'terminated', 'exitCode'), 1);
    time.advance(600_000);
    assert.ok((numberAt(pod(), 'status', 'containerStatuses', 0, 'restartCount') ?? 0) >= 4);
    ok('DELETE', `${DEPLOYMENTS}/api`);
    time.advance(1_000);
    assert.equal(time.pending(), 0);
  });

  it('wait for the Secret that their environment names', () => {
    const started: RunnablePod[] = [];
    const pods: PodRuntime = {
      run: (pod) => {
        started.push(pod);
        return {
          stop: (done) => {
            done();
          },
        };
      },
    };
    const { ok, time } = fixture({ pods });
    const env = [
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      { name: 'URL', value: 'pg://shop:$(PASSWORD)@db' },
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    ok('POST', PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'main', image: 'shop:1', env, envFrom: [{ configMapRef: { name: 'conf' } }] }] },
    });
    time.advance(1_000);
    assert.equal(at(waiting(ok('GET', `${PODS}/p`)), 'reason'), 'CreateContainerConfigError');
    ok('POST', '/api/v1/namespaces/default/configmaps', {
      kind: 'ConfigMap',
      metadata: { name: 'conf' },
      data: { REGION: 'us' },
    });
    ok('POST', '/api/v1/namespaces/default/secrets', {
      kind: 'Secret',
      metadata: { name: 'db' },
      stringData: { password: 's3' },
    });
    time.advance(1_000);
    assert.deepEqual(started[0]?.containers[0]?.env, {
      REGION: 'us',
      PASSWORD: 's3',
      URL: 'pg://shop:s3@db',
      POD: 'p',
    });
  });

  it('are not made above a quota, until there is room', () => {
    const made = fixture();
    const { ok, call, time } = made;
    const quotas = '/api/v1/namespaces/default/resourcequotas';
    ok('POST', quotas, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'pods' },
      spec: { hard: { pods: '2' } },
    });
    ok('POST', DEPLOYMENTS, deployment('api', 3));
    time.advance(2_000);
    assert.equal(names(ok('GET', PODS)).length, 2);
    const failure = conditionOf(ok('GET', `${DEPLOYMENTS}/api`), 'ReplicaFailure');
    assert.equal(failure?.['reason'], 'FailedCreate');
    assert.match(
      stringAt(failure, 'message') ?? '',
      /^pods "api-[a-z0-9]+-[a-z0-9]+" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2$/,
    );
    assert.ok(
      events(made).some((one) => /^Warning FailedCreate: Error creating: pods .* exceeded quota: pods/.test(one)),
    );
    assert.deepEqual(at(ok('GET', `${quotas}/pods`), 'status', 'used'), { pods: '2' });
    assert.equal(
      call('POST', PODS, { kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'a', image: 'b' }] } })
        .status,
      403,
    );
    ok('PATCH', `${quotas}/pods`, { spec: { hard: { pods: '5' } } });
    time.advance(2_000);
    assert.equal(names(ok('GET', PODS)).length, 3);
    assert.equal(conditionOf(ok('GET', `${DEPLOYMENTS}/api`), 'ReplicaFailure'), undefined);
  });
});

describe('kube-api: the pod runtime', () => {
  interface Seen {
    readonly pod: RunnablePod;
    readonly events: PodEvents;
    stopped: (() => void) | undefined;
  }

  function recording(): { readonly runtime: PodRuntime; readonly seen: Seen[] } {
    const seen: Seen[] = [];
    const runtime: PodRuntime = {
      run: (pod, podEvents) => {
        const one: Seen = { pod, events: podEvents, stopped: undefined };
        seen.push(one);
        return {
          stop: (done) => {
            one.stopped = done;
          },
        };
      },
    };
    return { runtime, seen };
  }

  it('says when a pod runs, is ready, logs and ends', () => {
    const { runtime, seen } = recording();
    const { ok, time } = fixture({ pods: runtime });
    ok('POST', DEPLOYMENTS, deployment('api', 1));
    time.advance(100);
    const [first] = seen;
    assert.ok(first !== undefined);
    assert.deepEqual(first.pod.containers, [
      { name: 'main', image: 'shop:1', command: [], args: [], env: {}, ports: [] },
    ]);
    const path = `${PODS}/${first.pod.name}`;
    first.events.started('127.0.0.1');
    assert.equal(at(ok('GET', path), 'status', 'podIP'), '127.0.0.1');
    assert.equal(at(ok('GET', path), 'status', 'phase'), 'Running');
    first.events.ready(true);
    first.events.log('listening');
    first.events.log('order 1');
    time.advance(100);
    assert.equal(at(ok('GET', `${DEPLOYMENTS}/api`), 'status', 'readyReplicas'), 1);
    assert.equal(ok('GET', `${path}/log`)['text'], 'listening\norder 1\n');
    assert.equal(ok('GET', `${path}/log?tailLines=1`)['text'], 'order 1\n');
    first.events.ready(false);
    time.advance(100);
    assert.equal(at(ok('GET', `${DEPLOYMENTS}/api`), 'status', 'readyReplicas'), undefined);
    first.events.exited(137);
    first.events.ready(true);
    assert.equal(
      at(ok('GET', path), 'status', 'containerStatuses', 0, 'state', 'waiting', 'reason'),
      'CrashLoopBackOff',
    );
    time.advance(10_000);
    assert.equal(seen.length, 2);
    assert.equal(seen[1]?.pod.uid, first.pod.uid);
  });

  it('is given time to stop: the pod is there until it has', () => {
    const { runtime, seen } = recording();
    const { ok, call, time } = fixture({ pods: runtime });
    ok('POST', DEPLOYMENTS, deployment('api', 1));
    time.advance(100);
    const name = seen[0]?.pod.name ?? '';
    ok('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: 0 } });
    time.advance(60_000);
    const dying = ok('GET', `${PODS}/${name}`);
    assert.ok(stringAt(dying, 'metadata', 'deletionTimestamp') !== undefined);
    assert.deepEqual(counts(ok('GET', `${DEPLOYMENTS}/api`)), {});
    seen[0]?.stopped?.();
    assert.equal(call('GET', `${PODS}/${name}`).status, 404);
  });

  it('is stopped also when the pod is removed by force', () => {
    const { runtime, seen } = recording();
    const { ok, call, time } = fixture({ pods: runtime });
    ok('POST', PODS, { kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'b' }] } });
    time.advance(100);
    ok('DELETE', `${PODS}/p?gracePeriodSeconds=0`);
    assert.equal(call('GET', `${PODS}/p`).status, 404);
    time.advance(100);
    assert.notEqual(seen[0]?.stopped, undefined);
  });
});
