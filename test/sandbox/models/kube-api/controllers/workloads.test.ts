import assert from 'node:assert/strict';
import type { PodRuntime } from '../../../../../src/sandbox/models/kube-api/index.ts';
import {
  at,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  type JsonObject,
} from '../../../../../src/sandbox/models/kube-api/json.ts';
import { DEPLOYMENTS, deployment, fixture, items, message, names, virtualTime, type Fixture } from '../fixture.ts';

const PODS = '/api/v1/namespaces/default/pods';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const STATEFUL_SETS = '/apis/apps/v1/namespaces/default/statefulsets';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const FAULT = 'sandbox.maestro.io/fault';

function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  return objectsAt(object, 'status', 'conditions').find((one) => one['type'] === type);
}

function counts(object: JsonObject): JsonObject {
  const kept = Object.entries(objectAt(object, 'status')).filter(([key]) => key.endsWith('eplicas'));
  return Object.fromEntries(kept);
}

function job(name: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      ...spec,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'rebuild:1' }] } },
    },
  };
}

describe('kube-api: Deployments', () => {
  it('become available after a while, and say so', () => {
    const { ok, time } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 3));
    time.advance(500);
    const early = ok('GET', `${DEPLOYMENTS}/api`);
    assert.deepEqual(counts(early), { replicas: 3, updatedReplicas: 3, unavailableReplicas: 3 });
    assert.equal(conditionOf(early, 'Available')?.['reason'], 'MinimumReplicasUnavailable');
    assert.equal(conditionOf(early, 'Progressing')?.['reason'], 'ReplicaSetUpdated');
    time.advance(1_000);
    const late = ok('GET', `${DEPLOYMENTS}/api`);
    assert.deepEqual(counts(late), { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
    assert.equal(conditionOf(late, 'Available')?.['status'], 'True');
    assert.equal(conditionOf(late, 'Progressing')?.['reason'], 'NewReplicaSetAvailable');
    assert.equal(numberAt(late, 'status', 'observedGeneration'), 1);
    assert.equal(time.pending(), 0);
  });

  it('scale by their spec and by their scale, under a precondition too', () => {
    const { ok, call, time } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 3));
    time.advance(2_000);
    const before = ok('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: 1 } });
    assert.equal(numberAt(before, 'status', 'observedGeneration'), 1);
    assert.equal(numberAt(before, 'metadata', 'generation'), 2);
    time.advance(2_000);
    assert.equal(names(ok('GET', PODS)).length, 1);
    const scale = ok('GET', `${DEPLOYMENTS}/api/scale`);
    assert.deepEqual(scale['status'], { replicas: 1, selector: 'app=api' });
    ok('PUT', `${DEPLOYMENTS}/api/scale`, { ...scale, spec: { replicas: 2 } });
    assert.equal(call('PUT', `${DEPLOYMENTS}/api/scale`, { ...scale, spec: { replicas: 5 } }).status, 409);
    time.advance(2_000);
    assert.deepEqual(counts(ok('GET', `${DEPLOYMENTS}/api`)), {
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    });
    ok('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: 0 } });
    time.advance(2_000);
    assert.deepEqual(counts(ok('GET', `${DEPLOYMENTS}/api`)), {});
    assert.deepEqual(names(ok('GET', PODS)), []);
  });

  it('roll to a new template without falling below what must be available', () => {
    const { ok, time, watch } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 4));
    time.advance(2_000);
    const watching = watch(`${DEPLOYMENTS}/api?watch=true`);
    const template = { spec: { containers: [{ name: 'main', image: 'shop:2' }] } };
    ok('PATCH', `${DEPLOYMENTS}/api`, { spec: { template } });
    time.advance(10_000);
    const available = watching.take().map(({ object }) => numberAt(object, 'status', 'availableReplicas') ?? 0);
    assert.ok(Math.min(...available) >= 3, available.join(' '));
    const images = items(ok('GET', PODS)).map((pod) => at(pod, 'spec', 'containers', 0, 'image'));
    assert.deepEqual(images, ['shop:2', 'shop:2', 'shop:2', 'shop:2']);
    const sets = items(ok('GET', '/apis/apps/v1/namespaces/default/replicasets'));
    assert.deepEqual(sets.map((set) => numberAt(set, 'spec', 'replicas')).sort(), [0, 4]);
    assert.equal(
      at(ok('GET', `${DEPLOYMENTS}/api`), 'metadata', 'annotations', 'deployment.kubernetes.io/revision'),
      '2',
    );
  });

  it('stop everything first when they recreate', () => {
    const { ok, time, watch } = fixture();
    const body = deployment('api', 2);
    ok('POST', DEPLOYMENTS, { ...body, spec: { ...objectAt(body, 'spec'), strategy: { type: 'Recreate' } } });
    time.advance(2_000);
    const watching = watch(`${DEPLOYMENTS}/api?watch=true`);
    ok('PATCH', `${DEPLOYMENTS}/api`, {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'shop:2' }] } } },
    });
    time.advance(5_000);
    const available = watching.take().map(({ object }) => numberAt(object, 'status', 'availableReplicas') ?? 0);
    assert.ok(available.includes(0));
    assert.equal(available.at(-1), 2);
  });

  it('are refused with a selector that does not match, or changed, or no containers', () => {
    const { ok, call } = fixture();
    const body = deployment('api', 1);
    const wrong = { ...body, spec: { ...objectAt(body, 'spec'), selector: { matchLabels: { app: 'other' } } } };
    assert.match(message(call('POST', DEPLOYMENTS, wrong)), /`selector` does not match template `labels`/);
    ok('POST', DEPLOYMENTS, body);
    assert.match(
      message(call('PATCH', `${DEPLOYMENTS}/api`, { spec: { replicas: -1 } })),
      /spec.replicas: Invalid value: -1/,
    );
    assert.match(
      message(call('PATCH', `${DEPLOYMENTS}/api`, { spec: { template: { spec: { containers: [] } } } })),
      /spec.template.spec.containers: Required value/,
    );
  });

  it('give up progressing after their deadline', () => {
    const { ok, time } = fixture();
    const body = deployment('api', 1, { [FAULT]: 'NeverReady' });
    ok('POST', DEPLOYMENTS, { ...body, spec: { ...objectAt(body, 'spec'), progressDeadlineSeconds: 60 } });
    time.advance(59_000);
    assert.equal(conditionOf(ok('GET', `${DEPLOYMENTS}/api`), 'Progressing')?.['status'], 'True');
    time.advance(2_000);
    const condition = conditionOf(ok('GET', `${DEPLOYMENTS}/api`), 'Progressing');
    assert.deepEqual([condition?.['status'], condition?.['reason']], ['False', 'ProgressDeadlineExceeded']);
  });

  it('replace a pod that was deleted, and take theirs with them', () => {
    const { ok, time } = fixture();
    ok('POST', DEPLOYMENTS, deployment('api', 1));
    time.advance(2_000);
    const [first = ''] = names(ok('GET', PODS));
    ok('DELETE', `${PODS}/${first}`);
    time.advance(2_000);
    const [second = ''] = names(ok('GET', PODS));
    assert.notEqual(second, first);
    ok('DELETE', `${DEPLOYMENTS}/api`);
    time.advance(2_000);
    assert.deepEqual(names(ok('GET', PODS)), []);
    assert.deepEqual(names(ok('GET', '/apis/apps/v1/namespaces/default/replicasets')), []);
  });

  it('let theirs go when orphaned, and go last when deleted in the foreground', () => {
    const { ok, call, time } = fixture();
    ok('POST', DEPLOYMENTS, deployment('a', 1));
    ok('POST', DEPLOYMENTS, deployment('b', 1));
    time.advance(2_000);
    ok('DELETE', `${DEPLOYMENTS}/a?propagationPolicy=Orphan`);
    ok('DELETE', `${DEPLOYMENTS}/b?propagationPolicy=Foreground`);
    assert.equal(call('GET', `${DEPLOYMENTS}/b`).status, 200);
    time.advance(5_000);
    assert.deepEqual(names(ok('GET', DEPLOYMENTS)), []);
    const left = names(ok('GET', '/apis/apps/v1/namespaces/default/replicasets'));
    assert.equal(left.length, 1);
    assert.match(left[0] ?? '', /^a-/);
    assert.equal(names(ok('GET', PODS)).length, 1);
  });
});

