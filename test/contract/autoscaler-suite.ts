import assert from 'node:assert/strict';
import { createAutoscalerObserver } from '../../src/drivers/workloads/autoscaler/observe.ts';
import { createClock } from '../../src/system/clock.ts';
import { bench, callMs, NAMESPACE, REGION, signal, valueOf } from './workload-bench.ts';
import type { KubeSubject } from './workload-world.ts';

const AUTOSCALERS = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`;

/** The contract of the observer of autoscalers. */
export function autoscalerSuite(subject: KubeSubject): void {
  describe(`autoscalers, over ${subject.name}`, () => {
    const b = bench(subject, 'autoscaler');
    const observer = () => createAutoscalerObserver({ clusters: b.clusters, clock: createClock(), callMs });
    const look = async (namespace = NAMESPACE) => await observer().observe({ namespace, region: REGION }, signal());
    const make = async (name: string, spec: Readonly<Record<string, number>>): Promise<void> => {
      await b.world.put('POST', AUTOSCALERS, {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' }, ...spec },
      });
    };

    it('are all that the namespace has, one replica being their least where they say nothing', async () => {
      assert.deepEqual(valueOf(await look()), []);
      await make('api', { minReplicas: 2, maxReplicas: 9 });
      await make('other', { maxReplicas: 4 });
      const target = { kind: 'Deployment', name: 'api' };
      assert.deepEqual(valueOf(await look()), [
        { name: 'api', target, minReplicas: 2, maxReplicas: 9 },
        { name: 'other', target, minReplicas: 1, maxReplicas: 4 },
      ]);
    });

    it('cannot be told where they may not be listed', async () => {
      await b.restart(({ resource }) => (resource === 'horizontalpodautoscalers' ? 'no such right' : undefined));
      const fact = await look();
      assert.ok(!fact.known && fact.why === 'Forbidden', JSON.stringify(fact));
    });
  });
}
