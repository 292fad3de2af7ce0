import type { Plan } from '../api/plan.ts';
import type { UnreadRun } from '../decide/plan/facts.ts';
import { isRecord, recordAt, stringAt } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Runtime } from './runtime.ts';

/** What names this plan and cannot be read must not pass for deleted. */
export function unreadRunsOf(runtime: Runtime, plan: Plan, objects: readonly KubeObject[]): readonly UnreadRun[] {
  return objects.flatMap((object) => {
    const { namespace, name, uid } = object.metadata;
    const spec = isRecord(object.spec) ? object.spec : {};
    if (namespace !== plan.namespace || stringAt(recordAt(spec, 'planRef'), 'name') !== plan.name) return [];
    const parsed = runtime.parsed.run(object);
    if (parsed.ok) return [];
    const problem = parsed.problems.map((p) => `${p.path}: ${p.problem}; ${p.remedy}.`).join(' ');
    return [{ name, uid, problem: problem.slice(0, 700) }];
  });
}