describe('kube-api: owners', () => {
  const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
  const configMap = (name: string, metadata: JsonObject = {}): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
  });
  const owned = (name: string, owners: readonly JsonObject[], metadata: JsonObject = {}): JsonObject =>
    configMap(name, {
      ...metadata,
      ownerReferences: owners.map((owner) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: stringAt(owner, 'metadata', 'name') ?? '',
        uid: stringAt(owner, 'metadata', 'uid') ?? '',
      })),
    });

  it('deleted in the foreground stay until the last dependent has gone', () => {
    const { ok, call, time } = fixture();
    const owner = ok('POST', CONFIG_MAPS, configMap('owner'));
    ok('POST', CONFIG_MAPS, owned('held', [owner], { finalizers: ['dr/keep'] }));
    ok('DELETE', `${CONFIG_MAPS}/owner?propagationPolicy=Foreground`);
    time.advance(1_000);
    assert.deepEqual(names(ok('GET', CONFIG_MAPS)), ['held', 'owner']);
    ok('PATCH', `${CONFIG_MAPS}/held`, { metadata: { finalizers: null } });
    time.advance(1_000);
    assert.equal(call('GET', `${CONFIG_MAPS}/owner`).status, 404);
  });

  it('take along only what has no other owner, and what is born to a dead one', () => {
    const { ok, time } = fixture();
    const a = ok('POST', CONFIG_MAPS, configMap('a'));
    const b = ok('POST', CONFIG_MAPS, configMap('b'));
    ok('POST', CONFIG_MAPS, owned('both', [a, b]));
    ok('POST', CONFIG_MAPS, owned('one', [a]));
    ok('DELETE', `${CONFIG_MAPS}/a`);
    time.advance(1_000);
    assert.deepEqual(names(ok('GET', CONFIG_MAPS)), ['b', 'both']);
    ok('POST', CONFIG_MAPS, owned('late', [a]));
    time.advance(1_000);
    assert.deepEqual(names(ok('GET', CONFIG_MAPS)), ['b', 'both']);
  });
});

