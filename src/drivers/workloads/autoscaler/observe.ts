import type { Fact } from '../../../api/fact.ts';
import { numberAt, recordAt, stringAt } from '../../../kube/json.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Autoscaler, AutoscalerObserver } from '../driver.ts';
import { lookInto, type LookingOptions } from '../look.ts';
import { listAll } from '../pods.ts';

/** With the operator's own reading rights: list horizontalpodautoscalers. */
export function createAutoscalerObserver(options: LookingOptions): AutoscalerObserver {
  return {
    observe: async ({ namespace, region }, signal): Promise<Fact<readonly Autoscaler[]>> =>
      await lookInto(options, { region }, signal, async (client, call) => {
        const collection = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers', namespace };
        return (await listAll(client, collection, {}, call)).map(autoscalerOf);
      }),
  };
}

function autoscalerOf(object: KubeObject): Autoscaler {
  const spec = recordAt(object, 'spec');
  const target = recordAt(spec, 'scaleTargetRef');
  const minReplicas = numberAt(spec, 'minReplicas') ?? 1;
  return {
    name: object.metadata.name,
    target: { kind: stringAt(target, 'kind') ?? '', name: stringAt(target, 'name') ?? '' },
    minReplicas,
    maxReplicas: numberAt(spec, 'maxReplicas') ?? minReplicas,
  };
}
