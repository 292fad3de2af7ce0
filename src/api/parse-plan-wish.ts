import { expectKind, parseMeta } from './parse-meta.ts';
import type { PlanWish } from './plan.ts';
import { finished, reader, type Parsed, type Problem } from './reader.ts';

/** Reads of a plan what a Run asks of it, whatever else is written there. */
export function parsePlanWish(object: unknown): Parsed<PlanWish> {
  const problems: Problem[] = [];
  const root = reader(object, '', problems);
  expectKind(root, 'DisasterRecoveryPlan');
  const { uid, generation, deleting } = parseMeta(root);
  const activeRegion = root.object('spec').text('activeRegion');
  return finished({ uid, generation, deleting, spec: { activeRegion } }, problems);
}