describe('kube-api: StatefulSets', () => {
  const set = (replicas: number): JsonObject => ({ ...deployment('db', replicas), kind: 'StatefulSet' });
  const withVolume = (object: JsonObject, storageClassName: string): JsonObject => {
    const resources = { requests: { storage: '1Gi' } };
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources } };
    return { ...object, spec: { ...objectAt(object, 'spec'), volumeClaimTemplates: [claim] } };
  };

  it('go up from the lowest ordinal and down from the highest, one by one', () => {
    const { ok, time } = fixture();
    ok('POST', STATEFUL_SETS, set(3));
    time.advance(500);
    assert.deepEqual(names(ok('GET', PODS)), ['db-0']);
    time.advance(1_000);
    assert.deepEqual(names(ok('GET', PODS)), ['db-0', 'db-1']);
    time.advance(5_000);
    assert.deepEqual(names(ok('GET', PODS)), ['db-0', 'db-1', 'db-2']);
    assert.equal(at(ok('GET', `${STATEFUL_SETS}/db`), 'status', 'readyReplicas'), 3);
    ok('PATCH', `${STATEFUL_SETS}/db/scale`, { spec: { replicas: 1 } });
    time.advance(50);
    const dying = items(ok('GET', PODS)).filter((pod) => at(pod, 'metadata', 'deletionTimestamp') !== undefined);
    assert.deepEqual(
      dying.map((pod) => at(pod, 'metadata', 'name')),
      ['db-2'],
    );
    time.advance(5_000);
    assert.deepEqual(names(ok('GET', PODS)), ['db-0']);
  });

  it('have a claim for each pod and template, kept when the pod goes', () => {
    const { ok, time } = fixture();
    ok('POST', STATEFUL_SETS, withVolume(set(2), 'standard'));
    time.advance(5_000);
    assert.deepEqual(names(ok('GET', CLAIMS)), ['data-db-0', 'data-db-1']);
    assert.equal(at(ok('GET', `${CLAIMS}/data-db-0`), 'status', 'phase'), 'Bound');
    const [pod = {}] = items(ok('GET', PODS));
    const [volume] = objectsAt(pod, 'spec', 'volumes');
    assert.deepEqual(volume, { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } });
    ok('PATCH', `${STATEFUL_SETS}/db/scale`, { spec: { replicas: 0 } });
    time.advance(5_000);
    assert.deepEqual([names(ok('GET', PODS)), names(ok('GET', CLAIMS)).length], [[], 2]);
  });

  it('wait unscheduled for a volume that cannot be made, and go on when it is there', () => {
    const { ok, time } = fixture();
    ok('POST', STATEFUL_SETS, withVolume(set(2), 'fast'));
    time.advance(5_000);
    const [pod = {}, ...more] = items(ok('GET', PODS));
    assert.equal(more.length, 0, 'the second is not made before the first is ready');
    assert.match(
      stringAt(conditionOf(pod, 'PodScheduled'), 'message') ?? '',
      /unbound immediate PersistentVolumeClaims/,
    );
    const events = items(ok('GET', '/api/v1/namespaces/default/events?fieldSelector=reason%3DProvisioningFailed'));
    assert.match(stringAt(events[0], 'message') ?? '', /storageclass.storage.k8s.io "fast" not found/);
    // A person makes the claim by hand.
    ok('PATCH', `${CLAIMS}/data-db-0`, { spec: { storageClassName: 'standard' } });
    time.advance(5_000);
    assert.equal(at(ok('GET', `${STATEFUL_SETS}/db`), 'status', 'readyReplicas'), 1);
  });

  it('roll from the highest ordinal', () => {
    const { ok, time } = fixture();
    ok('POST', STATEFUL_SETS, set(2));
    time.advance(5_000);
    ok('PATCH', `${STATEFUL_SETS}/db`, {
      spec: { template: { spec: { containers: [{ name: 'main', image: 'shop:2' }] } } },
    });
    time.advance(1_000);
    const images = () => items(ok('GET', PODS)).map((pod) => at(pod, 'spec', 'containers', 0, 'image'));
    assert.deepEqual(images(), ['shop:1', 'shop:2']);
    time.advance(10_000);
    assert.deepEqual(images(), ['shop:2', 'shop:2']);
    assert.equal(at(ok('GET', `${STATEFUL_SETS}/db`), 'status', 'updatedReplicas'), 2);
  });
});

