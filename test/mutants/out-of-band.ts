import { outOfBand as right, type OutOfBand } from '../../src/decide/plan/out-of-band.ts';
import type { PlanFacts } from '../../src/decide/plan/facts.ts';
import { writerView } from '../../src/decide/plan/writer.ts';

/** Takes what it sees for adopted, and then the field that nobody has touched for a wish to move back. */
export function outOfBand(facts: PlanFacts): OutOfBand {
  const view = writerView(facts);
  const moved = view.kind === 'At' && view.region !== facts.status.activeRegion;
  return moved ? { kind: 'Adopt', region: view.region } : right(facts);
}
