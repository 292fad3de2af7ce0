import { parsePlan } from '../../src/api/parse-plan.ts';
import type { Run } from '../../src/api/run.ts';
import { runFacts as right } from '../../src/controller/run-facts.ts';
import type { Runtime } from '../../src/controller/runtime.ts';
import type { RunFacts } from '../../src/decide/facts.ts';
import type { KubeObject } from '../../src/kube/object.ts';

/** Follows the plan as it is now. */
export function runFacts(runtime: Runtime, run: Run, object: KubeObject | undefined, live: boolean): RunFacts {
  const facts = right(runtime, run, object, live);
  const plan = parsePlan(object);
  if (run.status.snapshot === undefined || !plan.ok) return facts;
  return { ...facts, run: { ...run, status: { ...run.status, snapshot: plan.value.spec } } };
}