describe('kube-api: Jobs', () => {
  function exiting(codes: readonly number[]): { readonly made: Fixture; readonly runs: () => number } {
    const time = virtualTime();
    let runs = 0;
    const pods: PodRuntime = {
      run: (_, podEvents) => {
        const code = codes[Math.min(runs, codes.length - 1)] ?? 0;
        runs += 1;
        const cancel = time.after(1_000, () => {
          podEvents.exited(code, code === 0 ? undefined : 'it broke');
        });
        return {
          stop: (done) => {
            cancel();
            done();
          },
        };
      },
    };
    return { made: fixture({ time, pods }), runs: () => runs };
  }

  it('complete', () => {
    const { made } = exiting([0]);
    made.ok('POST', JOBS, job('rebuild'));
    made.time.advance(500);
    assert.equal(at(made.ok('GET', `${JOBS}/rebuild`), 'status', 'active'), 1);
    made.time.advance(2_000);
    const done = made.ok('GET', `${JOBS}/rebuild`);
    assert.equal(conditionOf(done, 'Complete')?.['status'], 'True');
    assert.equal(conditionOf(done, 'SuccessCriteriaMet')?.['status'], 'True');
    assert.equal(at(done, 'status', 'succeeded'), 1);
    assert.ok(stringAt(done, 'status', 'completionTime') !== undefined);
    assert.equal(items(made.ok('GET', PODS))[0]?.['status'] !== undefined, true);
    made.ok('DELETE', `${JOBS}/rebuild`);
    made.time.advance(1_000);
    assert.deepEqual(names(made.ok('GET', PODS)), []);
  });

  it('fail at once without a backoff limit', () => {
    const { made, runs } = exiting([3]);
    made.ok('POST', JOBS, job('rebuild', { backoffLimit: 0 }));
    made.time.advance(60_000);
    const failed = made.ok('GET', `${JOBS}/rebuild`);
    assert.deepEqual(
      [conditionOf(failed, 'Failed')?.['reason'], conditionOf(failed, 'Failed')?.['message']],
      ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'],
    );
    assert.equal(at(failed, 'status', 'failed'), 1);
    assert.equal(runs(), 1);
    const [pod] = items(made.ok('GET', PODS));
    assert.equal(at(pod, 'status', 'containerStatuses', 0, 'state', 'terminated', 'exitCode'), 3);
  });

  it('try again within their limit', () => {
    const { made, runs } = exiting([1, 1, 0]);
    made.ok('POST', JOBS, job('rebuild', { backoffLimit: 3 }));
    made.time.advance(120_000);
    const done = made.ok('GET', `${JOBS}/rebuild`);
    assert.equal(conditionOf(done, 'Complete')?.['status'], 'True');
    assert.equal(at(done, 'status', 'failed'), 2);
    assert.equal(runs(), 3);
  });

  it('end at their deadline, and go after their time to live', () => {
    const { made } = exiting([0]);
    made.ok('POST', JOBS, job('slow', { completions: 300, activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 60 }));
    made.time.advance(10_000);
    assert.equal(conditionOf(made.ok('GET', `${JOBS}/slow`), 'Failed')?.['reason'], 'DeadlineExceeded');
    made.time.advance(60_000);
    assert.equal(made.call('GET', `${JOBS}/slow`).status, 404);
    assert.equal(made.time.pending(), 0);
  });
});

