import assert from 'node:assert/strict';
import {
  deploymentRefusal,
  distinct,
  livePods,
  podObstacles,
} from '../../../../src/drivers/workloads/scaled/obstacles.ts';
import type { WorkloadObstacle } from '../../../../src/drivers/workloads/driver.ts';
import { parseObject } from '../../../../src/kube/object.ts';
import type { KubeObject } from '../../../../src/kube/object.ts';

function obstaclesOf(of: KubeObject, pods: readonly KubeObject[]): readonly WorkloadObstacle[] {
  return distinct([...deploymentRefusal(of), ...podObstacles(livePods(pods))]);
}

function deployment(...conditions: readonly object[]): KubeObject {
  return parseObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, status: { conditions } });
}

function pod(name: string, status: object, metadata: object = {}): KubeObject {
  return parseObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, status });
}

const waiting = (reason: string, message?: string): object => ({ state: { waiting: { reason, message } } });

describe('obstacles of a Deployment', () => {
  it('a refused creation is a quota only where it says so', () => {
    const failure = (message: string): object => ({
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message,
    });
    assert.deepEqual(obstaclesOf(deployment(failure('pods "api-1" is forbidden: exceeded quota: small')), []), [
      { kind: 'Quota', message: 'FailedCreate: pods "api-1" is forbidden: exceeded quota: small' },
    ]);
    assert.deepEqual(obstaclesOf(deployment(failure('admission webhook "policy" denied the request')), []), [
      { kind: 'FailedCreate', message: 'FailedCreate: admission webhook "policy" denied the request' },
    ]);
    assert.deepEqual(
      obstaclesOf(deployment({ type: 'ReplicaFailure', status: 'False', reason: 'FailedCreate' }), []),
      [],
    );
  });

  it('containers that cannot be made are quoted, init containers too', () => {
    const missing = 'secret "pg-shop" not found';
    const seen = obstaclesOf(deployment(), [
      pod('a', { containerStatuses: [waiting('CreateContainerConfigError', missing)] }),
      pod('b', {
        initContainerStatuses: [waiting('ErrImagePull', 'denied')],
        containerStatuses: [waiting('PodInitializing')],
      }),
    ]);
    assert.deepEqual(seen, [
      { kind: 'ContainerConfig', message: `CreateContainerConfigError: ${missing}` },
      { kind: 'ImagePull', message: 'ErrImagePull: denied' },
    ]);
  });

  it('what is only starting, leaving or over is none', () => {
    const failing = { containerStatuses: [waiting('CrashLoopBackOff', 'back-off')] };
    const pods = [
      pod('starting', { containerStatuses: [waiting('ContainerCreating')] }),
      pod('leaving', failing, { deletionTimestamp: '2030-01-01T00:00:00Z' }),
      pod('over', { ...failing, phase: 'Failed' }),
      pod('gated', { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    ];
    assert.deepEqual(obstaclesOf(deployment(), pods), []);
  });

  it('one trouble of many pods is said once, many troubles and long words are bounded', () => {
    const crash = (name: string, message: string): KubeObject =>
      pod(name, { containerStatuses: [waiting('CrashLoopBackOff', message)] });
    const same = Array.from({ length: 50 }, (_, n) => crash(`p${String(n)}`, 'back-off'));
    assert.equal(obstaclesOf(deployment(), same).length, 1);
    const different = Array.from({ length: 50 }, (_, n) => crash(`p${String(n)}`, `${String(n)} ${'x'.repeat(2000)}`));
    const seen = obstaclesOf(deployment(), different);
    assert.equal(seen.length, 8);
    assert.ok(seen.every(({ message }) => message.length <= 301));
  });
});
