import { parsePlanStatus } from '../api/parse-plan-status.ts';
import { parsePlanWish } from '../api/parse-plan-wish.ts';
import { parsePlan } from '../api/parse-plan.ts';
import { parseRegion } from '../api/parse-region.ts';
import { parseRun } from '../api/parse-run.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { Plan, PlanSpec, PlanWish } from '../api/plan.ts';
import type { Parsed } from '../api/reader.ts';
import type { Region } from '../api/region.ts';
import type { Run } from '../api/run.ts';
import { buildGraph } from '../decide/graph.ts';

/** Wire objects are immutable and looked at in every pass: each is parsed once, and forgotten with it. */
export interface ParsedObjects {
  plan(object: object): Parsed<Plan>;
  planWish(object: object): Parsed<PlanWish>;
  planStatus(object: object): Parsed<PlanStatus>;
  run(object: object): Parsed<Run>;
  region(object: object): Parsed<Region>;
}

export function createParsedObjects(): ParsedObjects {
  return {
    plan: once((object) => parsePlan(object, worstCaseSteps)),
    planWish: once(parsePlanWish),
    planStatus: once(parsePlanStatus),
    run: once(parseRun),
    region: once(parseRegion),
  };
}

/** The longest graph that the plan can lead to: what a Run's status has to hold. */
function worstCaseSteps(spec: PlanSpec): number {
  const [first, second] = spec.regions;
  const modes = ['Planned', 'Forced'] as const;
  const lengths = [first, second].flatMap((target) => modes.map((mode) => buildGraph({ spec, target, mode }).length));
  return Math.max(...lengths);
}

function once<T>(parse: (object: unknown) => T): (object: object) => T {
  const known = new WeakMap<object, { readonly value: T }>();
  return (object) => {
    const had = known.get(object);
    if (had !== undefined) return had.value;
    const value = parse(object);
    known.set(object, { value });
    return value;
  };
}