describe('kube-api: namespaces', () => {
  it('are emptied before they go, and take nothing new meanwhile', () => {
    const { ok, call, time } = fixture();
    const path = '/api/v1/namespaces/shop';
    ok('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    ok('POST', '/apis/apps/v1/namespaces/shop/deployments', deployment('api', 2));
    ok('POST', `${path}/configmaps`, { kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['dr/keep'] } });
    time.advance(2_000);
    assert.equal(at(ok('DELETE', path), 'status', 'phase'), 'Active');
    time.advance(2_000);
    assert.equal(at(ok('GET', path), 'status', 'phase'), 'Terminating');
    const refused = call('POST', `${path}/configmaps`, { kind: 'ConfigMap', metadata: { name: 'new' } });
    assert.equal(refused.status, 403);
    assert.match(message(refused), /unable to create new content in namespace shop because it is being terminated/);
    assert.deepEqual(names(ok('GET', `${path}/pods`)), []);
    ok('PATCH', `${path}/configmaps/held`, { metadata: { finalizers: null } });
    time.advance(100);
    assert.equal(call('GET', path).status, 404);
    assert.equal(time.pending(), 0);
  });
});

describe('kube-api: a region that comes back', () => {
  it('is as it was, starts its pods again and has forgotten its history', () => {
    const before = fixture();
    before.ok('POST', DEPLOYMENTS, deployment('api', 2));
    before.time.advance(5_000);
    const version = before.api.hooks.resourceVersion();
    const snapshot = before.api.snapshot();
    before.api.destroy();
    before.time.advance(1_000);
    assert.equal(before.time.pending(), 0);

    const after = fixture({ restore: snapshot });
    assert.equal(after.api.hooks.resourceVersion() >= version, true);
    const uid = (made: JsonObject) => stringAt(made, 'metadata', 'uid');
    assert.equal(uid(after.ok('GET', '/api/v1/namespaces/kube-system')), '3f0c2d52-0000-4000-a000-000000000001');
    after.time.advance(100);
    assert.equal(at(after.ok('GET', `${DEPLOYMENTS}/api`), 'status', 'readyReplicas'), undefined);
    after.time.advance(5_000);
    assert.equal(at(after.ok('GET', `${DEPLOYMENTS}/api`), 'status', 'readyReplicas'), 2);
    assert.equal(after.watch(`${PODS}?watch=true&resourceVersion=3`).take()[0]?.type, 'ERROR');
    const made = after.ok('POST', '/api/v1/namespaces/default/configmaps', {
      kind: 'ConfigMap',
      metadata: { name: 'x' },
    });
    assert.ok(Number(stringAt(made, 'metadata', 'resourceVersion')) > Number(version));
  });
});
