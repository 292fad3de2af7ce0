import assert from 'node:assert/strict';
import type { Fact } from '../../src/api/fact.ts';
import type { ApplyResult, EffectToken } from '../../src/drivers/outcome.ts';
import type { Clusters } from '../../src/drivers/workloads/clusters.ts';
import type { Authorize } from '../../src/sandbox/models/kube-api/index.ts';
import { ran } from './matrix.ts';
import { NAMESPACE, type KubeSubject, type WorkloadWorld } from './workload-world.ts';

export { NAMESPACE };
export const REGION = 'us-west-2';
export const ACCOUNT = `system:serviceaccount:${NAMESPACE}:maestro-dr`;
/** Generous: a busy machine must not fail a test that is not about time. */
export const callMs = 30_000;

export const token: EffectToken = {
  identity: 'payments/checkout',
  epoch: 2,
  runUid: 'run-2',
  token: 'checkout-2/scale/api/1',
};
export const signal = (): AbortSignal => new AbortController().signal;

export function valueOf<T>(fact: Fact<T>): T {
  assert.ok(fact.known, fact.known ? '' : `${fact.why}: ${fact.detail}`);
  return fact.value;
}

export function refuses(result: ApplyResult, code: string, message: RegExp): void {
  assert.ok(result.kind === 'Refused', JSON.stringify(result));
  assert.equal(result.code, code);
  assert.match(result.message, message);
}

export interface Bench {
  readonly world: WorkloadWorld;
  readonly restart: (authorize: Authorize) => Promise<void>;
  readonly clusters: Clusters;
}

export function bench(subject: KubeSubject, driver: string): Bench {
  let world: WorkloadWorld | undefined;
  const current = (): WorkloadWorld => {
    assert.ok(world !== undefined, 'the world has not been started');
    return world;
  };
  beforeEach(async () => {
    world = await subject.open();
  });
  afterEach(async function closed() {
    await world?.close();
    if (this.currentTest?.state === 'passed') ran('workloads', driver, subject.against);
  });
  return {
    get world() {
      return current();
    },
    restart: async (authorize) => {
      await current().close();
      world = undefined;
      world = await subject.open(authorize);
    },
    clusters: (region) =>
      region === REGION ? current().client : { unavailable: 'Unreachable', detail: `no Region ${region}` },
  };
}
